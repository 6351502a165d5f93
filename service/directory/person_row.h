// SPDX-License-Identifier: Apache-2.0
// The row in our store of a person whose password is elsewhere: there the methods hang.
#pragma once

#include "common/base/clock.h"
#include "service/directory/directory.h"
#include "service/store/flow_store.h"

namespace sspr::service {

// Makes it, or brings it up to what the directory says. Throws StoreFailure.
void KeepPersonRow(FlowStore& store, const DirectoryUser& user, UnixSeconds now);

}  // namespace sspr::service
