// SPDX-License-Identifier: Apache-2.0
// How many flows are under way, for who watches the service.
#pragma once

#include <cstdint>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

// Flows that are not over and were begun in the quarter of an hour before now. Throws StoreFailure.
std::int64_t CountOpenFlows(SqlDatabase& database, UnixSeconds now);

}  // namespace sspr::service
