// SPDX-License-Identifier: Apache-2.0
// Frames over the connected socket. Descriptors that a caller tries to pass along are dropped by
// the kernel: nothing here receives them.
#pragma once

#include <chrono>

#include "common/base/frame.h"
#include "common/base/result.h"

namespace sspr::setpw {

class FrameStream {
 public:
  // Does not own the socket.
  FrameStream(int socket, std::chrono::milliseconds idle_limit)
      : socket_(socket), idle_limit_(idle_limit) {}

  // kCancelled at the end of the stream between two frames, kTimedOut after the idle limit,
  // kProtocol for what is no frame, kUnreachable when the socket fails.
  Result<Frame> Next();
  // kTimedOut when the caller does not take it, kUnreachable when it is gone.
  Status Send(std::string_view encoded);

 private:
  Status WaitFor(short event, std::chrono::milliseconds limit) const;

  const int socket_;
  const std::chrono::milliseconds idle_limit_;
  FrameDecoder decoder_;
  SecretBuffer<2048> unread_;
};

}  // namespace sspr::setpw
