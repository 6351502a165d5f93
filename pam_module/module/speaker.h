// SPDX-License-Identifier: Apache-2.0
// Says and asks what a reset wants said and asked, as the front end can show it.
#pragma once

#include <span>
#include <string_view>

#include "common/base/secret.h"
#include "common/base/text.h"
#include "pam_module/module/conversation.h"
#include "pam_module/module/profile.h"

namespace sspr {

enum class Tone { kInfo, kError, kWait };

class Speaker {
 public:
  Speaker(Conversation& conversation, const Profile& profile) noexcept
      : conversation_(conversation), profile_(profile) {}

  // False when the person left. What is held back is said before the next question.
  bool Say(Tone tone, std::string_view text) noexcept;
  bool SayAtOnce(Tone tone, std::string_view text) noexcept;
  bool Flush() noexcept;

  // The prompt may be said twice, in the message before it as well; a visible question may be asked
  // hidden.
  Conversation::Reply Ask(Conversation::Echo echo, std::string_view prompt,
                          Secret& answer) noexcept;

  // Whether Choose can be asked here.
  bool draws_choices() const noexcept {
    return profile_.choice_columns > 0 && Conversation::HasChoices();
  }
  // answer is the number of a label, or whatever else came back.
  Conversation::Reply Choose(std::string_view title, std::span<const std::string_view> labels,
                             Secret& answer) noexcept;

  // A secret that somebody else asked for just now.
  void Typed(std::string_view secret) noexcept;

  const Profile& profile() const noexcept { return profile_; }

 private:
  bool Hold(std::string_view text) noexcept;

  Conversation& conversation_;
  const Profile& profile_;
  bool after_hidden_ = false;
  Secret last_;  // what a front end that keeps answers has in its field
  bool held_error_ = false;
  std::size_t held_size_ = 0;
  char held_[kMaxTextBytes];
};

}  // namespace sspr
