// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "pam_module/module/gdm_choices.h"

namespace sspr {
namespace {

Conversation::Reply TakeOver(const char* text, Secret& answer) noexcept {
  answer.Clear();
  return answer.Append(text) ? Conversation::Reply::kAnswered : Conversation::Reply::kTooLong;
}

// Wipes and frees what a host has answered.
void WipeAndFree(char* text) noexcept {
  if (text == nullptr) return;
  Wipe(text, strlen(text));
  free(text);
}

}  // namespace

Conversation::Conversation(pam_handle_t* pam, int flags, std::size_t columns) noexcept
    : silent_((static_cast<unsigned>(flags) & PAM_SILENT) != 0), columns_(columns) {
  const void* item = nullptr;
  if (pam_get_item(pam, PAM_CONV, &item) == PAM_SUCCESS) conv_ = static_cast<const pam_conv*>(item);
}

bool Conversation::Call(const pam_message& message, pam_response*& response) noexcept {
  if (conv_ == nullptr || conv_->conv == nullptr) return false;
  const pam_message* messages = &message;
  // After a failure the response is the host's business, whatever it points to.
  return conv_->conv(1, &messages, &response, conv_->appdata_ptr) == PAM_SUCCESS;
}

Conversation::Reply Conversation::Say(int style, std::string_view text, Secret* answer) noexcept {
  if (text.size() > kMaxTextBytes) return Reply::kFailed;
  char terminated[kMaxTextBytes + 1];
  memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  if (answer == nullptr && columns_ > 0) BreakLines({terminated, text.size()}, columns_);
  pam_response* response = nullptr;
  if (!Call({style, terminated}, response)) return Reply::kFailed;
  Reply reply = answer == nullptr ? Reply::kAnswered : Reply::kFailed;
  if (response == nullptr) return reply;
  if (response->resp != nullptr && answer != nullptr) reply = TakeOver(response->resp, *answer);
  WipeAndFree(response->resp);
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

bool Conversation::HasChoices() noexcept { return GdmChoiceType().has_value(); }

Conversation::Reply Conversation::Choose(std::string_view title,
                                         std::span<const std::string_view> labels,
                                         Secret& answer) noexcept {
  const auto type = GdmChoiceType();
  if (!type) return Reply::kFailed;
  const GdmChoiceRequest request(*type, title, labels);
  pam_response* response = nullptr;
  if (!Call({PAM_BINARY_PROMPT, request.message()}, response) || response == nullptr) {
    return Reply::kFailed;
  }
  Reply reply = Reply::kFailed;
  if (response->resp != nullptr) {
    if (GdmChoiceResponse* const choice = AsGdmChoice(response->resp, *type)) {
      if (choice->key != nullptr) reply = TakeOver(choice->key, answer);
      WipeAndFree(choice->key);
    }
    free(response->resp);
  }
  free(response);
  return reply;
}

}  // namespace sspr
