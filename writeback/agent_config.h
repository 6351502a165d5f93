// SPDX-License-Identifier: Apache-2.0
// The configuration of sspr-writeback: one INI file, read strictly. docs/writeback.md has every
// key.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "service/directory/ldap_settings.h"

namespace sspr {

inline constexpr char kAgentConfigFile[] = "/etc/sspr-writeback/sspr-writeback.conf";

// This side's half of the rule: what the agent does for whom, whatever the service asks.
struct AgentRuleSettings {
  bool reset = false;
  bool unlock = false;
  bool sign_in = true;                    // passwords are verified
  std::vector<std::string> groups;        // who may; empty: everybody
  std::vector<std::string> never_groups;  // who never may
};

struct AgentConfig {
  std::string base_url;  // https://host[:port]/tenant
  std::string ca_file;   // empty: the machine's
  std::string folder = "/var/lib/sspr-writeback";
  std::string name;  // for administrators; the host's otherwise
  int workers = 4;
  AgentRuleSettings allow;
  service::LdapSettings directory;
};

// kPolicy, "FILE:LINE: why", when the file is refused; kInternal when it cannot be read.
Result<AgentConfig> LoadAgentConfig(const std::string& path);

}  // namespace sspr
