// SPDX-License-Identifier: Apache-2.0
// The policy for one person, by the groups that the directory knows.
#pragma once

#include <string>
#include <vector>

#include "service/policy/policy.h"

namespace sspr::service {

// Whether the person may reset at all.
bool IsInScope(const Policy& policy, const std::vector<std::string>& groups);

bool IsAdministrator(const Policy& policy, const std::vector<std::string>& groups);

// The policy with the methods and the gates of this person. tenant_gates stays that of everybody.
Policy PolicyFor(Policy policy, const std::vector<std::string>& groups,
                 RiskLevel risk = RiskLevel::kNone);

}  // namespace sspr::service
