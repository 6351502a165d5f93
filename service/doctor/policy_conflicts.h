// SPDX-License-Identifier: Apache-2.0
// Where the service's policy and the directory's disagree, so that people learn of a rule only when
// the directory refuses their password, or of one that does not count.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "service/doctor/report.h"
#include "service/policy/policy.h"

namespace sspr::service {

struct DirectoryRules {
  std::size_t min_length = 0;
  bool three_kinds = false;  // of characters
  int history = 0;
  std::chrono::seconds min_age{0};
};

// subject: whose rules.
void ComparePolicies(const Policy& ours, const DirectoryRules& theirs, std::string_view subject,
                     DoctorReport& report);

}  // namespace sspr::service
