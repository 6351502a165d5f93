// SPDX-License-Identifier: Apache-2.0
// What comes back with an older state of the database and must not: whatever works once, and may
// have worked since.
#pragma once

#include <string>
#include <vector>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

// In one step: flows, sessions and refresh tokens end, what was pending counts as failed, every
// authenticator's codes up to now are spent, recovery codes and passes are gone. The names of those
// who had codes or a pass. Throws StoreFailure.
std::vector<std::string> VoidRestoredState(SqlDatabase& database, UnixSeconds now);

}  // namespace sspr::service
