// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/user_child.h"

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace sspr::setpw {
namespace {

bool BecomeForGood(uid_t uid, gid_t gid, pid_t parent) {
  if (uid == 0 || gid == 0) return false;
  if (setgroups(0, nullptr) != 0 || setresgid(gid, gid, gid) != 0 ||
      setresuid(uid, uid, uid) != 0) {
    return false;
  }
  // The kernel forgets both when the user changes.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
      getppid() != parent) {
    return false;
  }
  return getuid() == uid && geteuid() == uid && getgid() == gid && getegid() == gid &&
         setresuid(0, 0, 0) != 0;
}

}  // namespace

Result<ChildAnswer> RunAsUser(uid_t uid, gid_t gid, const std::function<ChildAnswer()>& work,
                              std::chrono::milliseconds limit) {
  const pid_t parent = getpid();
  return RunInChild(
      [&]() -> ChildAnswer {
        if (!BecomeForGood(uid, gid, parent)) return {};  // an empty answer is a failure
        return work();
      },
      limit);
}

}  // namespace sspr::setpw
