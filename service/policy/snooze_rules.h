// SPDX-License-Identifier: Apache-2.0
// How long, and how often, a person may put off the nudge to register.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/policy/policy.h"

namespace sspr::service {

struct SnoozeRule {
  int days = 0;   // 0: it cannot be put off
  int times = 0;  // 0: always
};

// "GROUP:DAYS:TIMES" between spaces, days 0 to 30, times 0 to 100; in the order in which they are
// written, with single spaces. Nothing when a word is none.
std::optional<std::string> NormalSnoozeList(std::string_view text);

// The first that is of one of the groups; else that of everybody.
SnoozeRule SnoozeRuleFor(const Policy& policy, const std::vector<std::string>& groups);

}  // namespace sspr::service
