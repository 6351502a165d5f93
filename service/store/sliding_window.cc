// SPDX-License-Identifier: Apache-2.0
#include "service/store/sliding_window.h"

#include <algorithm>
#include <limits>

namespace sspr::service {

int SecondsUntilAllowed(const LimitRule& rule, const std::vector<UnixSeconds>& newest,
                        UnixSeconds now) {
  if (rule.max <= 0) return std::numeric_limits<int>::max();
  const auto max = static_cast<std::size_t>(rule.max);
  if (newest.size() < max) return 0;
  // Nothing is counted while the bucket is shut, so the newest event is the one that shut it.
  const UnixSeconds last = newest.front();
  const UnixSeconds first = newest[max - 1];
  UnixSeconds opens = first + rule.window_seconds;
  if (rule.off_seconds > 0 && last - first < rule.window_seconds) {
    opens = std::max(opens, last + rule.off_seconds);
  }
  if (opens <= now) return 0;
  return static_cast<int>(std::min<UnixSeconds>(opens - now, std::numeric_limits<int>::max()));
}

}  // namespace sspr::service
