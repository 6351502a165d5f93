// SPDX-License-Identifier: Apache-2.0
// Proofs that are given on a phone: an approval by number, and a hand-off of all that is left. The
// person is asked to press Enter when they have done their part there; only behind that Enter the
// phone is waited for, so that nothing runs on while nobody looks.
#include <algorithm>
#include <utility>

#include "common/flow/flow_engine.h"

namespace sspr {
namespace {

// Below what the host grants for machine waits in a row (docs/frames.md).
constexpr int kLongestPhoneWaitSeconds = 90;
constexpr int kSlowerBySeconds = 5;  // RFC 8628, 3.5

bool IsOtherWay(const Secret& text) { return text.Reveal() == "m" || text.Reveal() == "M"; }

}  // namespace

bool FlowEngine::CanHandOff() const { return features_ && features_->hand_off; }

void FlowEngine::AskApproved() {
  state_ = State::kApproving;
  handed_off_ = false;
  phone_poll_seconds_ = std::max(1, challenge_.poll_seconds);
  AskFor(Ask{
      false,
      {HasOtherWay() ? TextId::kAskApprovedOrOther : TextId::kAskApproved, {challenge_.number}}});
}

void FlowEngine::BeginHandOff() {
  method_.reset();
  state_ = State::kSending;
  Call(ServiceCall{.operation = ServiceCall::Operation::kHandOff, .token = token_});
}

void FlowEngine::OnHandOff(HandOffOffer offer) {
  token_ = offer.token;
  hand_off_ = std::move(offer);
  out_.push_back(Show{false, {TextId::kHandOffWhere, {hand_off_.uri, hand_off_.user_code}}});
  if (begun_.draws_codes && !hand_off_.whole_uri.empty()) {
    out_.push_back(ShowCode{hand_off_.whole_uri});
  }
  AskHandedOff();
}

void FlowEngine::AskHandedOff() {
  state_ = State::kHandingOff;
  handed_off_ = true;
  phone_poll_seconds_ = hand_off_.poll_seconds;
  AskFor(Ask{false,
             {methods_.empty() ? TextId::kAskHandedOff : TextId::kAskHandedOffOrOther,
              {hand_off_.user_code}}});
}

void FlowEngine::DoneOnPhone(const Secret& text) {
  if (IsOtherWay(text)) {
    if (methods_.size() > 1 || (handed_off_ && !methods_.empty()) ||
        (!handed_off_ && CanHandOff())) {
      ChooseMethod();
      return;
    }
    out_.push_back(Show{true, {TextId::kNoOtherWayButPhone}});
    handed_off_ ? AskHandedOff() : AskApproved();
    return;
  }
  phone_waited_seconds_ = 0;
  state_ = State::kPhoneWaited;
  AskPhone(0);
}

void FlowEngine::AskPhone(int delay_seconds) {
  Call(ServiceCall{.operation = handed_off_ ? ServiceCall::Operation::kAwaitHandOff
                                            : ServiceCall::Operation::kAwaitApproval,
                   .delay_seconds = delay_seconds,
                   .token = token_});
}

void FlowEngine::OnPhoneWait(bool slower) {
  if (slower) {
    phone_poll_seconds_ = std::min(phone_poll_seconds_ + kSlowerBySeconds, kLongestPollSeconds);
  }
  if (phone_waited_seconds_ + phone_poll_seconds_ > kLongestPhoneWaitSeconds) {
    out_.push_back(Show{true, {TextId::kPhoneStillWaited}});
    handed_off_ ? AskHandedOff() : AskApproved();
    return;
  }
  out_.push_back(Wait{{phone_waited_seconds_ == 0 ? TextId::kPhoneWaited : TextId::kNone}});
  phone_waited_seconds_ += phone_poll_seconds_;
  AskPhone(phone_poll_seconds_);
}

void FlowEngine::OnPhoneSaidNo(bool silent) {
  out_.push_back(Show{true, {silent ? TextId::kPhoneSilent : TextId::kPhoneSaidNo}});
  OfferOtherWays();
}

// The same way once more is one of them; it costs an Enter.
void FlowEngine::OfferOtherWays() {
  if (HasOtherWay() || methods_.empty()) {
    ChooseMethod();
    return;
  }
  method_ = methods_.front();
  state_ = State::kOfferSend;
  AskFor(Ask{false, {TextId::kAskAskPhone}});
}

}  // namespace sspr
