// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/account_lock.h"

#include <fcntl.h>

namespace sspr::setpw {

std::optional<AccountLock> AccountLock::TryTake(const Folder& state, uid_t uid) {
  UniqueFd fd(openat(state.fd(), "accounts.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return std::nullopt;
  struct flock byte {};
  byte.l_type = F_WRLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = static_cast<off_t>(uid);
  byte.l_len = 1;
  if (fcntl(fd.get(), F_OFD_SETLK, &byte) != 0) return std::nullopt;
  return AccountLock(std::move(fd));
}

}  // namespace sspr::setpw
