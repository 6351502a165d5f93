// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/reset_session.h"

#include <algorithm>
#include <new>

#include "credprov_win/dll/com_text.h"
#include "credprov_win/dll/logon_package.h"

namespace sspr {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookInterval{100};  // between two questions whether the person cancelled

}  // namespace

ResetSession* ResetSession::Make(std::string_view user, const wchar_t* setpw,
                                 TileLanguage language) noexcept {
  auto* made = new (std::nothrow) ResetSession(user, setpw, language);
  if (made != nullptr && (!made->abandoned_ || !made->helper_.Prepare())) {
    made->Release();
    return nullptr;
  }
  return made;
}

ResetSession::ResetSession(std::string_view user, const wchar_t* setpw,
                           TileLanguage language) noexcept
    : language_(language),
      setpw_(setpw),
      flow_(user, ""),
      abandoned_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {
  if (!user_.Append(user)) user_.Clear();
}

void ResetSession::Abandon() noexcept {
  SetEvent(abandoned_.get());
  helper_.End();
}

void ResetSession::Advance(const wchar_t* program, std::string_view service,
                           std::string_view answer, IQueryContinueWithStatus* query) noexcept {
  next_.notice.Clear();
  if (over_) return EndWith(TileText::kStopped);
  if (!deadline_) {
    if (query != nullptr) {
      query->SetStatusMessage(TileWords(TileText::kConnecting, language_));
    }
    if (!Begin(program, service)) return EndWith(TileText::kNotAvailable);
  } else if (!SendAnswer(answer)) {
    return;
  }
  for (;;) {
    if (Left(query)) return Leave();
    const milliseconds left = deadline_->Left(MonotonicNow());
    if (left == milliseconds{0}) return EndWith(spoken_ ? TileText::kStopped : TileText::kSilent);
    Frame frame;
    switch (helper_.Receive(frame, std::min(left, kLookInterval), abandoned_.get())) {
      case HelperProcess::Got::kNothingYet:
        continue;
      case HelperProcess::Got::kGone:
        return EndWith(spoken_ ? TileText::kStopped : TileText::kNotAvailable);
      case HelperProcess::Got::kBroken:
        return EndWith(TileText::kStopped);
      case HelperProcess::Got::kFrame:
        break;
    }
    spoken_ = true;
    deadline_->OnFrame(MonotonicNow());
    if (Take(flow_.TakeFrame(frame), query)) return;
  }
}

bool ResetSession::Begin(const wchar_t* program, std::string_view service) noexcept {
  if (user_.empty() || !helper_.Start(program, setpw_)) return false;
  deadline_.emplace(MonotonicNow());
  FrameWriter begin(FrameType::kBegin);
  begin.PutU8(kFrameVersion);
  begin.PutU8(kCapabilityChoices | kCapabilityManyLines);
  begin.PutString(service);
  begin.PutString(user_.Reveal());
  begin.PutString(TileLanguageTag(language_));
  // What was cut off goes on at the computer itself only: those who come from afar share a screen.
  begin.PutString(GetSystemMetrics(SM_REMOTESESSION) != 0 ? "" : "console");
  return helper_.Send(begin.Encoded());
}

// An sspr-flow that ended while the person typed may have left its reasons to be read.
bool ResetSession::SendAnswer(std::string_view answer) noexcept {
  FrameWriter writer(FrameType::kAnswer);
  switch (flow_.TakeAnswer(answer, writer)) {
    case AnswerVerdict::kSend:
      helper_.Send(writer.Encoded());
      deadline_->OnAnswerSent(MonotonicNow());
      return true;
    case AnswerVerdict::kNotAChoice:
      return false;  // the same question stays; the list offers nothing else, so it was no person
    case AnswerVerdict::kSameForAll:
    case AnswerVerdict::kTooManyTries:
      break;
  }
  Leave();
  EndWith(TileText::kStopped);
  return false;
}

bool ResetSession::Take(HostStep step, IQueryContinueWithStatus* query) noexcept {
  switch (step) {
    case HostStep::kShowInfo:
    case HostStep::kShowError:
      Say(flow_.text());
      return false;
    case HostStep::kCode:
      return false;  // a picture: the words beside it say the same
    case HostStep::kWait: {
      WideText<1024> status;
      if (query != nullptr && AppendUtf8(flow_.text(), status) && !status.empty()) {
        query->SetStatusMessage(status.c_str());
      }
      return false;
    }
    case HostStep::kAskVisible:
    case HostStep::kAskHidden:
      next_.kind =
          step == HostStep::kAskHidden ? NextStep::Kind::kAskHidden : NextStep::Kind::kAskVisible;
      next_.question.Clear();
      AppendUtf8(flow_.text(), next_.question);
      return true;
    case HostStep::kChoose:
      TakeChoices();
      return true;
    case HostStep::kFinished:
      TakeEnd();
      return true;
    case HostStep::kBroken:
      break;
  }
  EndWith(TileText::kStopped);
  return true;
}

void ResetSession::TakeChoices() noexcept {
  next_.kind = NextStep::Kind::kChoose;
  next_.question.Clear();
  AppendUtf8(flow_.text(), next_.question);
  next_.label_count = flow_.label_count();
  for (std::size_t i = 0; i < next_.label_count; ++i) {
    next_.labels[i].Clear();
    AppendUtf8(flow_.label(i), next_.labels[i]);
  }
}

void ResetSession::TakeEnd() noexcept {
  over_ = true;
  next_.kind = NextStep::Kind::kOver;
  Say(flow_.text());
  if (flow_.outcome() == Outcome::kPasswordSet) {
    next_.password_set = true;
    next_.can_sign_in = AppendUtf8(flow_.new_password().Reveal(), next_.new_password) &&
                        FindLogonPackage(next_.authentication_package);
  }
  helper_.End();
}

void ResetSession::EndWith(TileText why) noexcept {
  over_ = true;
  next_.kind = NextStep::Kind::kOver;
  if (!next_.notice.empty()) next_.notice.Append(L"\n");
  next_.notice.Append(TileWords(why, language_));
  helper_.End();
}

// What was said before goes when there is no place for what is said now.
void ResetSession::Say(std::string_view text) noexcept {
  if (text.empty()) return;
  if (!next_.notice.empty() && !next_.notice.Append(L"\n")) next_.notice.Clear();
  if (!AppendUtf8(text, next_.notice)) {
    next_.notice.Clear();
    AppendUtf8(text, next_.notice);
  }
}

bool ResetSession::Left(IQueryContinueWithStatus* query) noexcept {
  if (WaitForSingleObject(abandoned_.get(), 0) == WAIT_OBJECT_0) return true;
  return query != nullptr && query->QueryContinue() != S_OK;
}

void ResetSession::Leave() noexcept {
  FrameWriter cancel(FrameType::kCancel);
  helper_.Send(cancel.Encoded());
  over_ = true;
  next_.kind = NextStep::Kind::kOver;
  next_.notice.Clear();
  helper_.End();
}

}  // namespace sspr
