// SPDX-License-Identifier: Apache-2.0
#include "pam_module/flow/confinement.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "pam_module/confine/memory.h"

namespace sspr {
namespace {

// The connection, the log, sspr-setpw, the service over IPv4 and IPv6, certificates, libraries.
constexpr rlim_t kMostDescriptors = 64;

bool SetLimit(__rlimit_resource_t which, rlim_t value) {
  const rlimit limit{value, value};
  return setrlimit(which, &limit) == 0;
}

Error Fault(const char* what) {
  return {Errc::kInternal, std::string(what) + ": " + std::strerror(errno)};
}

}  // namespace

Status TidyProcess(bool keep_output) {
  if (clearenv() != 0 || setenv("PATH", "/usr/bin:/bin", 1) != 0 || setenv("LC_ALL", "C", 1) != 0) {
    return Fault("environment");
  }
  if (!keep_output) {
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0) return Fault("/dev/null");
    if (null > 2) close(null);
  }
  if (close_range(3, ~0u, 0) != 0) return Fault("close_range");
  if (chdir("/") != 0) return Fault("chdir");
  umask(077);
  if (!SetLimit(RLIMIT_CORE, 0)) return Fault("RLIMIT_CORE");
  // No file grows; a person at a terminal may keep what --recover prints in one.
  if (!keep_output && !SetLimit(RLIMIT_FSIZE, 0)) return Fault("RLIMIT_FSIZE");
  if (!SetLimit(RLIMIT_NOFILE, kMostDescriptors)) return Fault("RLIMIT_NOFILE");
  if (!SetLimit(RLIMIT_MSGQUEUE, 0)) return Fault("RLIMIT_MSGQUEUE");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Fault("prctl");
  return KeepOutOfSwap();
}

Status DropTo(const std::string& user) {
  if (geteuid() != 0 && getuid() != 0) return Ok();
  std::vector<char> memory(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  errno = getpwnam_r(user.c_str(), &entry, memory.data(), memory.size(), &found);
  if (found == nullptr) return Fault(("user " + user).c_str());
  if (entry.pw_uid == 0 || entry.pw_gid == 0) {
    return Error{Errc::kInternal, "user " + user + " has privileges"};
  }
  if (setgroups(0, nullptr) != 0) return Fault("setgroups");
  if (setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid) != 0) return Fault("setresgid");
  if (setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid) != 0) return Fault("setresuid");
  uid_t uids[3];
  gid_t gids[3];
  if (getresuid(&uids[0], &uids[1], &uids[2]) != 0 ||
      getresgid(&gids[0], &gids[1], &gids[2]) != 0) {
    return Fault("getresuid");
  }
  for (int i = 0; i < 3; ++i) {
    if (uids[i] != entry.pw_uid || gids[i] != entry.pw_gid) {
      return Error{Errc::kInternal, "the user was not changed for good"};
    }
  }
  if (setuid(0) == 0 || getgroups(0, nullptr) != 0) {
    return Error{Errc::kInternal, "the user was not changed for good"};
  }
  // The change of user made the process dumpable again, on some kernels.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Fault("prctl");
  return Ok();
}

}  // namespace sspr
