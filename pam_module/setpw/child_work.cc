// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/child_work.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "pam_module/confine/memory.h"
#include "pam_module/setpw/unique_fd.h"

namespace sspr::setpw {
namespace {

using std::chrono::steady_clock;

[[noreturn]] void WorkAndExit(const std::function<ChildAnswer()>& work, int out, pid_t parent) {
  // A parent that was killed must not leave a child that computes on a password.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(1);
  // Memory locks are not inherited.
  if (!KeepOutOfSwap()) _exit(1);
  int code = 1;
  try {
    ChildAnswer answer = work();
    std::string_view rest = answer.Reveal();
    while (!rest.empty()) {
      const ssize_t written = write(out, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    code = rest.empty() ? 0 : 1;
  } catch (...) {
    code = 1;
  }
  _exit(code);
}

// Reads to the end of the pipe. Nothing when the limit passes first or too much arrives.
std::optional<ChildAnswer> ReadAll(int in, steady_clock::time_point deadline) {
  ChildAnswer answer;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
    pollfd waiting{in, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    char piece[256];
    const ssize_t got = read(in, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return answer;
    const bool fits = answer.Append({piece, static_cast<std::size_t>(got)});
    Wipe(piece, sizeof piece);
    if (!fits) return std::nullopt;
  }
}

}  // namespace

Result<ChildAnswer> RunInChild(const std::function<ChildAnswer()>& work,
                               std::chrono::milliseconds limit) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {Errc::kInternal, "no pipe"};
  UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return {Errc::kInternal, "no child process"};
  if (child == 0) WorkAndExit(work, out.get(), parent);
  out.Reset();
  std::optional<ChildAnswer> answer = ReadAll(in.get(), steady_clock::now() + limit);
  // One that became another user cannot be ended from here; it ends with this process.
  if (!answer && kill(child, SIGKILL) != 0) return {Errc::kTimedOut, "the child process hangs"};
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!answer) return {Errc::kTimedOut, "the child process took too long"};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || answer->empty()) {
    return {Errc::kInternal, "the child process failed"};
  }
  return std::move(*answer);
}

}  // namespace sspr::setpw
