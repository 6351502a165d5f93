// SPDX-License-Identifier: Apache-2.0
#include "common/client/setpw_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace sspr {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTick{5};

}  // namespace

SetpwStream::SetpwStream(std::string where) : where_(std::move(where)) {}

SetpwStream::~SetpwStream() { Close(); }

void SetpwStream::Close() {
  if (handle_ >= 0) close(static_cast<int>(handle_));
  handle_ = -1;
}

// The listener must be root's: nobody else may be handed a password.
bool SetpwStream::Open() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (where_.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, where_.c_str(), where_.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  handle_ = fd;
  if (fd < 0) return false;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

bool SetpwStream::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(static_cast<int>(handle_), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool SetpwStream::Receive(SteadyClock::time_point deadline, const std::function<void()>& on_wait,
                          Frame& frame) {
  const int fd = static_cast<int>(handle_);
  FrameDecoder decoder;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0) return false;
    pollfd watched{fd, POLLIN, 0};
    const auto wait = std::min<std::chrono::milliseconds>(left, kTick);
    const int ready = poll(&watched, 1, static_cast<int>(wait.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0) on_wait();
    if (ready <= 0) continue;
    std::array<char, kFrameHeaderBytes + kMaxFramePayload> piece{};
    const ssize_t got = recv(fd, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return false;
    std::span<const char> input(piece.data(), static_cast<std::size_t>(got));
    const FrameDecoder::State state = decoder.Feed(input, frame);
    if (state == FrameDecoder::State::kFrame) return input.empty();
    if (state == FrameDecoder::State::kBroken) return false;
  }
}

}  // namespace sspr
