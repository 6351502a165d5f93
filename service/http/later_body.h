// SPDX-License-Identifier: Apache-2.0
// A body of an answer that is not there yet (a "long poll").
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "service/http/http_message.h"

namespace sspr::service {

// In the place of a stream of events in an HttpReply: the reply has one whole body, which comes
// later, and the connection goes on afterwards. No thread waits for it. Dies when it was sent, or
// when the client is gone.
class LaterBody : public EventStream {
 public:
  // The body, once; nothing while there is none. Called now and then, and after waker was called,
  // on the thread of Run; must only look at memory. What it gives may not reach the client.
  virtual std::optional<std::string> TakeBody() = 0;
  // waker may be called from any thread, until another is set; an empty one at the end.
  virtual void SetWaker(std::function<void()> waker) = 0;

  // It is no stream.
  std::optional<std::string> Take() final { return std::nullopt; }
};

}  // namespace sspr::service
