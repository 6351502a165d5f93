// SPDX-License-Identifier: Apache-2.0
#include "writeback/agent_rules.h"

#include <algorithm>

namespace sspr {
namespace {

bool IsInAny(const service::DirectoryUser& user, const std::vector<std::string>& groups) {
  return std::ranges::any_of(groups, [&user](const std::string& group) {
    return std::ranges::find(user.groups, group) != user.groups.end();
  });
}

}  // namespace

std::string AgentRules::NotFor(const service::DirectoryUser& user) const {
  if (IsInAny(user, settings_.never_groups)) {
    return "the person is in one of never_groups in [allow] of sspr-writeback.conf";
  }
  if (!settings_.groups.empty() && !IsInAny(user, settings_.groups)) {
    return "the person is in none of groups in [allow] of sspr-writeback.conf";
  }
  return {};
}

std::string AgentRules::NoReset(const service::DirectoryUser& user) const {
  if (!settings_.reset) return "reset = yes is missing in [allow] of sspr-writeback.conf";
  return NotFor(user);
}

std::string AgentRules::NoUnlock(const service::DirectoryUser& user) const {
  if (!settings_.unlock) return "unlock = yes is missing in [allow] of sspr-writeback.conf";
  return NotFor(user);
}

std::string AgentRules::NoSignIn() const {
  if (settings_.sign_in) return {};
  return "sign_in = no stands in [allow] of sspr-writeback.conf";
}

}  // namespace sspr
