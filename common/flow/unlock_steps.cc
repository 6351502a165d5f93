// SPDX-License-Identifier: Apache-2.0
// Opening a locked account with its password as it is: the same proofs as for a reset, then the
// service's word and, for an account of this machine, sspr-setpw's deed under a permit.
#include <utility>

#include "common/flow/flow_engine.h"
#include "common/flow/texts_for.h"

namespace sspr {

bool FlowEngine::OffersUnlock() const { return features_ && features_->unlock; }

void FlowEngine::AskUnlockOrReset() {
  state_ = State::kUnlockOrReset;
  out_.push_back(Show{false, {TextId::kLockedOut}});
  AskFor(Choose{{TextId::kAskUnlockOrReset}, {{TextId::kLabelUnlock}, {TextId::kLabelReset}}});
}

void FlowEngine::UnlockOrReset(const Secret& text) {
  if (text.Reveal() != "1" && text.Reveal() != "2") {
    out_.push_back(Show{true, {TextId::kChoiceUnknown}});
    AskUnlockOrReset();
    return;
  }
  unlock_ = text.Reveal() == "1";
  Restart();
}

void FlowEngine::UnlockWanted() {
  if (!OffersUnlock()) {
    out_.push_back(Show{true, {TextId::kCannotUnlock}});
    AskConfirm();
    return;
  }
  unlock_ = true;
  Restart();
}

// A flow that was begun for a reset cannot end as an unlock: it is left to expire.
void FlowEngine::Restart() {
  state_ = State::kRestarting;
  methods_.clear();
  challenge_is_live_ = false;
  required_ = 1;
  completed_ = 0;
  transaction_.reset();
  out_.push_back(Wait{{TextId::kContacting}});
  Start();
}

void FlowEngine::Unlock() {
  state_ = State::kUnlocking;
  waited_seconds_ = 0;
  out_.push_back(Wait{{TextId::kUnlocking}});
  Call(ServiceCall{.operation = ServiceCall::Operation::kUnlock, .token = token_});
}

void FlowEngine::OnUnlockState(SetState state, const std::optional<PermitBytes>& permit) {
  switch (state) {
    case SetState::kSucceeded:
      if (permit && WantedPermit()) {
        ClearLockout(*permit);
      } else if (!local_ && !locked_out_) {
        Unlocked();
      } else {
        Stop({TextId::kNotUnlocked});
      }
      return;
    case SetState::kFailed:
      Stop({TextId::kNotUnlocked});
      return;
    case SetState::kNone:
    case SetState::kInProgress:
      Poll();
      return;
  }
}

// Nothing for an unlock that this machine has no need of: whether there is anything to unlock is
// the service's to say.
std::optional<LocalSet> FlowEngine::WantedPermit() const {
  if (local_) return local_;
  if (unlock_ && !locked_out_) return std::nullopt;
  return lockout_;
}

void FlowEngine::ClearLockout(const PermitBytes& permit) {
  out_.push_back(Wait{});
  Call(SetpwCall{.operation = SetpwCall::Operation::kUnlock, .permit = permit});
}

// The new password of an account of the directory holds, whatever became of the failed logins.
void FlowEngine::OnLockoutCleared(bool cleared) {
  if (!unlock_) {
    End(Done{Outcome::kPasswordSet, password_answer_, {TextId::kSetInDirectory}});
  } else if (cleared) {
    Unlocked();
  } else {
    Stop({TextId::kNotUnlocked});
  }
}

void FlowEngine::Unlocked() { End(Done{Outcome::kUnlocked, kNoAnswer, {TextId::kUnlocked}}); }

}  // namespace sspr
