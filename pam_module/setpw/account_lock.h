// SPDX-License-Identifier: Apache-2.0
// One reset per account at a time: a lock on the byte of the account's uid in one file of the state
// folder. It is held while the object lives and dies with its process, so there is nothing to clean
// up.
#pragma once

#include <sys/types.h>

#include <optional>

#include "pam_module/setpw/folder_files.h"

namespace sspr::setpw {

class AccountLock {
 public:
  // Nothing when another process holds it, or the lock file cannot be opened.
  static std::optional<AccountLock> TryTake(const Folder& state, uid_t uid);

 private:
  explicit AccountLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace sspr::setpw
