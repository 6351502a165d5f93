// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "service/pages/page_host.h"
#include "service/store/flow_store.h"

namespace sspr::service {

// Whom the policy says to turn to, as it is at each page. The store outlives it.
std::function<HelpDesk()> HelpDeskOf(FlowStore& store);

}  // namespace sspr::service
