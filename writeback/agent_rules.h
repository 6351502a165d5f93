// SPDX-License-Identifier: Apache-2.0
// The agent's half of the rule: what it does for whom. The other half is the service's policy, and
// both are needed.
#pragma once

#include <string>
#include <utility>

#include "service/directory/directory.h"
#include "writeback/agent_config.h"

namespace sspr {

class AgentRules {
 public:
  explicit AgentRules(AgentRuleSettings settings) : settings_(std::move(settings)) {}

  // Empty when it may be; otherwise why not, for the administrator: which key says so.
  std::string NoReset(const service::DirectoryUser& user) const;
  std::string NoUnlock(const service::DirectoryUser& user) const;
  std::string NoSignIn() const;

 private:
  std::string NotFor(const service::DirectoryUser& user) const;

  const AgentRuleSettings settings_;
};

}  // namespace sspr
