// SPDX-License-Identifier: Apache-2.0
// HostLink over the two pipes that the login screen gave us: fd is standard input, what is sent
// goes to standard output. Anonymous to us and without overlapped operations, so a wait with a
// limit looks at the pipe every few milliseconds; the long wait, for a person, is a plain read.
#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include <algorithm>
#include <array>
#include <span>

#include "common/base/wipe.h"
#include "common/client/host_link.h"

namespace sspr {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr DWORD kLookMs = 10;

enum class Peeked { kNothing, kBytes, kGone };

Peeked Peek(int fd) {
  DWORD available = 0;
  const auto pipe = reinterpret_cast<HANDLE>(_get_osfhandle(fd));
  if (!PeekNamedPipe(pipe, nullptr, 0, nullptr, &available, nullptr)) return Peeked::kGone;
  return available > 0 ? Peeked::kBytes : Peeked::kNothing;
}

// True when there are bytes or the end before the deadline.
bool WaitUntil(int fd, SteadyClock::time_point deadline) {
  while (Peek(fd) == Peeked::kNothing) {
    if (SteadyClock::now() >= deadline) return false;
    Sleep(kLookMs);
  }
  return true;
}

}  // namespace

HostLink::HostLink(int fd) noexcept : fd_(fd), watched_fd_(_dup(fd)) {
  if (_pipe(quiet_fds_, 16, _O_BINARY | _O_NOINHERIT) != 0) quiet_fds_[0] = quiet_fds_[1] = -1;
}

HostLink::~HostLink() {
  for (const int fd : {watched_fd_, quiet_fds_[0], quiet_fds_[1]}) {
    if (fd >= 0) _close(fd);
  }
}

std::optional<Frame> HostLink::Receive(std::optional<milliseconds> limit) {
  std::optional<SteadyClock::time_point> deadline;
  if (limit) deadline = SteadyClock::now() + *limit;
  Frame frame;
  while (!gone_) {
    if (deadline && !WaitUntil(fd_, *deadline)) break;
    std::array<char, kFrameHeaderBytes + kMaxFramePayload> piece{};
    const int got = _read(fd_, piece.data(), static_cast<unsigned>(piece.size()));
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

bool HostLink::Readable() const { return Peek(fd_) != Peeked::kNothing; }

bool HostLink::ReadableWithin(milliseconds limit) const {
  return WaitUntil(fd_, SteadyClock::now() + limit);
}

// The login screen always has a read open, and kills us when we hang on a write.
void HostLink::Send(FrameWriter& frame) {
  std::string_view rest = frame.Encoded();
  if (rest.empty()) gone_ = true;  // never built by us: nothing sound can follow
  while (!gone_ && !rest.empty()) {
    DWORD sent = 0;
    if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), rest.data(), static_cast<DWORD>(rest.size()),
                   &sent, nullptr)) {
      gone_ = true;
    }
    rest.remove_prefix(sent);
  }
}

void HostLink::Watch(bool on) noexcept {
  if (on == watching_ || watched_fd_ < 0 || quiet_fds_[0] < 0) return;
  if (_dup2(on ? fd_ : quiet_fds_[0], watched_fd_) == 0) watching_ = on;
}

}  // namespace sspr
