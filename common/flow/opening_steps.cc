// SPDX-License-Identifier: Apache-2.0
// Behind the first question: what sspr-setpw left open, whether it will take this account, what the
// service can do, /start. An account that the machine refuses causes no traffic.
#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "common/flow/flow_engine.h"
#include "common/flow/texts_for.h"

namespace sspr {
namespace {

constexpr std::size_t kMostPendingSettled = 8;  // the rest is sspr-flow --recover's

bool IsYes(std::string_view text) {
  constexpr std::string_view kYes[] = {"",  "y",   "Y", "yes", "j",  "J",  "ja", "o",
                                       "O", "oui", "s", "S",   "si", "sí", "نعم"};
  return std::ranges::find(kYes, text) != std::end(kYes);
}

}  // namespace

void FlowEngine::OnPending(PendingList list) {
  pending_ = std::move(list.transactions);
  if (pending_.size() > kMostPendingSettled) pending_.resize(kMostPendingSettled);
  if (pending_.empty()) {
    Prepare();
  } else {
    Call(ServiceCall{.operation = ServiceCall::Operation::kFeatures});
  }
}

void FlowEngine::NextPending() {
  if (pending_.empty() || !features_ || !features_->final_submit) {
    Prepare();
    return;
  }
  Call(ServiceCall{.operation = ServiceCall::Operation::kTransaction,
                   .transaction = pending_.back()});
}

void FlowEngine::OnPendingVerdict(const TransactionState& state) {
  SetpwCall resolve{.operation = SetpwCall::Operation::kResolve, .transaction = pending_.back()};
  pending_.pop_back();
  if (state.state == SetState::kFailed) resolve.verdict = Verdict::kFailed;
  if (state.state == SetState::kSucceeded && state.permit) {
    resolve.verdict = Verdict::kSucceeded;
    resolve.permit = state.permit;
  }
  Call(std::move(resolve));
}

void FlowEngine::Prepare() {
  Call(SetpwCall{.operation = SetpwCall::Operation::kPrepare,
                 .account = begun_.user,
                 .or_directory = !begun_.in_local_files && !begun_.in_windows});
}

void FlowEngine::OnReady(const SetpwReady& ready) {
  (ready.of_directory ? lockout_ : local_) = LocalSet{begun_.user, ready.device, ready.nonce};
  locked_out_ = ready.locked_out;
  secrets_ = ready.secrets;
  Start();
}

void FlowEngine::OnNotPrepared(RefusalReason reason) {
  if (reason == RefusalReason::kNotLocal && begun_.in_windows) {
    Stop({TextId::kAccountNotPermitted});  // of a directory it is not, says the login screen
  } else if (reason == RefusalReason::kNotLocal) {
    Start();
  } else {
    Stop(TextFor(reason));
  }
}

void FlowEngine::OnSetpwMissing() {
  if (begun_.in_local_files) {
    Stop({TextId::kMachineNotReady});
  } else {
    Start();
  }
}

void FlowEngine::OnFeatures(const ServiceFeatures& features) {
  features_ = features;
  if (pending_.empty()) {
    Start();
  } else {
    NextPending();
  }
}

void FlowEngine::Start() {
  if (!features_) {
    Call(ServiceCall{.operation = ServiceCall::Operation::kFeatures});
    return;
  }
  if (local_ && !features_->signs_permits) {
    Stop({TextId::kServiceCannotSetLocal});
    return;
  }
  if (lockout_ && !(features_->unlock_permits && features_->signs_permits)) {
    lockout_.reset();  // nothing can be done about it
    locked_out_ = false;
  }
  // Which of the two flows it is to be is asked before the service is told of one.
  if (locked_out_ && OffersUnlock() && state_ == State::kConfirm) return;
  Call(ServiceCall{.operation = ServiceCall::Operation::kStart,
                   .username = begun_.service_username,
                   .unlock = unlock_,
                   .features = *features_,
                   .local_set = WantedPermit()});
}

void FlowEngine::OnStarted(Started started) {
  started_ = true;
  token_ = std::move(started.token);
  transaction_ = started.transaction;
  if (local_ && !transaction_) {
    Stop({TextId::kServiceCannotSetLocal});
    return;
  }
  if (started.gates) {
    required_ = started.gates->required;
    completed_ = started.gates->completed;
    methods_ = std::move(started.gates->methods);
  }
  if (completed_ > 0 && !started.resumed) {
    Stop({TextId::kBadAnswer});
    return;
  }
  if (required_ < begun_.min_gates) {
    Stop({TextId::kTooFewGates});
    return;
  }
  const bool proved = completed_ >= required_;
  if (proved && !unlock_) {
    Call(ServiceCall{.operation = ServiceCall::Operation::kRules, .token = token_});
    return;
  }
  if (!proved && started.gates && methods_.empty() && !CanHandOff()) {
    Stop({TextId::kNoMethods});
    return;
  }
  if (started.resumed && started.live_challenge) {
    challenge_ = std::move(*started.live_challenge);
    challenge_is_live_ = true;
    sent_at_ = now_;
  }
  if (state_ == State::kRestarting) Proceed();
}

void FlowEngine::OnRules(PasswordRules rules) {
  rules_ = Tightened(std::move(rules));
  if (state_ == State::kRestarting) Proceed();
}

void FlowEngine::AskConfirm() {
  // Of an account of this machine it is known whether it is locked: then that is asked, by itself.
  const TextId prompt = begun_.in_local_files ? TextId::kAskConfirm : TextId::kAskConfirmOrUnlock;
  state_ = State::kConfirm;
  AskFor(Ask{false, {prompt, {begun_.user}}});
}

// May come before the calls behind the question are done: then only "no" has an effect here, and
// the answer is looked at again later.
void FlowEngine::Confirmed(const Secret& text) {
  const bool unlock = !begun_.in_local_files && (text.Reveal() == "u" || text.Reveal() == "U");
  if (!unlock && !IsYes(text.Reveal())) {
    End(Done{Outcome::kNotChanged, kNoAnswer, {TextId::kNothingChanged}});
  } else if (call_.index() != 0) {
    out_.push_back(Wait{{TextId::kContacting}});
  } else if (unlock) {
    UnlockWanted();
  } else if (!started_) {
    AskUnlockOrReset();
  } else {
    Proceed();
  }
}

// To the next proof, or, behind the last one, to what the person wants.
void FlowEngine::Proceed() {
  if (completed_ < required_) {
    BeginGate(false);
  } else if (unlock_) {
    Unlock();
  } else {
    BeginPassword();
  }
}

}  // namespace sspr
