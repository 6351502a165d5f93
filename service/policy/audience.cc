// SPDX-License-Identifier: Apache-2.0
#include "service/policy/audience.h"

#include "service/methods/method_kind.h"
#include "service/policy/group_names.h"
#include "service/policy/policy_keys.h"

namespace sspr::service {
namespace {

constexpr int kMostGates = 2;

}  // namespace

bool IsInScope(const Policy& policy, const std::vector<std::string>& groups) {
  switch (static_cast<Scope>(policy.scope)) {
    case Scope::kNobody:
      return false;
    case Scope::kGroups:
      return HasOneOf(policy.scope_groups, groups);
    case Scope::kEverybody:
      return true;
  }
  return false;
}

bool IsAdministrator(const Policy& policy, const std::vector<std::string>& groups) {
  return HasOneOf(policy.administrator_groups, groups);
}

Policy PolicyFor(Policy policy, const std::vector<std::string>& groups, RiskLevel risk) {
  const bool is_administrator = IsAdministrator(policy, groups);
  const bool is_risky =
      policy.risk_two_gates_from != 0 && static_cast<int>(risk) >= policy.risk_two_gates_from;
  if (is_administrator || is_risky) policy.required_gates = kMostGates;
  if (is_risky && policy.sign_in_gates < kMostGates) {
    policy.sign_in_gates = kMostGates;
    policy.gates_by_risk = 1;
  }
  for (const MethodTraits& traits : kMethodTraits) {
    const MethodSettings& settings = SettingsOf(traits.kind);
    const std::string& allowed = policy.*settings.groups;
    const bool is_allowed = allowed.empty() || HasOneOf(allowed, groups);
    if (!is_allowed || (is_administrator && !traits.for_administrators))
      policy.*settings.enabled = 0;
  }
  return policy;
}

}  // namespace sspr::service
