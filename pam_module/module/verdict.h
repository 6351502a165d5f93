// SPDX-License-Identifier: Apache-2.0
// One question to the service about somebody who logs in, by way of sspr-flow: a socket, two
// frames, a limit of time. What does not answer in time, or not as agreed, is "unknown".
#pragma once

#include <string_view>

#include "common/base/frame.h"
#include "common/base/secret.h"
#include "pam_module/module/flow_socket.h"
#include "pam_module/module/options.h"

namespace sspr {

class Verdict {
 public:
  // Takes at most options.limit.
  CheckFinding Ask(const Options& options, CheckPurpose purpose, std::string_view service,
                   const Secret& user) noexcept;
  // What the person is to read; empty where there is nothing to say. Holds while this lives.
  std::string_view text() const noexcept { return text_; }
  // Says that a reminder was shown. Waits for nothing.
  void Shown() noexcept;

 private:
  FlowSocket socket_;
  Frame frame_;
  std::string_view text_;
};

}  // namespace sspr
