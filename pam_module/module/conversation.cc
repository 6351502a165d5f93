// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

namespace sspr {

Conversation::Conversation(pam_handle_t* pam, int flags, std::size_t columns) noexcept
    : silent_((static_cast<unsigned>(flags) & PAM_SILENT) != 0), columns_(columns) {
  const void* item = nullptr;
  if (pam_get_item(pam, PAM_CONV, &item) == PAM_SUCCESS) conv_ = static_cast<const pam_conv*>(item);
}

Conversation::Reply Conversation::Say(int style, std::string_view text, Secret* answer) noexcept {
  if (conv_ == nullptr || conv_->conv == nullptr || text.size() > kMaxTextBytes) {
    return Reply::kFailed;
  }
  char terminated[kMaxTextBytes + 1];
  memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  if (answer == nullptr && columns_ > 0) BreakLines({terminated, text.size()}, columns_);
  const pam_message message{style, terminated};
  const pam_message* messages = &message;
  pam_response* response = nullptr;
  // After a failure the response is the host's business, whatever it points to.
  if (conv_->conv(1, &messages, &response, conv_->appdata_ptr) != PAM_SUCCESS) {
    return Reply::kFailed;
  }
  Reply reply = answer == nullptr ? Reply::kAnswered : Reply::kFailed;
  if (response == nullptr) return reply;
  if (response->resp != nullptr) {
    const std::size_t size = strlen(response->resp);
    if (answer != nullptr) {
      answer->Clear();
      reply = answer->Append({response->resp, size}) ? Reply::kAnswered : Reply::kTooLong;
    }
    Wipe(response->resp, size);
    free(response->resp);
  }
  free(response);
  return reply;
}

bool Conversation::ShowInfo(std::string_view text) noexcept {
  return silent_ || Say(PAM_TEXT_INFO, text, nullptr) == Reply::kAnswered;
}

bool Conversation::ShowError(std::string_view text) noexcept {
  return silent_ || Say(PAM_ERROR_MSG, text, nullptr) == Reply::kAnswered;
}

Conversation::Reply Conversation::Ask(Echo echo, std::string_view prompt, Secret& answer) noexcept {
  return Say(echo == Echo::kOn ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF, prompt, &answer);
}

}  // namespace sspr
