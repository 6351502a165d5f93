// SPDX-License-Identifier: Apache-2.0
// /bin/login ends a login that takes longer than LOGIN_TIMEOUT (60 s) by an alarm that runs through
// the whole PAM conversation; looking for a code in the mail takes longer. While a reset runs, the
// host's alarm is put off to the reset's own limit, and afterwards it gets back what was left.
#pragma once

#include <sys/time.h>

#include <string_view>

namespace sspr {

class LoginTimerPause {
 public:
  // Does nothing where the service is not /bin/login or no alarm is pending.
  explicit LoginTimerPause(std::string_view service) noexcept;
  LoginTimerPause(const LoginTimerPause&) = delete;
  LoginTimerPause& operator=(const LoginTimerPause&) = delete;
  ~LoginTimerPause();

 private:
  itimerval before_{};
  bool paused_ = false;
};

}  // namespace sspr
