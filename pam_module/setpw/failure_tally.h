// SPDX-License-Identifier: Apache-2.0
// The count of failed logins that pam_faillock keeps: a person who tried the forgotten password a
// few times would otherwise be locked out with the new one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace sspr::setpw {

// pam_faillock's rules, as it has them where nothing is written.
struct FailureLimits {
  std::uint32_t deny = 3;             // 0: nobody is kept out
  std::uint32_t fail_interval = 900;  // seconds
  std::uint32_t unlock_time = 600;    // seconds; 0: never by itself
};

// pam_faillock's folder: `dir` of <etc>/security/faillock.conf, else /run/faillock.
std::string FailureTallyFolder(const std::string& etc);

// Of <etc>/security/faillock.conf and, above it, of pam_faillock's lines in common-auth (where
// there is none, system-auth); what cannot be read counts as not written.
FailureLimits ReadFailureLimits(const std::string& etc);

// Whether pam_faillock would refuse the account now, whatever its password. False where there is no
// tally or none that can be read.
bool IsLockedByFailures(const std::string& folder, const std::string& account,
                        const FailureLimits& limits, UnixSeconds now);

// Empties the account's tally as `faillock --reset` does. No error when there is none. Refused,
// as kInternal: anything but a regular file of root or the account with a single name.
Status ClearFailureTally(const std::string& folder, const std::string& account, uid_t uid);

// The same for an account of a directory, whose uid no file of this machine has: pam_faillock gave
// the tally to it. Refused, as kInternal, also when the owner is root, nobody or below min_uid.
Status ClearDirectoryTally(const std::string& folder, const std::string& account, uid_t min_uid);

}  // namespace sspr::setpw
