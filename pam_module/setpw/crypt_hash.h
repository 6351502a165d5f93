// SPDX-License-Identifier: Apache-2.0
// crypt(3) of libxcrypt. Slow and hungry by design (16 MiB for yescrypt), so it is called in a
// process of its own only (child_work.h).
#pragma once

#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "pam_module/setpw/account_writer.h"
#include "pam_module/setpw/machine_policy.h"

namespace sspr::setpw {

// A new hash with a fresh salt. kInternal when libxcrypt does not take method or cost.
Result<CryptHash> HashPassword(const Secret& password, const HashMethod& method);

// False also for a hash that libxcrypt cannot compute.
bool MatchesHash(const Secret& password, std::string_view hash);

}  // namespace sspr::setpw
