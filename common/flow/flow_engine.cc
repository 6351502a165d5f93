// SPDX-License-Identifier: Apache-2.0
#include "common/flow/flow_engine.h"

#include <type_traits>
#include <utility>

#include "common/flow/texts_for.h"

namespace sspr {
namespace {

// The host counts messages too (64 in a flow); with a sentence before each question we stay below.
constexpr int kMostQuestions = 24;

using Service = ServiceCall::Operation;
using Setpw = SetpwCall::Operation;

template <typename... Parts>
struct Overloaded : Parts... {
  using Parts::operator()...;
};
template <typename... Parts>
Overloaded(Parts...) -> Overloaded<Parts...>;

bool Fits(const ServiceReply& reply, Service operation) {
  if (std::holds_alternative<Refused>(reply)) return true;
  if (std::holds_alternative<ServiceFailure>(reply)) return true;
  switch (operation) {
    case Service::kFeatures:
      return std::holds_alternative<ServiceFeatures>(reply);
    case Service::kStart:
      return std::holds_alternative<Started>(reply);
    case Service::kChallenge:
      return std::holds_alternative<Challenge>(reply);
    case Service::kContinue:
    case Service::kAwaitApproval:
    case Service::kAwaitHandOff:
      return std::holds_alternative<Continued>(reply);
    case Service::kHandOff:
      return std::holds_alternative<HandOffOffer>(reply);
    case Service::kRules:
      return std::holds_alternative<PasswordRules>(reply);
    case Service::kSubmit:
    case Service::kUnlock:
      return std::holds_alternative<Submitted>(reply);
    case Service::kPoll:
      return std::holds_alternative<Polled>(reply);
    case Service::kTransaction:
      return std::holds_alternative<TransactionState>(reply);
  }
  return false;
}

bool Fits(const SetpwReply& reply, Setpw operation) {
  if (std::holds_alternative<SetpwLost>(reply)) return true;
  switch (operation) {
    case Setpw::kListPending:
      return std::holds_alternative<PendingList>(reply);
    case Setpw::kResolve:
      return std::holds_alternative<PendingResolved>(reply);
    case Setpw::kPrepare:
      return std::holds_alternative<SetpwReady>(reply) ||
             std::holds_alternative<SetpwRefused>(reply);
    case Setpw::kRemember:
      return std::holds_alternative<SetpwRemembered>(reply);
    case Setpw::kPropose:
      return std::holds_alternative<SetpwProposed>(reply) ||
             std::holds_alternative<SetpwRejected>(reply);
    case Setpw::kCommit:
    case Setpw::kUnlock:
      return std::holds_alternative<SetpwCommitted>(reply) ||
             std::holds_alternative<SetpwFailed>(reply);
    case Setpw::kAbort:
      return std::holds_alternative<SetpwAborted>(reply);
  }
  return false;
}

}  // namespace

FlowActions FlowEngine::On(FlowEvent event, std::chrono::milliseconds now) {
  now_ = now;
  if (state_ != State::kOver) {
    std::visit([this](auto&& happened) { Take(std::forward<decltype(happened)>(happened)); },
               std::move(event));
  }
  return std::exchange(out_, {});
}

void FlowEngine::Take(Begun event) {
  if (state_ != State::kIdle) {
    if (!submitted_) Stop({TextId::kInternal});
    return;
  }
  begun_ = std::move(event);
  if (begun_.min_gates < 1) begun_.min_gates = 1;
  state_ = State::kConfirm;
  out_.push_back(Show{false, {TextId::kIntro}});
  AskConfirm();
  Call(SetpwCall{.operation = Setpw::kListPending});
}

void FlowEngine::Take(Answered event) {
  if (!question_open_) {
    if (!submitted_) Stop({TextId::kInternal});
    return;
  }
  question_open_ = false;
  if (deferred_) {
    End(*std::exchange(deferred_, std::nullopt));
    return;
  }
  const bool busy = call_.index() != 0;
  if (!busy || state_ == State::kConfirm) {
    Answer(event.text);
    if (!busy || state_ == State::kOver) return;
  } else {
    out_.push_back(Wait{});
  }
  stash_ = std::move(event);
}

void FlowEngine::Take(ServiceReply event) {
  const auto* open = std::get_if<Service>(&call_);
  if (open == nullptr) {
    if (!submitted_) Stop({TextId::kBadAnswer});
    return;
  }
  const Service operation = *open;
  call_ = std::monostate{};
  if (deferred_) return;
  if (!Fits(event, operation)) event = ServiceFailure::kBadAnswer;
  const bool opening = state_ == State::kConfirm;
  const bool of_phone = operation == Service::kAwaitApproval || operation == Service::kAwaitHandOff;
  const bool setting = state_ == State::kSetting;
  std::visit(
      Overloaded{
          [&](const ServiceFeatures& features) { OnFeatures(features); },
          [&](Started& started) { OnStarted(std::move(started)); },
          [&](Challenge& challenge) { OnChallenge(std::move(challenge)); },
          [&](HandOffOffer& offer) { OnHandOff(std::move(offer)); },
          [&](Continued& continued) { OnContinued(std::move(continued)); },
          [&](PasswordRules& rules) { OnRules(std::move(rules)); },
          [&](Submitted& submitted) { OnSubmitted(std::move(submitted)); },
          [&](const Polled& polled) { OnPolled(polled); },
          [&](const TransactionState& state) {
            opening ? OnPendingVerdict(state) : OnTransaction(state);
          },
          [&](const Refused& refused) {
            if (setting) {
              OnSetRefused(refused);
            } else if (refused.next == Refused::Next::kTypeCodeAgain &&
                       operation == Service::kContinue) {
              OnWrongCode(refused);
            } else if (of_phone && (refused.next == Refused::Next::kWait ||
                                    refused.next == Refused::Next::kWaitLonger)) {
              OnPhoneWait(refused.next == Refused::Next::kWaitLonger);
            } else if (of_phone && (refused.next == Refused::Next::kPhoneSaidNo ||
                                    refused.next == Refused::Next::kPhoneSilent)) {
              OnPhoneSaidNo(refused.next == Refused::Next::kPhoneSilent);
            } else if (refused.next == Refused::Next::kPassSecondGate &&
                       (operation == Service::kContinue || operation == Service::kAwaitApproval)) {
              OnSecondGate(refused);
            } else {
              Stop(TextFor(refused));
            }
          },
          [&](ServiceFailure failure) { setting ? OnSetFailure() : Stop(TextFor(failure)); },
      },
      event);
  AnswerStashed();
}

void FlowEngine::Take(SetpwReply event) {
  const auto* open = std::get_if<Setpw>(&call_);
  if (open == nullptr) {
    if (!submitted_) Stop({TextId::kInternal});
    return;
  }
  const Setpw operation = *open;
  call_ = std::monostate{};
  if (deferred_) return;
  if (!Fits(event, operation)) event = SetpwLost{};
  std::visit(
      Overloaded{
          [&](PendingList& list) { OnPending(std::move(list)); },
          [&](PendingResolved) { NextPending(); },
          [&](const SetpwReady& ready) { OnReady(ready); },
          [&](const SetpwRefused& refused) { OnNotPrepared(refused.reason); },
          [&](const SetpwProposed& proposed) { OnProposed(proposed); },
          [&](const SetpwRejected& rejected) { OnRejected(rejected); },
          [&](const SetpwRemembered& remembered) { OnRemembered(remembered); },
          [&](const SetpwCommitted& committed) {
            if (operation == Setpw::kUnlock) {
              OnLockoutCleared(true);
              return;
            }
            End(Done{Outcome::kPasswordSet, password_answer_, FarewellFor(committed.settled)});
          },
          [&](const SetpwFailed& failed) {
            if (operation == Setpw::kUnlock) {
              OnLockoutCleared(false);
            } else {
              OnCommitFailed(failed.reason);
            }
          },
          [&](SetpwAborted) { OnAborted(); },
          [&](SetpwLost) {
            if (operation == Setpw::kAbort) {
              OnAborted();
            } else if (operation == Setpw::kUnlock) {
              OnLockoutCleared(false);
            } else if (operation == Setpw::kCommit) {
              OnCommitFailed(FailureReason::kInternal);
            } else if (operation == Setpw::kPropose) {
              journal_open_ = false;  // what it holds is settled later, by the service's word
              Stop({TextId::kMachineNotReady});
            } else {
              OnSetpwMissing();
            }
          },
      },
      event);
  AnswerStashed();
}

void FlowEngine::Take(Cancelled) {
  if (submitted_) return;
  question_open_ = false;
  if (deferred_) {
    End(*std::exchange(deferred_, std::nullopt));
    return;
  }
  // A request to the service was cut off; one to sspr-setpw is not, so nothing can be asked of it.
  if (std::holds_alternative<Service>(call_)) call_ = std::monostate{};
  Stop({TextId::kNothingChanged});
}

void FlowEngine::Answer(const Secret& text) {
  switch (state_) {
    case State::kConfirm:
      Confirmed(text);
      return;
    case State::kChoosing:
      MethodChosen(text);
      return;
    case State::kOfferSend:
      SendCode();
      return;
    case State::kCode:
      CodeTyped(text);
      return;
    case State::kApproving:
    case State::kHandingOff:
      DoneOnPhone(text);
      return;
    case State::kConsent:
      ConsentTyped(text);
      return;
    case State::kOldPassword:
      OldPasswordTyped(text);
      return;
    case State::kNewPassword:
      PasswordTyped(text);
      return;
    case State::kRepeat:
      PasswordRepeated(text);
      return;
    case State::kUnlockOrReset:
      UnlockOrReset(text);
      return;
    case State::kIdle:
    case State::kSending:
    case State::kChecking:
    case State::kPhoneWaited:
    case State::kRestarting:
    case State::kSetting:
    case State::kUnlocking:
    case State::kAborting:
    case State::kOver:
      return;  // nothing is asked in these
  }
}

void FlowEngine::AnswerStashed() {
  if (!stash_ || call_.index() != 0 || state_ == State::kOver) return;
  const Answered answered = *std::exchange(stash_, std::nullopt);
  Answer(answered.text);
}

bool FlowEngine::MayAsk() {
  if (questions_ == kMostQuestions) {
    Stop({TextId::kTooManyQuestions});
    return false;
  }
  ++questions_;
  question_open_ = true;
  return true;
}

void FlowEngine::AskFor(Ask ask) {
  if (MayAsk()) out_.push_back(std::move(ask));
}

void FlowEngine::AskFor(Choose choose) {
  if (MayAsk()) out_.push_back(std::move(choose));
}

void FlowEngine::Call(ServiceCall call) {
  if (stash_) out_.push_back(Wait{});  // the host waits for us: its deadline starts anew
  call_ = call.operation;
  out_.push_back(std::move(call));
}

void FlowEngine::Call(SetpwCall call) {
  if (stash_) out_.push_back(Wait{});
  call_ = call.operation;
  out_.push_back(std::move(call));
}

void FlowEngine::Stop(Text why) {
  if (state_ == State::kAborting) return;  // the end is under way
  // Without kAbort the entry stays open and is settled later, by the service's word.
  if (!journal_open_ || call_.index() != 0) {
    End(Done{Outcome::kNotChanged, kNoAnswer, std::move(why)});
    return;
  }
  final_text_ = std::move(why);
  state_ = State::kAborting;
  Call(SetpwCall{.operation = Setpw::kAbort});
}

void FlowEngine::OnAborted() {
  journal_open_ = false;
  End(Done{Outcome::kNotChanged, kNoAnswer, final_text_});
}

void FlowEngine::End(Done done) {
  if (question_open_) {
    deferred_ = std::move(done);
    return;
  }
  out_.push_back(std::move(done));
  state_ = State::kOver;
  call_ = std::monostate{};
  stash_.reset();
  code_.Clear();
  first_.Clear();
  password_.Clear();
}

}  // namespace sspr
