// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/login_timer.h"

namespace sspr {
namespace {

constexpr long kResetLimitSeconds = 15 * 60;  // the service ends a reset then, too
constexpr long kLeastLeftSeconds = 30;        // to type a password after an abandoned reset

}  // namespace

LoginTimerPause::LoginTimerPause(std::string_view service, std::chrono::seconds idle) noexcept
    : idle_(idle) {
  const bool own = service == "lightdm" && idle.count() > 0;
  if ((service != "login" && !own) || getitimer(ITIMER_REAL, &before_) != 0) return;
  const bool pending = before_.it_value.tv_sec != 0 || before_.it_value.tv_usec != 0;
  own_ = own && !pending;
  if (own || !pending || before_.it_value.tv_sec >= kResetLimitSeconds) return;
  itimerval longer = before_;
  longer.it_value = {kResetLimitSeconds, 0};
  paused_ = setitimer(ITIMER_REAL, &longer, nullptr) == 0;
}

void LoginTimerPause::PutOff(std::chrono::seconds limit) noexcept {
  if ((!paused_ && !own_) || idle_.count() == 0) return;
  const itimerval longer{before_.it_interval, {limit.count(), 0}};
  setitimer(ITIMER_REAL, &longer, nullptr);
}

void LoginTimerPause::OnQuestion() noexcept { PutOff(idle_); }

void LoginTimerPause::OnAnswer() noexcept {
  PutOff(std::chrono::seconds(own_ ? 0 : kResetLimitSeconds));
}

LoginTimerPause::~LoginTimerPause() {
  if (!paused_) return;
  if (before_.it_value.tv_sec < kLeastLeftSeconds) before_.it_value = {kLeastLeftSeconds, 0};
  setitimer(ITIMER_REAL, &before_, nullptr);
}

}  // namespace sspr
