// SPDX-License-Identifier: Apache-2.0
// The new password: typed twice, journaled on this machine, set at the service, committed here.
// From /submit on, what the service did is learned and never guessed.
#include <algorithm>
#include <utility>

#include "common/flow/flow_engine.h"
#include "common/flow/texts_for.h"

namespace sspr {
namespace {

constexpr int kLongestWaitSeconds = 60;  // for the final state, after /submit
constexpr int kMostTransactionTries = 5;
constexpr int kNoneMeansNoneTries = 2;
constexpr int kPendingSeconds = 2;

Secret CopyOf(const Secret& text) {
  Secret copy;
  // Same capacity: it always fits.
  if (!copy.Append(text.Reveal())) copy.Clear();
  return copy;
}

}  // namespace

void FlowEngine::BeginPassword() {
  if (secrets_ != kNoSecrets && !secrets_told_) {
    BeginOldSecrets();
    return;
  }
  const std::string fewest = std::to_string(rules_.min_length);
  if (begun_.in_windows && local_) out_.push_back(Show{false, {TextId::kOldSeals}});
  if (rules_.min_kinds > 1) {
    out_.push_back(
        Show{false, {TextId::kPasswordRulesKinds, {fewest, std::to_string(rules_.min_kinds)}}});
  } else {
    out_.push_back(Show{false, {TextId::kPasswordRules, {fewest}}});
  }
  AskPassword();
}

void FlowEngine::AskPassword() {
  first_.Clear();
  password_.Clear();
  password_answer_ = kNoAnswer;
  state_ = State::kNewPassword;
  AskFor(Ask{true, {TextId::kAskNewPassword}});
}

void FlowEngine::PasswordRefused(Text why) {
  out_.push_back(Show{true, std::move(why)});
  AskPassword();
}

void FlowEngine::PasswordTyped(const Secret& text) {
  if (text.empty()) {
    PasswordRefused({TextId::kPasswordEmpty});
    return;
  }
  if (const auto broken = FirstBroken(rules_, text)) {
    PasswordRefused(TextFor(*broken, rules_));
    return;
  }
  first_ = CopyOf(text);
  state_ = State::kRepeat;
  AskFor(Ask{true, {TextId::kAskRepeat}});
}

void FlowEngine::PasswordRepeated(const Secret& text) {
  if (!first_.SameAs(text)) {
    PasswordRefused({TextId::kPasswordMismatch});
    return;
  }
  password_ = std::move(first_);
  password_answer_ = static_cast<std::uint16_t>(questions_ - 1);
  waited_seconds_ = 0;
  transaction_tries_ = 0;
  state_ = State::kSetting;
  out_.push_back(Wait{{TextId::kSetting}});
  if (local_) {
    Call(SetpwCall{.operation = SetpwCall::Operation::kPropose, .transaction = *transaction_});
  } else {
    Submit();
  }
}

void FlowEngine::OnProposed(const SetpwProposed& proposed) {
  journal_open_ = true;
  commitment_ = proposed.commitment;
  out_.push_back(Wait{});
  Submit();
}

void FlowEngine::OnRejected(const SetpwRejected& rejected) {
  switch (rejected.reason) {
    case RejectionReason::kTooLong:
      PasswordRefused({TextId::kPasswordTooLong});
      return;
    case RejectionReason::kNotTypable:
      PasswordRefused({TextId::kPasswordUntypable});
      return;
    case RejectionReason::kTooWeak:
      PasswordRefused(rejected.detail.empty()
                          ? Text{TextId::kPasswordTooWeak}
                          : Text{TextId::kPasswordTooWeakHere, {rejected.detail}});
      return;
    case RejectionReason::kUsedBefore:
      PasswordRefused({TextId::kPasswordUsedBefore});
      return;
    case RejectionReason::kInternal:
      Stop({TextId::kMachineNotReady});
      return;
  }
}

void FlowEngine::Submit() {
  // Zeroes: no local password is set, and the permit unlocks.
  if (!local_ && WantedPermit()) commitment_.emplace();
  submitted_ = true;
  poll_token_.clear();
  Call(ServiceCall{
      .operation = ServiceCall::Operation::kSubmit, .token = token_, .commitment = commitment_});
}

void FlowEngine::OnSubmitted(Submitted submitted) {
  if (unlock_) {
    poll_token_ = std::move(submitted.token);
    poll_seconds_ = submitted.poll_seconds;
    OnUnlockState(submitted.state.value_or(SetState::kInProgress), submitted.permit);
    return;
  }
  if (submitted.state == SetState::kSucceeded) {
    Succeeded(submitted.permit);
    return;
  }
  poll_token_ = std::move(submitted.token);
  poll_seconds_ = submitted.poll_seconds;
  Poll();
}

void FlowEngine::Poll() {
  waited_seconds_ += poll_seconds_;
  if (waited_seconds_ > kLongestWaitSeconds) {
    unlock_ ? Stop({TextId::kNotUnlocked}) : Unknown();
    return;
  }
  out_.push_back(Wait{});
  Call(ServiceCall{.operation = ServiceCall::Operation::kPoll,
                   .delay_seconds = poll_seconds_,
                   .token = poll_token_});
}

void FlowEngine::OnPolled(const Polled& polled) {
  if (unlock_) {
    OnUnlockState(polled.state, polled.permit);
    return;
  }
  switch (polled.state) {
    case SetState::kSucceeded:
      Succeeded(polled.permit);
      return;
    case SetState::kFailed:
      NotSet({TextId::kNotSetByService});
      return;
    case SetState::kNone:
    case SetState::kInProgress:
      Poll();
      return;
  }
}

// A refused /submit changed nothing. A refused /poll_completion says so only where it names the
// password; any other leaves open what became of the submit.
void FlowEngine::OnSetRefused(const Refused& refused) {
  const bool polled = !poll_token_.empty() || transaction_tries_ > 0;
  if (refused.next == Refused::Next::kOtherPassword && transaction_tries_ == 0) {
    submitted_ = false;
    if (!polled && !refused.token.empty()) token_ = refused.token;
    PasswordRefused(TextFor(refused.fault));
  } else if (polled) {
    OnSetFailure();
  } else {
    NotSet(TextFor(refused));
  }
}

void FlowEngine::OnSetFailure() {
  if (transaction_ && features_->final_submit) {
    AskTransaction(transaction_tries_ == 0 ? 0 : 1 << std::min(transaction_tries_, 3));
  } else if (!poll_token_.empty()) {
    Poll();
  } else {
    Unknown();
  }
}

void FlowEngine::AskTransaction(int delay_seconds) {
  waited_seconds_ += delay_seconds;
  if (waited_seconds_ > kLongestWaitSeconds || transaction_tries_ == kMostTransactionTries) {
    Unknown();
    return;
  }
  ++transaction_tries_;
  out_.push_back(Wait{});
  Call(ServiceCall{.operation = ServiceCall::Operation::kTransaction,
                   .delay_seconds = delay_seconds,
                   .transaction = *transaction_});
}

void FlowEngine::OnTransaction(const TransactionState& state) {
  switch (state.state) {
    case SetState::kSucceeded:
      Succeeded(state.permit);
      return;
    case SetState::kFailed:
      NotSet({TextId::kNotSetByService});
      return;
    case SetState::kInProgress:
      --transaction_tries_;  // an answer at last: only the waiting is bounded
      if (transaction_tries_ == 0) transaction_tries_ = 1;
      AskTransaction(kPendingSeconds);
      return;
    case SetState::kNone:
      // The submit may still be on its way; when it stays unknown, nothing is claimed.
      if (transaction_tries_ < kNoneMeansNoneTries) {
        AskTransaction(kPendingSeconds);
      } else {
        Unknown();
      }
      return;
  }
}

void FlowEngine::Unknown() {
  End(Done{Outcome::kNotChanged, kNoAnswer, {TextId::kOutcomeUnknown}});
}

void FlowEngine::Succeeded(const std::optional<PermitBytes>& permit) {
  if (lockout_ && permit) {
    ClearLockout(*permit);
  } else if (!local_) {
    End(Done{Outcome::kPasswordSet, password_answer_, {TextId::kSetInDirectory}});
  } else if (permit) {
    out_.push_back(Wait{});
    Call(SetpwCall{.operation = SetpwCall::Operation::kCommit, .permit = permit});
  } else if (transaction_tries_ == 0) {
    AskTransaction(0);
  } else {
    End(Done{Outcome::kNotChanged,
             kNoAnswer,
             {begun_.in_windows ? TextId::kLocalNotSet : TextId::kLocalLater}});
  }
}

void FlowEngine::OnCommitFailed(FailureReason reason) {
  const bool open = reason == FailureReason::kLocked || reason == FailureReason::kInternal;
  const TextId later = begun_.in_windows ? TextId::kLocalUnknown : TextId::kLocalLater;
  End(Done{Outcome::kNotChanged, kNoAnswer, {open ? later : TextId::kLocalNotSet}});
}

void FlowEngine::NotSet(Text why) {
  submitted_ = false;
  Stop(std::move(why));
}

}  // namespace sspr
