// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/reset.h"

#include <algorithm>

#include "common/base/frame.h"
#include "common/base/host_flow.h"
#include "common/base/text.h"
#include "pam_module/module/code_picture.h"
#include "pam_module/module/flow_socket.h"
#include "pam_module/module/login_timer.h"
#include "pam_module/module/shared_console.h"

namespace sspr {
namespace {

constexpr int kMaxLongAnswers = 3;

// What is not clean is left out: it is only shown, and the host's other words stand.
std::string_view CleanOrNothing(std::string_view text) noexcept {
  return IsCleanText(text, Lines::kOne) ? text : std::string_view();
}

class Reset {
 public:
  Reset(const Options& options, const ResetRequest& request, Speaker& speaker,
        LoginTimerPause& timer) noexcept
      : options_(options),
        request_(request),
        speaker_(speaker),
        timer_(timer),
        console_(request.service, request.terminal, options.idle),
        flow_(request.user, request.trigger, speaker.profile().draws_codes) {}

  ResetEnd Run() noexcept {
    if (!IsCarriableUserName(request_.user)) {
      return Tell(ModuleText::kNameNotFit, ResetEnd::kNotChanged);
    }
    if (!socket_.Connect(options_.socket) || !Begin()) {
      return Tell(ModuleText::kNotAvailable, ResetEnd::kNotAvailable);
    }
    HostDeadline deadline(MonotonicNow());
    bool spoken = false;
    for (;;) {
      Frame frame;
      const auto error = socket_.Receive(frame, deadline.Left(MonotonicNow()));
      if (error) return Silence(*error, spoken);
      spoken = true;
      const auto arrived = MonotonicNow();
      deadline.OnFrame(arrived);
      const Next next = Take(flow_.TakeFrame(frame));
      if (next == Next::kOver) return end_;
      deadline.OnPersonTook(MonotonicNow() - arrived);
      if (next == Next::kAnswered) deadline.OnAnswerSent(MonotonicNow());
    }
  }

  const Secret& new_password() const noexcept { return flow_.new_password(); }

 private:
  enum class Next { kShown, kAnswered, kOver };

  ResetEnd Tell(ModuleText text, ResetEnd end) noexcept {
    speaker_.SayAtOnce(Tone::kError, Text(text, options_.language));
    return end;
  }

  Next Over(ResetEnd end) noexcept {
    end_ = end;
    return Next::kOver;
  }

  Next Stop() noexcept { return Over(Tell(ModuleText::kStopped, ResetEnd::kStopped)); }

  // The person left or the host failed: sspr-flow is told, nobody else is asked.
  Next Leave() noexcept {
    FrameWriter cancel(FrameType::kCancel);
    socket_.Send(cancel.Encoded(), HostDeadline::kFirstFrame);
    console_.Wipe();
    return Over(ResetEnd::kNotChanged);
  }

  // Before its first frame sspr-flow has done nothing; afterwards only it knows.
  ResetEnd Silence(Errc error, bool spoken) noexcept {
    if (spoken) return Tell(ModuleText::kStopped, ResetEnd::kStopped);
    if (error == Errc::kTimedOut) return Tell(ModuleText::kFellSilent, ResetEnd::kNoAnswer);
    return Tell(ModuleText::kNotAvailable, ResetEnd::kNotAvailable);
  }

  bool Begin() noexcept {
    FrameWriter begin(FrameType::kBegin);
    begin.PutU8(kFrameVersion);
    const unsigned codes = speaker_.profile().draws_codes ? kCapabilityCodes : 0u;
    const unsigned choices = speaker_.draws_choices() ? kCapabilityChoices : 0u;
    begin.PutU8(static_cast<std::uint8_t>(kCapabilityManyLines | choices | codes));
    begin.PutString(CleanOrNothing(request_.service));
    begin.PutString(request_.user);
    begin.PutString(options_.language_known ? LanguageTag(options_.language) : "");
    begin.PutString(CleanOrNothing(request_.terminal));
    const std::string_view bytes = begin.Encoded();
    return !bytes.empty() && !socket_.Send(bytes, HostDeadline::kFirstFrame);
  }

  Next Take(HostStep step) noexcept {
    switch (step) {
      case HostStep::kShowInfo:
        return speaker_.Say(Tone::kInfo, flow_.text()) ? Next::kShown : Leave();
      case HostStep::kShowError:
        return speaker_.Say(Tone::kError, flow_.text()) ? Next::kShown : Leave();
      case HostStep::kWait:
        if (flow_.text().empty() || speaker_.Say(Tone::kWait, flow_.text())) return Next::kShown;
        return Leave();
      case HostStep::kAskVisible:
        return Ask(Conversation::Echo::kOn, flow_.text());
      case HostStep::kAskHidden:
        return Ask(Conversation::Echo::kOff, flow_.text());
      case HostStep::kCode:
        return ShowCode() ? Next::kShown : Leave();
      case HostStep::kChoose:
        return Choose();
      case HostStep::kFinished:
        return Finish();
      case HostStep::kBroken:
        break;
    }
    return Stop();
  }

  Next Choose() noexcept {
    const std::size_t count = flow_.label_count();
    if (!speaker_.draws_choices()) {
      if (!ShowChoices()) return Leave();
      return Ask(Conversation::Echo::kOn, Text(ModuleText::kChoicePrompt, options_.language));
    }
    std::string_view labels[kMaxChoices];
    bool cut = CountCodePoints(flow_.text()) > speaker_.profile().prompt_columns;
    for (std::size_t i = 0; i < count; ++i) {
      labels[i] = flow_.label(i);
      cut = cut || CountCodePoints(labels[i]) + 2 > speaker_.profile().choice_columns;
    }
    // What the list cuts off is said in full above it.
    if (cut && !ShowChoices()) return Leave();
    return AskUntilSent([&](Secret& answer) {
      return speaker_.Choose(flow_.text(), std::span<const std::string_view>(labels, count),
                             answer);
    });
  }

  // PAM itself has no choice lists: numbered lines, in one message because some front ends show
  // only the last one or want each to be confirmed. Labels that are too long together are cut.
  bool ShowChoices() noexcept {
    constexpr std::size_t kNumberBytes = 5;
    const std::size_t count = flow_.label_count();
    std::size_t whole = flow_.text().size();
    for (std::size_t i = 0; i < count; ++i) whole += kNumberBytes + flow_.label(i).size();
    const std::size_t line_limit =
        whole <= kMaxTextBytes ? kMaxTextBytes : kMaxTextBytes / (count + 1) - kNumberBytes;
    char list[kMaxTextBytes];
    const auto add = [&](std::size_t size, std::string_view text) {
      const std::size_t room = std::min(line_limit, sizeof list - size);
      return size + FilterForDisplay(text, Lines::kMany, std::span<char>(list + size, room));
    };
    std::size_t size = add(0, flow_.text());
    for (std::size_t i = 0; i < count; ++i) {
      const char number[] = {'\n', ' ', static_cast<char>('1' + static_cast<int>(i)), ' ', ' '};
      static_assert(sizeof number == kNumberBytes);
      size = add(add(size, {number, sizeof number}), flow_.label(i));
    }
    return speaker_.Say(Tone::kInfo, {list, size});
  }

  // As many lines in each message as it takes. What does not fit is left out: it was said in words.
  bool ShowCode() noexcept {
    const CodePicture picture(flow_.code(), ConsoleOfHost());
    if (!picture.fits()) return true;
    char lines[kMaxTextBytes];
    std::size_t size = 0;
    for (std::size_t line = 0; line < picture.lines();) {
      if (size > 0) lines[size++] = '\n';
      const std::size_t drawn =
          picture.Draw(line, std::span<char>(lines + size, sizeof lines - size - 1));
      size += drawn;
      if (drawn > 0 && ++line < picture.lines()) continue;
      if (drawn == 0 && size > 0) --size;  // the line end before what did not fit
      if (size == 0) return true;
      if (!speaker_.SayAtOnce(Tone::kInfo, {lines, size})) return false;
      size = 0;
    }
    return true;
  }

  Next Ask(Conversation::Echo echo, std::string_view prompt) noexcept {
    return AskUntilSent([&](Secret& answer) { return speaker_.Ask(echo, prompt, answer); });
  }

  // ask: fills the answer that it is given, and says how that went.
  template <typename AskOnce>
  Next AskUntilSent(AskOnce ask) noexcept {
    int long_answers = 0;
    for (;;) {
      Secret answer;
      timer_.OnQuestion();
      const Conversation::Reply reply = ask(answer);
      timer_.OnAnswer();
      switch (reply) {
        case Conversation::Reply::kAnswered:
          break;
        case Conversation::Reply::kTooLong:
          if (++long_answers < kMaxLongAnswers && AskAgain(ModuleText::kTooLong)) continue;
          return Leave();
        case Conversation::Reply::kFailed:
          return Leave();
      }
      FrameWriter writer(FrameType::kAnswer);
      switch (flow_.TakeAnswer(answer.Reveal(), writer)) {
        case AnswerVerdict::kSend:
          return Send(writer);
        case AnswerVerdict::kNotAChoice:
          if (!AskAgain(ModuleText::kNotAChoice)) return Leave();
          break;
        case AnswerVerdict::kSameForAll:
          Leave();
          return Over(Tell(ModuleText::kCannotAskHere, ResetEnd::kNotChanged));
        case AnswerVerdict::kTooManyTries:
          Leave();
          return Over(Tell(ModuleText::kStopped, ResetEnd::kNotChanged));
      }
    }
  }

  bool AskAgain(ModuleText why) noexcept {
    return speaker_.Say(Tone::kError, Text(why, options_.language));
  }

  // An sspr-flow that ended while the person typed may have left its reasons to be read.
  Next Send(FrameWriter& writer) noexcept {
    const auto error = socket_.Send(writer.Encoded(), HostDeadline::kFirstFrame);
    return !error || *error == Errc::kUnreachable ? Next::kAnswered : Stop();
  }

  Next Finish() noexcept {
    const bool changed = flow_.outcome() != Outcome::kNotChanged;
    console_.Wipe();
    if (!flow_.text().empty()) {
      // Whether the farewell could be shown makes no difference any more.
      speaker_.SayAtOnce(changed ? Tone::kInfo : Tone::kError, flow_.text());
    }
    const bool set = flow_.outcome() == Outcome::kPasswordSet;
    return Over(set ? ResetEnd::kPasswordSet : ResetEnd::kNotChanged);
  }

  const Options& options_;
  const ResetRequest& request_;
  Speaker& speaker_;
  LoginTimerPause& timer_;
  SharedConsole console_;
  FlowSocket socket_;
  HostFlow flow_;
  ResetEnd end_ = ResetEnd::kStopped;
};

}  // namespace

ResetEnd RunReset(const Options& options, const ResetRequest& request, Speaker& speaker,
                  Secret& new_password) noexcept {
  LoginTimerPause timer(request.service, options.idle);
  Reset reset(options, request, speaker, timer);
  const ResetEnd end = reset.Run();
  if (end != ResetEnd::kPasswordSet) return end;
  new_password.Clear();
  return new_password.Append(reset.new_password().Reveal()) ? end : ResetEnd::kNotChanged;
}

}  // namespace sspr
