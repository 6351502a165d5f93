// SPDX-License-Identifier: Apache-2.0
// The [machine] section of /etc/sspr/sspr.conf as sspr-setpw understands it. docs/configuration.md
// says what each key means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/ini_file.h"

namespace sspr {

struct SetpwConfig {
  std::string device_id_file = "/etc/sspr/device.id";
  std::string permit_key_file = "/etc/sspr/permit.pub";
  std::string state_dir = "/var/lib/sspr";
  std::uint32_t min_uid = 1000;
  std::uint32_t max_uid = 60000;
  std::vector<std::string> deny_groups = {"root",   "wheel", "sudo", "admin",
                                          "docker", "lxd",   "disk", "shadow"};
  std::string flow_user = "sspr";
};

// kPolicy, naming file and line, when a value is refused or a key is unknown to all our programs.
Result<SetpwConfig> ReadSetpwConfig(const IniFile& file);

}  // namespace sspr
