// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/frame_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace sspr::setpw {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSendLimit{20'000};

}  // namespace

Status FrameStream::WaitFor(short event, milliseconds limit) const {
  const auto deadline = steady_clock::now() + limit;
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    pollfd waiting{socket_, event, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return Ok();
    if (ready == 0) return {Errc::kTimedOut, "the caller is silent"};
    if (errno != EINTR) return {Errc::kUnreachable, "poll failed"};
  }
}

Result<Frame> FrameStream::Next() {
  Frame frame;
  while (true) {
    std::span<const char> input(unread_.Bytes());
    const FrameDecoder::State state = decoder_.Feed(input, frame);
    auto rest = SecretBuffer<2048>::CopyOf({input.data(), input.size()});
    if (!rest) return {Errc::kInternal, "the buffer is too small"};
    unread_ = std::move(*rest);
    switch (state) {
      case FrameDecoder::State::kFrame:
        return frame;
      case FrameDecoder::State::kBroken:
        return {Errc::kProtocol, "not a frame"};
      case FrameDecoder::State::kNeedMore:
        break;
    }
    if (Status ready = WaitFor(POLLIN, idle_limit_); !ready) return ready.error();
    SecretBuffer<1025> piece;
    static_cast<void>(piece.Resize(1024));
    const ssize_t got = recv(socket_, piece.Bytes().data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return {Errc::kUnreachable, "the connection failed"};
    if (got == 0 && decoder_.AtBoundary()) return {Errc::kCancelled, "the caller left"};
    if (got == 0) return {Errc::kProtocol, "a torn frame"};
    if (!unread_.Append(piece.Reveal().substr(0, static_cast<std::size_t>(got)))) {
      return {Errc::kInternal, "the buffer is too small"};
    }
  }
}

Status FrameStream::Send(std::string_view encoded) {
  while (!encoded.empty()) {
    if (Status ready = WaitFor(POLLOUT, kSendLimit); !ready) return ready;
    const ssize_t sent = send(socket_, encoded.data(), encoded.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent <= 0) return {Errc::kUnreachable, "the caller is gone"};
    encoded.remove_prefix(static_cast<std::size_t>(sent));
  }
  return Ok();
}

}  // namespace sspr::setpw
