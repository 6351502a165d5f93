// SPDX-License-Identifier: Apache-2.0
// The way to sspr-setpw: a socket of its superserver; on Windows, where the login screen starts
// both programs, a pipe that was inherited (credprov_win/flow/setpw_stream_win.cc).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/frame.h"

namespace sspr {

class SetpwStream {
 public:
  // where: path of the socket; on Windows the number of the handle, which is closed in the end, or
  // empty where there is none.
  explicit SetpwStream(std::string where);
  ~SetpwStream();
  SetpwStream(const SetpwStream&) = delete;
  SetpwStream& operator=(const SetpwStream&) = delete;

  // False when there is nobody, or somebody who may not be handed a password.
  bool Open();
  bool is_open() const noexcept { return handle_ >= 0; }
  void Close();
  bool Send(std::string_view bytes);
  // One whole frame and nothing behind it, before the deadline; on_wait is called every few seconds
  // meanwhile.
  bool Receive(std::chrono::steady_clock::time_point deadline, const std::function<void()>& on_wait,
               Frame& frame);

 private:
  std::string where_;
  std::intptr_t handle_ = -1;
};

}  // namespace sspr
