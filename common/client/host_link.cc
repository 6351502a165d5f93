// SPDX-License-Identifier: Apache-2.0
#include "common/client/host_link.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "common/base/wipe.h"

namespace sspr {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

// A host that reads nothing for so long has stopped.
constexpr milliseconds kSendLimit{10'000};

// True when an event came before the deadline.
bool PollUntil(int fd, short events, std::optional<SteadyClock::time_point> deadline) {
  for (;;) {
    int wait = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<milliseconds>(*deadline - SteadyClock::now());
      wait = static_cast<int>(std::max<milliseconds::rep>(left.count(), 0));
    }
    pollfd watched{fd, events, 0};
    const int ready = poll(&watched, 1, wait);
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace

HostLink::HostLink(int fd) noexcept : fd_(fd), watched_fd_(fcntl(fd, F_DUPFD_CLOEXEC, 3)) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, quiet_fds_) != 0) {
    quiet_fds_[0] = quiet_fds_[1] = -1;
  }
}

HostLink::~HostLink() {
  for (const int fd : {watched_fd_, quiet_fds_[0], quiet_fds_[1]}) {
    if (fd >= 0) close(fd);
  }
}

std::optional<Frame> HostLink::Receive(std::optional<milliseconds> limit) {
  std::optional<SteadyClock::time_point> deadline;
  if (limit) deadline = SteadyClock::now() + *limit;
  Frame frame;
  while (!gone_) {
    if (!PollUntil(fd_, POLLIN, deadline)) break;
    // Byte by byte up to the end of one frame would be slow; but only one side may speak at a time,
    // so a host that sends more than one frame breaks the protocol.
    std::array<char, kFrameHeaderBytes + kMaxFramePayload> piece{};
    const ssize_t got = recv(fd_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    std::span<const char> input(piece.data(), static_cast<std::size_t>(got));
    const FrameDecoder::State state = decoder_.Feed(input, frame);
    const bool more = !input.empty();
    Wipe(piece.data(), piece.size());
    if (state == FrameDecoder::State::kFrame && !more) return frame;
    if (state != FrameDecoder::State::kNeedMore) break;
  }
  gone_ = true;
  return std::nullopt;
}

bool HostLink::Readable() const { return PollUntil(fd_, POLLIN, SteadyClock::now()); }

bool HostLink::ReadableWithin(milliseconds limit) const {
  return PollUntil(fd_, POLLIN, SteadyClock::now() + limit);
}

void HostLink::Send(FrameWriter& frame) {
  std::string_view rest = frame.Encoded();
  const auto deadline = SteadyClock::now() + kSendLimit;
  if (rest.empty()) gone_ = true;  // never built by us: nothing sound can follow
  while (!gone_ && !rest.empty()) {
    const ssize_t sent = send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      gone_ = !PollUntil(fd_, POLLOUT, deadline);
    } else if (errno != EINTR) {
      gone_ = true;
    }
  }
}

void HostLink::Watch(bool on) noexcept {
  if (on == watching_ || watched_fd_ < 0 || quiet_fds_[0] < 0) return;
  if (dup3(on ? fd_ : quiet_fds_[0], watched_fd_, O_CLOEXEC) >= 0) watching_ = on;
}

}  // namespace sspr
