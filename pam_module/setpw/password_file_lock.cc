// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/password_file_lock.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace sspr::setpw {
namespace {

constexpr char kLockFile[] = ".pwd.lock";
constexpr std::chrono::milliseconds kPoll{50};

void Pause(std::chrono::milliseconds time) {
  const timespec pause{0, static_cast<long>(time.count()) * 1'000'000};
  nanosleep(&pause, nullptr);
}

}  // namespace

Result<PasswordFileLock> PasswordFileLock::Take(const Folder& etc, const Clock& clock,
                                                std::chrono::milliseconds wait) {
  UniqueFd fd(openat(etc.fd(), kLockFile, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return {Errc::kInternal, "open " + etc.path() + "/" + kLockFile + ": " + strerror(errno)};
  }
  const auto deadline = clock.Monotonic() + wait;
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  while (fcntl(fd.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) {
      return {Errc::kInternal, std::string("lock the password files: ") + strerror(errno)};
    }
    if (clock.Monotonic() >= deadline) {
      return {Errc::kTimedOut, "another program holds the password files"};
    }
    Pause(kPoll);
  }
  return PasswordFileLock(std::move(fd));
}

}  // namespace sspr::setpw
