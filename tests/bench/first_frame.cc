// SPDX-License-Identifier: Apache-2.0
// How long a login waits for the first frame of a reset: from the start of sspr-flow, as a
// superserver starts it (a socket as descriptor 0), or from connect() where a superserver listens.
// The same is done with /bin/true, which says nothing and ends: what any process costs here.
// Rounds alternate, so that a drift of the machine touches both. Prints raw nanoseconds.
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "common/base/frame.h"

extern char** environ;

namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

bool SendBegin(int socket, const char* user) {
  sspr::FrameWriter begin(sspr::FrameType::kBegin);
  begin.PutU8(sspr::kFrameVersion);
  begin.PutU8(sspr::kCapabilityManyLines);
  for (const char* text : {"login", user, "en", "tty1"}) begin.PutString(text);
  const std::string_view bytes = begin.Encoded();
  return send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

// Waits for the first bytes or the end of the peer. Nothing when it is silent for 5 s.
std::optional<Nanoseconds> UntilFirstBytes(int socket, Clock::time_point start) {
  const timeval limit{5, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  char bytes[2048];
  ssize_t got = 0;
  do {
    got = recv(socket, bytes, sizeof bytes, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno != ECONNRESET) return std::nullopt;
  return Clock::now() - start;
}

// Leaves as a host does that was cancelled, and waits until the peer is gone: the next round starts
// on a machine that is idle again.
void LeaveAndWait(int socket) {
  shutdown(socket, SHUT_WR);
  char bytes[2048];
  while (recv(socket, bytes, sizeof bytes, 0) > 0) {
  }
  close(socket);
}

std::optional<Nanoseconds> Spawn(const char* program, const char* user) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const std::string path = program;
  char* arguments[] = {const_cast<char*>(path.c_str()), nullptr};
  const auto start = Clock::now();
  pid_t child = 0;
  const int failed = posix_spawn(&child, program, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::optional<Nanoseconds> waited;
  if (failed == 0) {
    SendBegin(ends[0], user);  // a peer that is gone already is no fault: /bin/true reads nothing
    waited = UntilFirstBytes(ends[0], start);
  }
  LeaveAndWait(ends[0]);
  if (failed == 0) waitpid(child, nullptr, 0);
  return waited;
}

std::optional<Nanoseconds> Connect(const char* path, const char* user) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) return std::nullopt;
  std::strcpy(address.sun_path, path);
  const int socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto start = Clock::now();
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(socket_fd);
    return std::nullopt;
  }
  SendBegin(socket_fd, user);
  const auto waited = UntilFirstBytes(socket_fd, start);
  LeaveAndWait(socket_fd);
  return waited;
}

}  // namespace

int main(int argc, char** argv) {
  const bool spawns = argc == 6 && std::strcmp(argv[1], "spawn") == 0;
  if (!spawns && !(argc == 6 && std::strcmp(argv[1], "connect") == 0)) {
    std::fputs(
        "usage: first_frame spawn ROUNDS USER FLOW_PROGRAM OTHER_PROGRAM\n"
        "       first_frame connect ROUNDS USER FLOW_SOCKET OTHER_SOCKET\n",
        stderr);
    return 2;
  }
  const auto once = spawns ? Spawn : Connect;
  for (int round = 0; round < std::atoi(argv[2]); ++round) {
    const auto flow = once(argv[4], argv[3]);
    const auto other = once(argv[5], argv[3]);
    if (!flow || !other) {
      std::fprintf(stderr, "first_frame: no answer from %s\n", flow ? argv[5] : argv[4]);
      return 1;
    }
    std::printf("%lld %lld\n", static_cast<long long>(flow->count()),
                static_cast<long long>(other->count()));
  }
  return 0;
}
