// SPDX-License-Identifier: Apache-2.0
// The arithmetic of a limit, the same for every store.
#pragma once

#include <vector>

#include "service/store/records.h"

namespace sspr::service {

// newest: the times of the bucket's newest events, newest first, none after now; at least the last
// rule.max of them, where there are as many. 0: allowed now.
int SecondsUntilAllowed(const LimitRule& rule, const std::vector<UnixSeconds>& newest,
                        UnixSeconds now);

}  // namespace sspr::service
