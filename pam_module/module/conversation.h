// SPDX-License-Identifier: Apache-2.0
// The PAM conversation of the host: the only place that talks to the person. Distrusts what the
// host's function returns; wipes and frees every response. Builds the messages itself, so that no
// text is ever a format string.
#pragma once

#include <security/pam_modules.h>

#include <string_view>

#include "common/base/secret.h"

namespace sspr {

class Conversation {
 public:
  enum class Echo { kOn, kOff };

  // flags: those of the pam_sm_* call; with PAM_SILENT only questions are passed on.
  Conversation(pam_handle_t* pam, int flags) noexcept;

  // True when the text was taken (or PAM_SILENT kept it back).
  bool ShowInfo(std::string_view text) noexcept;
  bool ShowError(std::string_view text) noexcept;
  // False when the person left, the host failed, or the answer is longer than 511 bytes.
  bool Ask(Echo echo, std::string_view prompt, Secret& answer) noexcept;

 private:
  // Calls the host. False when it failed; answer may be null for messages.
  bool Say(int style, std::string_view text, Secret* answer) noexcept;

  const pam_conv* conv_ = nullptr;
  bool silent_;
};

}  // namespace sspr
