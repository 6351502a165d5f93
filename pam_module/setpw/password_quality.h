// SPDX-License-Identifier: Apache-2.0
// libpwquality with the machine's own configuration: the same library, files and options that
// pam_pwquality uses when passwd(1) is called.
#pragma once

#include <optional>
#include <string>

#include "common/base/secret.h"
#include "pam_module/setpw/machine_policy.h"
#include "pam_module/setpw/password_text.h"

namespace sspr::setpw {

// Nothing when the password is good enough. kTooWeak carries the library's sentence; kInternal when
// its configuration cannot be read (the detail is for the log).
std::optional<Rejection> CheckPasswordQuality(const Secret& password, const std::string& account,
                                              const MachinePolicy& policy);

}  // namespace sspr::setpw
