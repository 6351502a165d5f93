// SPDX-License-Identifier: Apache-2.0
#include "pam_module/online/daemons.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

namespace sspr::online {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

Answer Failed(const std::string& what, int error) {
  return {Told::kFailed, what + ": " + std::strerror(error)};
}

// The first line of a small file. A pipe in its place is not waited for.
std::optional<std::string> FirstLine(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return std::nullopt;
  std::array<char, 64> piece{};
  const ssize_t got = read(file.get(), piece.data(), piece.size());
  if (got <= 0) return std::nullopt;
  const std::string_view text(piece.data(), static_cast<std::size_t>(got));
  return std::string(text.substr(0, text.find('\n')));
}

std::optional<pid_t> PidIn(const std::string& pid_file) {
  const std::optional<std::string> line = FirstLine(pid_file);
  if (!line) return std::nullopt;
  pid_t pid = 0;
  const char* const end = line->data() + line->size();
  const auto [stopped, fault] = std::from_chars(line->data(), end, pid);
  if (fault != std::errc{} || stopped != end || pid <= 1) return std::nullopt;
  return pid;
}

int OpenProcess(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

// True when it has ended.
bool WaitFor(const Descriptor& process, milliseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0) return false;
    pollfd watched{process.get(), POLLIN, 0};
    const int ready = poll(&watched, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// The child's pid, or an error number below zero.
pid_t Start(const std::vector<std::string>& argv) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  std::array<char*, 1> environment{};
  posix_spawn_file_actions_t streams;
  if (posix_spawn_file_actions_init(&streams) != 0) return -ENOMEM;
  int error = 0;
  for (int fd = 0; fd <= 2 && error == 0; ++fd) {
    error = posix_spawn_file_actions_addopen(&streams, fd, "/dev/null", O_RDWR, 0);
  }
  pid_t child = 0;
  if (error == 0) {
    error = posix_spawn(&child, words[0], &streams, nullptr, words.data(), environment.data());
  }
  posix_spawn_file_actions_destroy(&streams);
  return error == 0 ? child : -error;
}

int Reap(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Answer SignalDaemon(const std::string& pid_file, const std::string& name, int signal) {
  const std::optional<pid_t> pid = PidIn(pid_file);
  if (!pid) return {};
  // Held before it is looked at: the number cannot go to another process between.
  const Descriptor process(OpenProcess(*pid));
  if (process.get() < 0) return errno == ESRCH ? Answer{} : Failed("pidfd_open", errno);
  if (FirstLine("/proc/" + std::to_string(*pid) + "/comm") != name) return {};
  if (syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0) {
    return {Told::kTold, ""};
  }
  return errno == ESRCH ? Answer{} : Failed("a signal to " + name, errno);
}

Answer RunProgram(const std::vector<std::string>& argv, milliseconds limit) {
  const pid_t child = Start(argv);
  if (child == -ENOENT) return {};
  if (child < 0) return Failed(argv[0], -child);
  const Descriptor process(OpenProcess(child));
  if (!WaitFor(process, limit)) {
    kill(child, SIGKILL);
    Reap(child);
    return {Told::kFailed, argv[0] + " was not done in time"};
  }
  const int status = Reap(child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {Told::kTold, ""};
  return {Told::kFailed, argv[0] + " failed"};
}

}  // namespace sspr::online
