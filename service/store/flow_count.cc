// SPDX-License-Identifier: Apache-2.0
#include "service/store/flow_count.h"

#include <limits>

#include "service/store/sql_access.h"

namespace sspr::service {

std::int64_t CountOpenFlows(SqlDatabase& database, UnixSeconds now) {
  constexpr long long kLongestFlowSeconds = 15 * 60;
  return database.Read([&](soci::session& sql) -> std::int64_t {
    const long long from =
        now == 0 ? std::numeric_limits<long long>::max() : now - kLongestFlowSeconds;
    const auto closed = static_cast<long long>(FlowState::kClosed);
    const auto submitted = static_cast<long long>(FlowState::kSubmitted);
    long long count = 0;
    sql << "SELECT COUNT(*) FROM flows WHERE created_at > :since AND state <> :closed AND state <> "
           ":submitted",
        soci::into(count), soci::use(from, "since"), soci::use(closed, "closed"),
        soci::use(submitted, "submitted");
    return count;
  });
}

}  // namespace sspr::service
