// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/speaker.h"

#include <string.h>

namespace sspr {

// False when it does not fit any more.
bool Speaker::Hold(std::string_view text) noexcept {
  const std::size_t gap = held_size_ > 0 ? 1 : 0;
  if (text.size() > kMaxTextBytes - held_size_ - gap) return false;
  if (gap > 0) held_[held_size_++] = '\n';
  memcpy(held_ + held_size_, text.data(), text.size());
  held_size_ += text.size();
  return true;
}

bool Speaker::Say(Tone tone, std::string_view text) noexcept {
  if (!profile_.joins_messages) return SayAtOnce(tone, text);
  // What is waited for is not held back: it would be said when it is over.
  if (tone == Tone::kWait) return !profile_.shows_waits || SayAtOnce(tone, text);
  if (!Hold(text) && (!Flush() || !Hold(text))) return false;
  held_error_ = held_error_ || tone == Tone::kError;
  return true;
}

bool Speaker::SayAtOnce(Tone tone, std::string_view text) noexcept {
  if (!Flush()) return false;
  return tone == Tone::kError ? conversation_.ShowError(text) : conversation_.ShowInfo(text);
}

bool Speaker::Flush() noexcept {
  if (held_size_ == 0) return true;
  const std::string_view text(held_, held_size_);
  if (profile_.one_line) {
    for (std::size_t i = 0; i < held_size_; ++i) {
      if (held_[i] == '\n') held_[i] = ' ';
    }
  }
  const bool said = held_error_ ? conversation_.ShowError(text) : conversation_.ShowInfo(text);
  held_size_ = 0;
  held_error_ = false;
  return said;
}

Conversation::Reply Speaker::Ask(Conversation::Echo echo, std::string_view prompt,
                                 Secret& answer) noexcept {
  std::string_view instruction = prompt;
  while (instruction.ends_with(' ') || instruction.ends_with(':')) instruction.remove_suffix(1);
  if (CountCodePoints(instruction) > profile_.prompt_columns && !Say(Tone::kInfo, instruction)) {
    return Conversation::Reply::kFailed;
  }
  if (!Flush()) return Conversation::Reply::kFailed;
  const bool hidden = echo == Conversation::Echo::kOff;
  const bool shown = !hidden && (!after_hidden_ || profile_.visible_after_hidden);
  const Conversation::Reply reply =
      conversation_.Ask(shown ? Conversation::Echo::kOn : Conversation::Echo::kOff, prompt, answer);
  if (reply != Conversation::Reply::kAnswered) return reply;
  after_hidden_ = hidden || (profile_.keeps_answers && after_hidden_);
  if (profile_.keeps_answers) {
    Secret typed;
    const bool fits = typed.Append(WithoutKept(answer.Reveal(), last_.Reveal(), hidden));
    last_ = static_cast<Secret&&>(answer);
    answer = static_cast<Secret&&>(typed);
    if (!fits) return Conversation::Reply::kTooLong;
  }
  return reply;
}

Conversation::Reply Speaker::Choose(std::string_view title,
                                    std::span<const std::string_view> labels,
                                    Secret& answer) noexcept {
  if (!Flush()) return Conversation::Reply::kFailed;
  const Conversation::Reply reply = conversation_.Choose(title, labels, answer);
  if (reply == Conversation::Reply::kAnswered) after_hidden_ = false;
  return reply;
}

void Speaker::Typed(std::string_view secret) noexcept {
  after_hidden_ = true;
  if (!last_.Append(secret)) last_.Clear();
}

}  // namespace sspr
