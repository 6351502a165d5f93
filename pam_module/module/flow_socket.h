// SPDX-License-Identifier: Apache-2.0
// The module's connection to sspr-flow: a socket in somebody else's process. Close-on-exec,
// non-blocking, above descriptor 2, no SIGPIPE, every wait with a deadline, end of file an answer.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/base/errc.h"
#include "common/base/frame.h"

namespace sspr {

std::chrono::milliseconds MonotonicNow() noexcept;

class FlowSocket {
 public:
  FlowSocket() noexcept = default;
  FlowSocket(const FlowSocket&) = delete;
  FlowSocket& operator=(const FlowSocket&) = delete;
  ~FlowSocket();

  // Connects to a listener that runs as root or as ourselves. False at once when there is none.
  bool Connect(const char* path) noexcept;

  void Close() noexcept;

  // Nothing when all was sent; kTimedOut, or kUnreachable when the other side is gone.
  std::optional<Errc> Send(std::string_view bytes, std::chrono::milliseconds within) noexcept;
  // Nothing when frame was filled; kTimedOut, kUnreachable (end of file), or kProtocol.
  std::optional<Errc> Receive(Frame& frame, std::chrono::milliseconds within) noexcept;

 private:
  std::optional<Errc> WaitFor(short events, std::chrono::milliseconds deadline) noexcept;

  int fd_ = -1;
  FrameDecoder decoder_;
  // Bytes received and not decoded yet; they may hold nothing secret, sspr-flow sends none.
  char bytes_[kFrameHeaderBytes + kMaxFramePayload];
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sspr
