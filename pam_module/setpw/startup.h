// SPDX-License-Identifier: Apache-2.0
// What sspr-setpw reads before it listens to anybody: configuration, enrolment, the machine's rules
// for passwords. Files that others could write are refused.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/config/setpw_config.h"
#include "pam_module/setpw/local_reset.h"
#include "pam_module/setpw/machine_policy.h"

namespace sspr::setpw {

struct Startup {
  SetpwConfig config;
  std::optional<Enrolment> enrolment;  // nothing when device id or permit key are not there
  MachinePolicy policy;
  std::string journal_binding;  // device and machine id
};

// The error names file and line, or the file, and what is wrong with it.
Result<Startup> LoadStartup(const std::string& config_file, const std::string& etc);

// The uid of a user of <etc>/passwd; nothing unless there is exactly one.
std::optional<uid_t> UidOf(const std::string& etc, const std::string& user);

}  // namespace sspr::setpw
