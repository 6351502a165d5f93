// SPDX-License-Identifier: Apache-2.0
// The count of failed logins that pam_faillock keeps: a person who tried the forgotten password a
// few times would otherwise be locked out with the new one.
#pragma once

#include <sys/types.h>

#include <string>

#include "common/base/result.h"

namespace sspr::setpw {

// pam_faillock's folder: `dir` of <etc>/security/faillock.conf, else /run/faillock.
std::string FailureTallyFolder(const std::string& etc);

// Empties the account's tally as `faillock --reset` does. No error when there is none. Refused,
// as kInternal: anything but a regular file of root or the account with a single name.
Status ClearFailureTally(const std::string& folder, const std::string& account, uid_t uid);

}  // namespace sspr::setpw
