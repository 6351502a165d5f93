// SPDX-License-Identifier: Apache-2.0
// What the tenant has subscribed to (Microsoft Graph, subscribedSkus).
#pragma once

#include <chrono>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/graph/graph_settings.h"

namespace sspr::service {

// Whether a subscription that is in force holds the service plan, as "AAD_PREMIUM_P2". Needs the
// application permission LicenseAssignment.Read.All, or a wider one: kDenied without. kProtocol,
// and what GraphPool::Ask says, otherwise.
Result<bool> HasServicePlan(const GraphSettings& settings, std::string_view plan,
                            std::chrono::milliseconds patience, const Clock& clock);

}  // namespace sspr::service
