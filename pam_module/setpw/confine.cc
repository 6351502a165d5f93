// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/confine.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "pam_module/confine/landlock.h"
#include "pam_module/confine/memory.h"

namespace sspr::setpw {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

constexpr rlim_t kMostDescriptors = 64;

constexpr int kAllowed[] = {
    // the caller, the log, the child's pipe
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(connect),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(getsockopt),
    SCMP_SYS(pipe2),
    SCMP_SYS(shutdown),
    // files
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(lseek),
    SCMP_SYS(pread64),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(getdents64),
    SCMP_SYS(fcntl),
    SCMP_SYS(flock),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(unlinkat),
    SCMP_SYS(linkat),
    SCMP_SYS(fsync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fchown),
    SCMP_SYS(fchmod),
    SCMP_SYS(fgetxattr),
    SCMP_SYS(fsetxattr),
    SCMP_SYS(dup),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(ioctl),
    // memory, time, random numbers
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(mlockall),
    SCMP_SYS(getrandom),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    // this process and its child, which becomes the user whose home it works in
    SCMP_SYS(setgroups),
    SCMP_SYS(setresgid),
    SCMP_SYS(setresuid),
    SCMP_SYS(wait4),
    SCMP_SYS(kill),
    SCMP_SYS(tgkill),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(prctl),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(sched_yield),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
};

struct FreeFilter {
  void operator()(void* filter) const noexcept { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FreeFilter>;

Error Failed(const char* what) { return {Errc::kInternal, what}; }

bool SetLimit(int which, rlim_t value) {
  const rlimit limit{value, value};
  return setrlimit(static_cast<__rlimit_resource_t>(which), &limit) == 0;
}

// A parent may have blocked or ignored signals; a write past RLIMIT_FSIZE must be an error.
bool ResetSignals() {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < SIGRTMIN; ++number) {
    if (number != SIGKILL && number != SIGSTOP) std::signal(number, SIG_DFL);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

bool PointAtNothing(int fd, int nothing) { return fd == nothing || dup2(nothing, fd) == fd; }

Status TakeStreams(Streams streams) {
  const int nothing = open("/dev/null", O_RDWR);
  if (nothing < 0) return Failed("open /dev/null");
  for (int fd = 0; fd <= 2; ++fd) {
    const bool closed = fcntl(fd, F_GETFD) < 0;
    const bool silenced = streams == Streams::kSocketOnly && fd != 0;
    if ((closed || silenced) && !PointAtNothing(fd, nothing)) return Failed("dup2");
  }
  if (close_range(3, ~0U, 0) != 0) return Failed("close_range");
  return Ok();
}

bool AllowWhere(scmp_filter_ctx filter, int call, scmp_arg_cmp condition) {
  return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition) == 0;
}

bool FillFilter(scmp_filter_ctx filter) {
  for (const int call : kAllowed) {
    if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 0, nullptr) != 0) return false;
  }
  constexpr scmp_datum_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                       CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  const auto lacks = [](unsigned argument, scmp_datum_t bits) {
    return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, bits, 0};
  };
  return AllowWhere(filter, SCMP_SYS(mmap), lacks(2, PROT_EXEC)) &&
         AllowWhere(filter, SCMP_SYS(mprotect), lacks(2, PROT_EXEC)) &&
         AllowWhere(filter, SCMP_SYS(clone), lacks(0, kNamespaces)) &&
         // The child asks for the limit of locked memory.
         AllowWhere(filter, SCMP_SYS(prlimit64), {2, SCMP_CMP_EQ, 0, 0}) &&
         // The log's socket alone, should the logger have been started anew.
         AllowWhere(filter, SCMP_SYS(socket), {0, SCMP_CMP_EQ, AF_UNIX, 0}) &&
         // glibc then falls back to clone.
         seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, nullptr) == 0;
}

}  // namespace

Status TakeFixedSurroundings(Streams streams) {
  if (Status taken = TakeStreams(streams); !taken) return taken;
  if (clearenv() != 0 || setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1) != 0) {
    return Failed("clear the environment");
  }
  umask(077);
  if (chdir("/") != 0) return Failed("chdir /");
  if (!ResetSignals()) return Failed("reset signals");
  if (!SetLimit(RLIMIT_CORE, 0)) return Failed("RLIMIT_CORE");
  if (geteuid() == 0 && !SetLimit(RLIMIT_FSIZE, RLIM_INFINITY)) return Failed("RLIMIT_FSIZE");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Failed("PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Failed("PR_SET_NO_NEW_PRIVS");
  if (!SetLimit(RLIMIT_NOFILE, kMostDescriptors)) return Failed("RLIMIT_NOFILE");
  return KeepOutOfSwap();
}

Status RestrictFiles(const WritableFiles& files) {
  if (kIsSanitized) return Ok();
  Landlock landlock(Landlock::Reading::kFree);
  for (const std::string& folder : files.folders) landlock.AllowReplacing(folder);
  // Where it is not there yet, its parent: pam_faillock may make it while a person types.
  std::string tally = files.tally_folder;
  while (tally.size() > 1 && access(tally.c_str(), F_OK) != 0) {
    tally.resize(tally.find_last_of('/'));
  }
  if (tally.size() > 1) landlock.AllowWriting(tally);
  const Result<bool> enforced = landlock.Enforce();
  if (!enforced) return enforced.error();
  return Ok();
}

Status RestrictSystemCalls() {
  if (kIsSanitized) return Ok();
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (filter == nullptr || !FillFilter(filter.get())) return Failed("build the seccomp filter");
  if (seccomp_load(filter.get()) != 0) return Failed("load the seccomp filter");
  return Ok();
}

}  // namespace sspr::setpw
