// SPDX-License-Identifier: Apache-2.0
// The PAM conversation of the host: the only place that talks to the person. Distrusts what the
// host's function returns; wipes and frees every response. Builds the messages itself, so that no
// text is ever a format string.
#pragma once

#include <security/pam_modules.h>

#include <span>
#include <string_view>

#include "common/base/secret.h"

namespace sspr {

class Conversation {
 public:
  enum class Echo { kOn, kOff };
  enum class Reply {
    kAnswered,
    kTooLong,  // more than 511 bytes: refused, never cut
    kFailed,   // the person left, or the host failed
  };

  // flags: those of the pam_sm_* call; with PAM_SILENT only questions are passed on. Messages are
  // broken into lines of so many columns; 0 where the front end wraps them itself.
  Conversation(pam_handle_t* pam, int flags, std::size_t columns) noexcept;

  // True when the text was taken (or PAM_SILENT kept it back).
  bool ShowInfo(std::string_view text) noexcept;
  bool ShowError(std::string_view text) noexcept;
  // answer is filled on kAnswered only.
  Reply Ask(Echo echo, std::string_view prompt, Secret& answer) noexcept;

  // Whether the host draws choice lists.
  static bool HasChoices() noexcept;
  // answer is the number of the chosen label ("1"...), or whatever else the host has made of it.
  // kFailed where it draws no lists.
  Reply Choose(std::string_view title, std::span<const std::string_view> labels,
               Secret& answer) noexcept;

 private:
  // Calls the host's function; the response, if any, is the caller's to free.
  bool Call(const pam_message& message, pam_response*& response) noexcept;
  // Calls the host; answer is null for messages.
  Reply Say(int style, std::string_view text, Secret* answer) noexcept;

  const pam_conv* conv_ = nullptr;
  bool silent_;
  std::size_t columns_;
};

}  // namespace sspr
