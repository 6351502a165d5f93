// SPDX-License-Identifier: Apache-2.0
// The system calls of a reset: frames, one TLS connection, names looked up, libraries loaded. Files
// are opened for reading only. What is not listed fails with EPERM; what only an intruder wants
// ends the process.
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "pam_module/flow/confinement.h"

namespace sspr {

#if defined(SSPR_NO_SECCOMP)

Status ConfineSystemCalls() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Error{Errc::kInternal, "no_new_privs"};
  return Ok();
}

#else

namespace {

constexpr int kAllowed[] = {
    // memory
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    // files that are open, and looking at others
    SCMP_SYS(close),
    SCMP_SYS(fcntl),
    SCMP_SYS(fstat),
    SCMP_SYS(getdents64),
    SCMP_SYS(lseek),
    SCMP_SYS(newfstatat),
    SCMP_SYS(pread64),
    SCMP_SYS(read),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(readv),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(statx),
    SCMP_SYS(fstatfs),
    SCMP_SYS(statfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(getcwd),
    // waiting
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(eventfd2),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pselect6),
    SCMP_SYS(select),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(restart_syscall),
    // sockets that are there
    SCMP_SYS(bind),
    SCMP_SYS(connect),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(setsockopt),
    SCMP_SYS(shutdown),
    // signals, threads, the end
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(membarrier),
    // what the process may know
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getuid),
    SCMP_SYS(sysinfo),
    SCMP_SYS(time),
    SCMP_SYS(uname),
};

constexpr int kDeadly[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(kexec_load),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(pivot_root),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(keyctl),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(setuid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),
};

class Filter {
 public:
  Filter()
      : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))), fault_(context_ == nullptr ? -ENOMEM : 0) {}
  ~Filter() {
    if (context_ != nullptr) seccomp_release(context_);
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  template <typename... Comparisons>
  void Rule(std::uint32_t action, int call, Comparisons... comparisons) {
    if (fault_ == 0) {
      fault_ = seccomp_rule_add(context_, action, call, sizeof...(comparisons), comparisons...);
    }
  }

  Status Load() {
    if (fault_ == 0) fault_ = seccomp_load(context_);
    if (fault_ != 0)
      return Error{Errc::kInternal, std::string("seccomp: ") + std::strerror(-fault_)};
    return Ok();
  }

 private:
  scmp_filter_ctx context_;
  int fault_;
};

scmp_arg_cmp Masked(unsigned argument, unsigned long mask, unsigned long value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

scmp_arg_cmp Equal(unsigned argument, unsigned long value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}

void AllowWithLimits(Filter& filter) {
  constexpr unsigned long kSocketType = 0xf;
  constexpr unsigned long kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(openat), Masked(2, kWriting, 0));
  filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(open), Masked(1, kWriting, 0));
  for (const int family : {AF_UNIX, AF_INET, AF_INET6}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(socket), Equal(0, static_cast<unsigned long>(family)),
                  Masked(1, kSocketType, static_cast<unsigned long>(type)));
    }
  }
  // Which addresses this machine has, for name resolution.
  filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(socket), Equal(0, AF_NETLINK), Equal(2, NETLINK_ROUTE));
  filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(socketpair), Equal(0, AF_UNIX));
  // Memory is written or executed, never both, and never the one after the other.
  for (const unsigned long rights : {0UL, 0UL + PROT_WRITE, 0UL + PROT_EXEC}) {
    filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(mmap), Masked(2, PROT_WRITE | PROT_EXEC, rights));
  }
  filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), Masked(2, PROT_EXEC, 0));
  for (const unsigned long request : {FIONREAD, FIONBIO, TCGETS}) {
    filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), Equal(1, request));
  }
  // Limits may be read, not set.
  filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), Equal(2, 0));
  // abort() alone.
  filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), Equal(2, 6));
  // Threads, which look names up; glibc tries clone3 first, whose flags cannot be looked at.
  filter.Rule(SCMP_ACT_ALLOW, SCMP_SYS(clone), Masked(0, CLONE_THREAD, CLONE_THREAD));
  filter.Rule(SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), Masked(0, CLONE_THREAD, 0));
  filter.Rule(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
}

}  // namespace

Status ConfineSystemCalls() {
  Filter filter;
  for (const int call : kAllowed) filter.Rule(SCMP_ACT_ALLOW, call);
  for (const int call : kDeadly) filter.Rule(SCMP_ACT_KILL_PROCESS, call);
  AllowWithLimits(filter);
  return filter.Load();  // sets no_new_privs
}

#endif

}  // namespace sspr
