// SPDX-License-Identifier: Apache-2.0
// /bin/login ends a login that takes longer than LOGIN_TIMEOUT (60 s) by an alarm that runs through
// the whole PAM conversation; looking for a code in the mail takes longer. While a reset runs, the
// host's alarm is put off to the reset's own limit, and afterwards it gets back what was left. At a
// console that strangers share it is put off for one question at a time: who went away is logged
// out. LightDM has no alarm. It asks PAM in a process of its own for each try, and takes the end of
// that for a refusal: there an alarm of ours ends a question that nobody answers, and LightDM's
// greeter begins anew.
#pragma once

#include <sys/time.h>

#include <chrono>
#include <string_view>

namespace sspr {

class LoginTimerPause {
 public:
  // Does nothing in other services, nor where /bin/login has no alarm or LightDM one. idle: how
  // long a question may wait, at most the reset's limit; 0: as long as that.
  LoginTimerPause(std::string_view service, std::chrono::seconds idle) noexcept;
  LoginTimerPause(const LoginTimerPause&) = delete;
  LoginTimerPause& operator=(const LoginTimerPause&) = delete;
  ~LoginTimerPause();

  // A question is about to be asked, or was answered: only a person is kept to idle.
  void OnQuestion() noexcept;
  void OnAnswer() noexcept;

 private:
  void PutOff(std::chrono::seconds limit) noexcept;

  std::chrono::seconds idle_;
  itimerval before_{};
  bool paused_ = false;
  bool own_ = false;  // pending during questions alone
};

}  // namespace sspr
