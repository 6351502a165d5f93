// SPDX-License-Identifier: Apache-2.0
#include "common/base/host_flow.h"

#include <utility>

#include "common/base/text.h"

namespace sspr {

HostFlow::HostFlow(std::string_view user, std::string_view trigger, bool draws_codes) noexcept
    : draws_codes_(draws_codes) {
  // What does not fit cannot equal an answer either.
  if (!user_.Append(user)) user_.Clear();
  if (!trigger_.Append(trigger)) trigger_.Clear();
}

HostStep HostFlow::Broken() noexcept {
  state_ = State::kOver;
  text_ = {};
  return HostStep::kBroken;
}

HostStep HostFlow::TakeFrame(Frame& frame) noexcept {
  if (state_ != State::kWaiting || ++frames_ > kMaxFrames) return Broken();
  frame_ = std::move(frame);
  text_ = {};
  label_count_ = 0;
  const std::string_view payload = frame_.payload.Reveal();
  switch (frame_.type) {
    case FrameType::kInfo:
      return Show(HostStep::kShowInfo, payload);
    case FrameType::kError:
      return Show(HostStep::kShowError, payload);
    case FrameType::kWait:
      return Show(HostStep::kWait, payload);
    case FrameType::kAskVisible:
      return Ask(State::kAskingVisible, payload);
    case FrameType::kAskHidden:
      return Ask(State::kAskingHidden, payload);
    case FrameType::kChoose:
      return Choose(payload);
    case FrameType::kDone:
      return Finish(payload);
    case FrameType::kCode:
      return TakeCode(payload);
    case FrameType::kBegin:
    case FrameType::kAnswer:
    case FrameType::kCancel:
    case FrameType::kCheck:
    case FrameType::kVerdict:
    case FrameType::kListPending:
    case FrameType::kResolve:
    case FrameType::kPrepare:
    case FrameType::kPropose:
    case FrameType::kCommit:
    case FrameType::kAbort:
    case FrameType::kUnlock:
    case FrameType::kRemember:
    case FrameType::kPending:
    case FrameType::kResolved:
    case FrameType::kReady:
    case FrameType::kRefused:
    case FrameType::kProposed:
    case FrameType::kRejected:
    case FrameType::kCommitted:
    case FrameType::kFailed:
    case FrameType::kAborted:
    case FrameType::kRemembered:
      break;
  }
  return Broken();
}

HostStep HostFlow::Show(HostStep step, std::string_view text) noexcept {
  if (!IsCleanText(text, Lines::kMany)) return Broken();
  if (text.empty() && step != HostStep::kWait) return Broken();
  text_ = text;
  return step;
}

HostStep HostFlow::Ask(State state, std::string_view prompt) noexcept {
  if (prompt.empty() || !IsCleanText(prompt, Lines::kOne) || next_question_ == kNoAnswer) {
    return Broken();
  }
  state_ = state;
  text_ = prompt;
  return state == State::kAskingHidden ? HostStep::kAskHidden : HostStep::kAskVisible;
}

HostStep HostFlow::Choose(std::string_view payload) noexcept {
  FieldReader fields(payload);
  text_ = fields.String();
  label_count_ = fields.U8();
  if (text_.empty() || !IsCleanText(text_, Lines::kOne) || label_count_ == 0 ||
      label_count_ > kMaxChoices || next_question_ == kNoAnswer) {
    return Broken();
  }
  for (std::size_t i = 0; i < label_count_; ++i) {
    labels_[i] = fields.String();
    if (labels_[i].empty() || !IsCleanText(labels_[i], Lines::kOne)) return Broken();
  }
  if (!fields.Complete()) return Broken();
  state_ = State::kChoosing;
  choice_tries_ = 0;
  return HostStep::kChoose;
}

HostStep HostFlow::TakeCode(std::string_view payload) noexcept {
  FieldReader fields(payload);
  const std::size_t side = fields.U8();
  if (!draws_codes_ || side < kFewestCodeModules || side > kMostCodeModules || side % 4 != 1) {
    return Broken();
  }
  code_ = CodeModules(side, fields.Bytes((side * side + 7) / 8));
  return fields.Complete() ? HostStep::kCode : Broken();
}

HostStep HostFlow::Finish(std::string_view payload) noexcept {
  FieldReader fields(payload);
  const std::uint8_t outcome = fields.U8();
  const std::uint16_t index = fields.U16();
  const std::string_view text = fields.String();
  const bool sets = outcome == static_cast<std::uint8_t>(Outcome::kPasswordSet);
  if (!fields.Complete() || outcome > static_cast<std::uint8_t>(Outcome::kUnlocked) ||
      !IsCleanText(text, Lines::kMany) || sets == (index == kNoAnswer)) {
    return Broken();
  }
  if (sets) {
    chosen_ = kHeldAnswers;
    for (std::size_t i = 0; i < kHeldAnswers; ++i) {
      if (held_[i].index == index) chosen_ = i;
    }
    if (chosen_ == kHeldAnswers || held_[chosen_].answer.empty()) {
      chosen_ = 0;
      return Broken();
    }
  }
  outcome_ = static_cast<Outcome>(outcome);
  text_ = text;
  state_ = State::kOver;
  return HostStep::kFinished;
}

bool HostFlow::GivesFrontEndAway(std::string_view answer) noexcept {
  answered_ = answered_ || !answer.empty();
  if (answer.empty()) return !answered_ && ++empty_answers_ >= kMaxEmptyAnswers;
  if (state_ == State::kAskingHidden) return false;  // a new password is typed twice
  if (answer == user_.Reveal() || answer == trigger_.Reveal()) return true;
  for (const HeldAnswer& held : held_) {
    if (answer == held.answer.Reveal()) return true;
  }
  return false;
}

AnswerVerdict HostFlow::TakeAnswer(std::string_view answer, FrameWriter& writer) noexcept {
  if (GivesFrontEndAway(answer)) {
    state_ = State::kOver;
    return AnswerVerdict::kSameForAll;
  }
  if (state_ == State::kChoosing) {
    const bool valid = answer.size() == 1 && answer[0] >= '1' &&
                       answer[0] < static_cast<char>('1' + static_cast<int>(label_count_));
    if (!valid) {
      if (++choice_tries_ < kMaxChoiceTries) return AnswerVerdict::kNotAChoice;
      state_ = State::kOver;
      return AnswerVerdict::kTooManyTries;
    }
  }
  if (state_ == State::kAskingHidden) {
    HeldAnswer& held = held_[next_held_];
    held.answer.Clear();
    held.index = held.answer.Append(answer) ? next_question_ : kNoAnswer;
    next_held_ = (next_held_ + 1) % kHeldAnswers;
  }
  writer.PutU16(next_question_++);
  writer.PutBytes(answer);
  state_ = State::kWaiting;
  return AnswerVerdict::kSend;
}

}  // namespace sspr
