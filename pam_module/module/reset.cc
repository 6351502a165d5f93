// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/reset.h"

#include "common/base/frame.h"
#include "common/base/host_flow.h"
#include "common/base/text.h"
#include "pam_module/module/flow_socket.h"
#include "pam_module/module/login_timer.h"

namespace sspr {
namespace {

class Reset {
 public:
  Reset(const Options& options, const ResetRequest& request, Conversation& conversation) noexcept
      : options_(options),
        request_(request),
        conversation_(conversation),
        flow_(request.user, request.trigger) {}

  bool Run(Secret& new_password) noexcept {
    if (!IsCarriableUserName(request_.user)) return Fail(ModuleText::kNameNotFit);
    if (!socket_.Connect(options_.socket) || !Begin()) return Fail(ModuleText::kNotAvailable);
    HostDeadline deadline(MonotonicNow());
    bool spoken = false;
    for (;;) {
      Frame frame;
      const auto error = socket_.Receive(frame, deadline.Left(MonotonicNow()));
      if (error) {
        // Before its first frame sspr-flow has done nothing; afterwards only it knows.
        if (spoken) return Fail(ModuleText::kStopped);
        return Fail(*error == Errc::kTimedOut ? ModuleText::kNoAnswer : ModuleText::kNotAvailable);
      }
      spoken = true;
      deadline.OnFrame(MonotonicNow());
      const HostStep step = flow_.TakeFrame(frame);
      if (step == HostStep::kFinished) return Finish(new_password);
      if (!Take(step)) return false;
      if (asked_) deadline.OnAnswerSent(MonotonicNow());
    }
  }

 private:
  bool Fail(ModuleText text) noexcept {
    conversation_.ShowError(Text(text, options_.language));
    return false;
  }

  bool Begin() noexcept {
    FrameWriter begin(FrameType::kBegin);
    begin.PutU8(kFrameVersion);
    begin.PutU8(kCapabilityManyLines);
    begin.PutString(request_.service);
    begin.PutString(request_.user);
    begin.PutString(LanguageTag(options_.language));
    begin.PutString(request_.terminal);
    return Send(begin);
  }

  bool Send(FrameWriter& writer) noexcept {
    const std::string_view bytes = writer.Encoded();
    return !bytes.empty() && !socket_.Send(bytes, HostDeadline::kFirstFrame);
  }

  // The person left or the host failed: sspr-flow is told, nobody else is asked.
  bool Leave() noexcept {
    FrameWriter cancel(FrameType::kCancel);
    Send(cancel);
    return false;
  }

  // False when the flow is over.
  bool Take(HostStep step) noexcept {
    asked_ = false;
    switch (step) {
      case HostStep::kShowInfo:
        return conversation_.ShowInfo(flow_.text()) || Leave();
      case HostStep::kShowError:
        return conversation_.ShowError(flow_.text()) || Leave();
      case HostStep::kWait:
        return flow_.text().empty() || conversation_.ShowInfo(flow_.text()) || Leave();
      case HostStep::kAskVisible:
        return Ask(Conversation::Echo::kOn);
      case HostStep::kAskHidden:
        return Ask(Conversation::Echo::kOff);
      case HostStep::kChoose:
        return ShowChoices() && Ask(Conversation::Echo::kOn);
      case HostStep::kFinished:
      case HostStep::kBroken:
        break;
    }
    return Fail(ModuleText::kStopped);
  }

  // PAM has no choice lists: numbered lines, then a prompt for the number.
  bool ShowChoices() noexcept {
    if (!conversation_.ShowInfo(flow_.text())) return Leave();
    for (std::size_t i = 0; i < flow_.label_count(); ++i) {
      Secret line;  // a buffer that refuses what is too long
      const char number[] = {' ', ' ', static_cast<char>('1' + static_cast<int>(i)), ' ', ' '};
      if (!line.Append({number, sizeof number}) || !line.Append(flow_.label(i)) ||
          !conversation_.ShowInfo(line.Reveal())) {
        return Leave();
      }
    }
    return true;
  }

  bool Ask(Conversation::Echo echo) noexcept {
    const bool choice = flow_.label_count() > 0;
    const std::string_view prompt =
        choice ? std::string_view(Text(ModuleText::kChoicePrompt, options_.language))
               : flow_.text();
    for (;;) {
      Secret answer;
      if (!conversation_.Ask(echo, prompt, answer)) return Leave();
      FrameWriter writer(FrameType::kAnswer);
      switch (flow_.TakeAnswer(answer.Reveal(), writer)) {
        case AnswerVerdict::kSend:
          asked_ = true;
          return Send(writer) || Fail(ModuleText::kStopped);
        case AnswerVerdict::kNotAChoice:
          if (!conversation_.ShowError(Text(ModuleText::kNotAChoice, options_.language))) {
            return Leave();
          }
          break;
        case AnswerVerdict::kSameForAll:
          Leave();
          return Fail(ModuleText::kCannotAskHere);
        case AnswerVerdict::kTooManyTries:
          Leave();
          return Fail(ModuleText::kStopped);
      }
    }
  }

  bool Finish(Secret& new_password) noexcept {
    const bool set = flow_.outcome() == Outcome::kPasswordSet;
    if (!flow_.text().empty()) {
      if (flow_.outcome() == Outcome::kNotChanged) {
        conversation_.ShowError(flow_.text());
      } else {
        conversation_.ShowInfo(flow_.text());
      }
    }
    new_password.Clear();
    return set && new_password.Append(flow_.new_password().Reveal());
  }

  const Options& options_;
  const ResetRequest& request_;
  Conversation& conversation_;
  FlowSocket socket_;
  HostFlow flow_;
  bool asked_ = false;
};

}  // namespace

bool RunReset(const Options& options, const ResetRequest& request, Conversation& conversation,
              Secret& new_password) noexcept {
  const LoginTimerPause pause(request.service);
  Reset reset(options, request, conversation);
  return reset.Run(new_password);
}

}  // namespace sspr
