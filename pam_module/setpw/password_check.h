// SPDX-License-Identifier: Apache-2.0
// Everything that this machine has to say about a new password, before anything is sent anywhere:
// text, quality, earlier passwords. What passes comes back as the hash to be set.
#pragma once

#include <string>
#include <variant>

#include "common/base/secret.h"
#include "pam_module/setpw/account_writer.h"
#include "pam_module/setpw/machine_policy.h"
#include "pam_module/setpw/password_text.h"

namespace sspr::setpw {

using CheckedPassword = std::variant<CryptHash, Rejection>;

// Runs in a child process for at most half a minute.
CheckedPassword CheckAndHash(const Secret& password, const LocalAccount& account,
                             const MachinePolicy& policy);

}  // namespace sspr::setpw
