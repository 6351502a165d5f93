// SPDX-License-Identifier: Apache-2.0
// The lock of the password files that passwd, chpasswd, usermod and vipw take too (lckpwdf(3)): a
// write lock on <etc>/.pwd.lock. Held while the object lives; a killed process loses it.
#pragma once

#include <chrono>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "pam_module/setpw/folder_files.h"

namespace sspr::setpw {

class PasswordFileLock {
 public:
  // Polls for at most `wait`: kTimedOut when another program holds it all the time, kInternal when
  // the lock file cannot be opened.
  static Result<PasswordFileLock> Take(const Folder& etc, const Clock& clock,
                                       std::chrono::milliseconds wait);

 private:
  explicit PasswordFileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace sspr::setpw
