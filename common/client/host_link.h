// SPDX-License-Identifier: Apache-2.0
// The connection to the host of a login: whole frames over a stream socket. Once the host is gone
// it stays gone, and sending to it does nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/base/frame.h"

namespace sspr {

class HostLink {
 public:
  // Does not own the descriptor.
  explicit HostLink(int fd) noexcept;
  ~HostLink();
  HostLink(const HostLink&) = delete;
  HostLink& operator=(const HostLink&) = delete;

  // Waits for a person when limit is absent. Nothing: end of file, a torn or illegal frame, or the
  // limit has passed.
  std::optional<Frame> Receive(std::optional<std::chrono::milliseconds> limit);
  // A frame, or its beginning, or the end, can be read without waiting.
  bool Readable() const;
  // The same within the limit.
  bool ReadableWithin(std::chrono::milliseconds limit) const;

  void Send(FrameWriter& frame);
  // kInfo, kError, kWait, kAskVisible, kAskHidden: the text is the payload. Text of several lines
  // is shown line by line to a host that cannot take them at once.
  void SendText(FrameType type, std::string_view text);
  void TakeManyLines(bool can) noexcept { many_lines_ = can; }

  bool gone() const noexcept { return gone_; }

  // A descriptor that hangs up when the host does, as long as watching is on; else never.
  int watched_fd() const noexcept { return watched_fd_; }
  void Watch(bool on) noexcept;

 private:
  int fd_;
  int watched_fd_ = -1;
  int quiet_fds_[2] = {-1, -1};
  bool watching_ = true;
  bool many_lines_ = false;
  bool gone_ = false;
  FrameDecoder decoder_;
};

}  // namespace sspr
