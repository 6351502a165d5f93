// SPDX-License-Identifier: Apache-2.0
// The proofs: which method, sending its code, checking what was typed.
#include <algorithm>
#include <utility>

#include "common/flow/flow_engine.h"
#include "common/flow/texts_for.h"

namespace sspr {
namespace {

constexpr std::size_t kMostCodeBytes = 32;

enum class Typed { kCode, kNothing, kResend, kOtherWay, kUnreadable };

// People copy codes with spaces and hyphens; those are left out.
Typed ReadCode(const Secret& text, Secret& code) {
  code.Clear();
  for (const char c : text.Reveal()) {
    if (c == ' ' || c == '-') continue;
    const bool readable =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!readable || code.size() == kMostCodeBytes || !code.Append({&c, 1})) {
      code.Clear();
      return Typed::kUnreadable;
    }
  }
  if (code.empty()) return Typed::kNothing;
  const std::string_view typed = code.Reveal();
  if (typed == "r" || typed == "R") return Typed::kResend;
  if (typed == "m" || typed == "M") return Typed::kOtherWay;
  return Typed::kCode;
}

Text LabelOf(const Method& method) {
  if (method.kind == MethodKind::kAuthenticatorCode) return {TextId::kLabelApp};
  if (method.kind == MethodKind::kApproval) return {TextId::kLabelApproval};
  if (method.hint.empty()) return {TextId::kLabelEmailPlain};
  return {TextId::kLabelEmail, {method.hint}};
}

}  // namespace

bool FlowEngine::HasOtherWay() const {
  return methods_.size() > 1 || (CanHandOff() && !methods_.empty());
}

// One Enter costs at most one request: behind a code that was just checked, the next code is sent
// only when the person asks for it.
void FlowEngine::BeginGate(bool after_code) {
  if (challenge_is_live_) {
    challenge_is_live_ = false;
    // The number of an approval is not told twice: the phone is asked anew.
    if (challenge_.kind == MethodKind::kApproval) {
      BeginGate(after_code);
      return;
    }
    const auto offered = std::ranges::find(methods_, challenge_.method_id, &Method::id);
    if (offered != methods_.end()) method_ = *offered;
    if (challenge_.kind == MethodKind::kEmailCode) {
      out_.push_back(Show{false, {TextId::kCodeStillGood, {challenge_.label}}});
    }
    AskCode();
    return;
  }
  if (methods_.size() > 1) {
    ChooseMethod();
    return;
  }
  if (methods_.empty() && CanHandOff()) {
    BeginHandOff();  // none that this client can ask for
    return;
  }
  if (methods_.empty()) {
    SendCode();  // plain V1: the server knows the method
    return;
  }
  const Method& only = methods_.front();
  if (after_code && only.kind != MethodKind::kAuthenticatorCode) {
    method_ = only;
    state_ = State::kOfferSend;
    const bool is_email = only.kind == MethodKind::kEmailCode;
    out_.push_back(Show{
        false, is_email ? Text{TextId::kSecondEmail, {only.hint}} : Text{TextId::kSecondApproval}});
    AskFor(Ask{false, {is_email ? TextId::kAskSendSecond : TextId::kAskAskPhone}});
    return;
  }
  if (completed_ > 0 && only.kind == MethodKind::kAuthenticatorCode) {
    out_.push_back(Show{false, {TextId::kSecondApp}});
  }
  BeginMethod(only);
}

void FlowEngine::ChooseMethod() {
  state_ = State::kChoosing;
  Choose choose{{completed_ > 0 ? TextId::kAskSecondMethod : TextId::kAskMethod}, {}};
  std::ranges::transform(methods_, std::back_inserter(choose.labels), LabelOf);
  if (CanHandOff() && choose.labels.size() < kMaxMethods) {
    choose.labels.push_back({TextId::kLabelHandOff});
  }
  AskFor(std::move(choose));
}

void FlowEngine::MethodChosen(const Secret& text) {
  const std::string_view typed = text.Reveal();
  const std::size_t number =
      typed.size() == 1 && typed[0] >= '1' ? static_cast<std::size_t>(typed[0] - '0') : 0;
  if (number == methods_.size() + 1 && CanHandOff()) {
    BeginHandOff();
    return;
  }
  if (number == 0 || number > methods_.size()) {
    out_.push_back(Show{true, {TextId::kChoiceUnknown}});
    ChooseMethod();
    return;
  }
  BeginMethod(methods_[number - 1]);
}

void FlowEngine::BeginMethod(const Method& method) {
  method_ = method;
  challenge_ = Challenge{};
  challenge_.kind = method.kind;
  if (method.kind != MethodKind::kAuthenticatorCode) {
    SendCode();
    return;
  }
  AskCode();  // the request goes out while the person reads the app
  if (question_open_) {
    Call(ServiceCall{.operation = ServiceCall::Operation::kChallenge,
                     .token = token_,
                     .method_id = method_->id});
  }
}

void FlowEngine::SendCode() {
  state_ = State::kSending;
  Call(ServiceCall{.operation = ServiceCall::Operation::kChallenge,
                   .token = token_,
                   .method_id = method_ ? method_->id : std::string()});
}

void FlowEngine::OnChallenge(Challenge challenge) {
  const MethodKind wanted = method_ ? method_->kind : MethodKind::kEmailCode;
  if (challenge.kind != wanted) {
    Stop({TextId::kBadAnswer});
    return;
  }
  challenge_ = std::move(challenge);
  token_ = challenge_.token;
  sent_at_ = now_;
  if (state_ != State::kSending) return;
  if (challenge_.kind == MethodKind::kApproval) {
    out_.push_back(Show{false, {TextId::kApprovalNumber, {challenge_.number}}});
    AskApproved();
    return;
  }
  if (challenge_.label.empty()) {
    out_.push_back(Show{false, {TextId::kCodeSentPlain}});
  } else {
    out_.push_back(Show{false, {TextId::kCodeSent, {challenge_.label}}});
  }
  AskCode();
}

void FlowEngine::AskCode() {
  state_ = State::kCode;
  const bool app = challenge_.kind == MethodKind::kAuthenticatorCode;
  const TextId alone = app ? TextId::kAskAppCode : TextId::kAskEmailCode;
  const TextId of_several = app ? TextId::kAskAppCodeOrOther : TextId::kAskEmailCodeOrOther;
  AskFor(Ask{false, {methods_.size() > 1 ? of_several : alone}});
}

void FlowEngine::CodeTyped(const Secret& text) {
  const bool app = challenge_.kind == MethodKind::kAuthenticatorCode;
  switch (ReadCode(text, code_)) {
    case Typed::kNothing:
    case Typed::kResend:
      if (app) {
        out_.push_back(Show{true, {TextId::kAppCodeEmpty}});
        AskCode();
      } else {
        Resend();
      }
      return;
    case Typed::kOtherWay:
      OtherWay();
      return;
    case Typed::kUnreadable:
      out_.push_back(Show{true, {TextId::kCodeUnreadable}});
      AskCode();
      return;
    case Typed::kCode:
      break;
  }
  const auto wanted = static_cast<std::size_t>(challenge_.code_length);
  if (wanted != 0 && code_.size() != wanted) {
    code_.Clear();
    out_.push_back(Show{true, {TextId::kCodeWrongLength, {std::to_string(wanted)}}});
    AskCode();
    return;
  }
  state_ = State::kChecking;
  Call(ServiceCall{
      .operation = ServiceCall::Operation::kContinue, .token = token_, .kind = challenge_.kind});
}

void FlowEngine::Resend() {
  const std::chrono::milliseconds due = sent_at_ + std::chrono::seconds(challenge_.resend_seconds);
  if (now_ >= due) {
    SendCode();
    return;
  }
  const auto left = std::chrono::ceil<std::chrono::seconds>(due - now_);
  out_.push_back(Show{true, {TextId::kResendTooEarly, {std::to_string(left.count())}}});
  AskCode();
}

void FlowEngine::OtherWay() {
  code_.Clear();
  if (HasOtherWay()) {
    ChooseMethod();
    return;
  }
  out_.push_back(Show{true, {TextId::kNoOtherWay}});
  AskCode();
}

void FlowEngine::OnContinued(Continued continued) {
  code_.Clear();
  // Of a hand-off the service knows how many were given; it asked for enough at the start.
  const bool on_phone = state_ == State::kPhoneWaited && handed_off_;
  completed_ = on_phone ? std::max(required_, begun_.min_gates) : completed_ + 1;
  token_ = std::move(continued.token);
  if (completed_ < std::max(required_, begun_.min_gates)) {
    Stop({TextId::kBadAnswer});
    return;
  }
  rules_ = Tightened(continued.rules ? std::move(*continued.rules) : PasswordRules{});
  Proceed();
}

void FlowEngine::OnWrongCode(const Refused& refused) {
  code_.Clear();
  if (!refused.token.empty()) token_ = refused.token;
  if (!refused.attempts_left) {
    out_.push_back(Show{true, {TextId::kWrongCode}});
  } else if (*refused.attempts_left > 1) {
    out_.push_back(Show{true, {TextId::kWrongCodeLeft, {std::to_string(*refused.attempts_left)}}});
  } else if (*refused.attempts_left == 1) {
    out_.push_back(Show{true, {TextId::kWrongCodeOneLeft}});
  } else if (challenge_.kind == MethodKind::kEmailCode) {
    challenge_.resend_seconds = 0;  // no use in waiting for a mail whose code is spent
    out_.push_back(Show{true, {TextId::kWrongCodeNoneLeft}});
  } else if (HasOtherWay()) {
    out_.push_back(Show{true, {TextId::kWrongAppCodeNoneLeft}});
    ChooseMethod();
    return;
  } else {
    Stop({TextId::kTooManyAttempts});
    return;
  }
  AskCode();
}

void FlowEngine::OnSecondGate(const Refused& refused) {
  code_.Clear();
  ++completed_;
  const bool sound = features_->second_gate && refused.gates && !refused.token.empty() &&
                     refused.gates->completed == completed_ && refused.gates->required > completed_;
  if (!sound) {
    Stop({TextId::kBadAnswer});
    return;
  }
  token_ = refused.token;
  required_ = std::max(required_, refused.gates->required);
  methods_ = refused.gates->methods;
  method_.reset();
  if (methods_.empty() && !CanHandOff()) {
    Stop({TextId::kNoMethods});
    return;
  }
  BeginGate(true);
}

}  // namespace sspr
