// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/flow_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

namespace sspr {
namespace {

using std::chrono::milliseconds;

// A host that runs with standard descriptors closed must not find our socket in their place.
int AboveStandard(int fd) noexcept {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close(fd);
  return moved;
}

bool IsTrustedListener(int fd) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

}  // namespace

milliseconds MonotonicNow() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return milliseconds{static_cast<long long>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000};
}

FlowSocket::~FlowSocket() { Close(); }

void FlowSocket::Close() noexcept {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

bool FlowSocket::Connect(const char* path) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = strlen(path);
  if (length >= sizeof address.sun_path) return false;
  memcpy(address.sun_path, path, length + 1);
  fd_ = AboveStandard(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd_ < 0) return false;
  // A unix socket connects at once or not at all; a full backlog (EAGAIN) counts as not at all.
  int result = 0;
  do {
    result = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } while (result != 0 && errno == EINTR);
  return result == 0 && IsTrustedListener(fd_);
}

std::optional<Errc> FlowSocket::WaitFor(short events, milliseconds deadline) noexcept {
  for (;;) {
    // What has arrived in time counts, even when the host comes to look at it late.
    const milliseconds left = std::max(deadline - MonotonicNow(), milliseconds{0});
    pollfd wait{fd_, events, 0};
    const int ready = poll(&wait, 1, static_cast<int>(left.count()));
    if (ready > 0) return std::nullopt;
    if (ready == 0) return Errc::kTimedOut;
    if (errno != EINTR) return Errc::kInternal;
  }
}

std::optional<Errc> FlowSocket::Send(std::string_view bytes, milliseconds within) noexcept {
  const milliseconds deadline = MonotonicNow() + within;
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno == EAGAIN) {
      if (const auto error = WaitFor(POLLOUT, deadline)) return error;
    } else if (sent < 0 && errno != EINTR) {
      return Errc::kUnreachable;
    }
  }
  return std::nullopt;
}

std::optional<Errc> FlowSocket::Receive(Frame& frame, milliseconds within) noexcept {
  const milliseconds deadline = MonotonicNow() + within;
  for (;;) {
    std::span<const char> input(bytes_ + begin_, end_ - begin_);
    const FrameDecoder::State state = decoder_.Feed(input, frame);
    begin_ = end_ - input.size();
    if (state == FrameDecoder::State::kFrame) return std::nullopt;
    if (state == FrameDecoder::State::kBroken) return Errc::kProtocol;
    if (const auto error = WaitFor(POLLIN, deadline)) return error;
    const ssize_t got = recv(fd_, bytes_, sizeof bytes_, 0);
    if (got == 0) return Errc::kUnreachable;
    if (got < 0 && errno != EINTR && errno != EAGAIN) return Errc::kUnreachable;
    begin_ = 0;
    end_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  }
}

}  // namespace sspr
