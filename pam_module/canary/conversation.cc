// SPDX-License-Identifier: Apache-2.0
#include "pam_module/canary/conversation.h"

#include <security/pam_appl.h>

#include <cstdlib>
#include <cstring>

namespace sspr {
namespace {

// More than any login of a password asks; a stack that asks on and on is broken.
constexpr int kMostQuestions = 12;

struct Talk {
  const std::string& password;
  int questions = 0;
  bool asked_for_password = false;
};

// PAM's contract: an array of as many responses as messages, which libpam frees with what is in it.
int Answer(int count, const pam_message** messages, pam_response** responses, void* data) {
  Talk& talk = *static_cast<Talk*>(data);
  if (count <= 0 || count > PAM_MAX_NUM_MSG) return PAM_CONV_ERR;
  auto* const answers = static_cast<pam_response*>(
      std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  if (answers == nullptr) return PAM_BUF_ERR;
  for (int i = 0; i < count; ++i) {
    const int style = messages[i]->msg_style;
    if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON) continue;
    const bool hidden = style == PAM_PROMPT_ECHO_OFF;
    talk.asked_for_password |= hidden;
    answers[i].resp = strdup(hidden ? talk.password.c_str() : "");
    if (++talk.questions > kMostQuestions || answers[i].resp == nullptr) {
      for (int j = 0; j <= i; ++j) std::free(answers[j].resp);
      std::free(answers);
      return PAM_CONV_ERR;
    }
  }
  *responses = answers;
  return PAM_SUCCESS;
}

// A refused login is made to wait; nobody guesses here.
void NoDelay(int /*result*/, unsigned /*microseconds*/, void* /*data*/) {}

bool IsRefusal(int result) {
  return result == PAM_AUTH_ERR || result == PAM_USER_UNKNOWN || result == PAM_MAXTRIES;
}

}  // namespace

LoginAnswer TryLogin(const std::string& service, const std::string& user,
                     const std::string& password) {
  Talk talk{password};
  const pam_conv conversation{&Answer, &talk};
  pam_handle_t* pam = nullptr;
  int result = pam_start(service.c_str(), user.c_str(), &conversation, &pam);
  if (result != PAM_SUCCESS) return {Login::kBroken, pam_strerror(pam, result)};
  // pam_set_item takes the address of the function where the item is one.
  union {
    void (*function)(int, unsigned, void*);
    const void* item;
  } delay{&NoDelay};
  pam_set_item(pam, PAM_FAIL_DELAY, delay.item);
  pam_set_item(pam, PAM_TTY, "tty1");
  result = pam_authenticate(pam, 0);
  const bool refused = IsRefusal(result);
  if (result == PAM_SUCCESS) result = pam_acct_mgmt(pam, 0);
  const std::string detail = pam_strerror(pam, result);
  pam_end(pam, result);
  if (!talk.asked_for_password) return {Login::kBroken, "no password was asked for, " + detail};
  if (result == PAM_SUCCESS) return {Login::kAccepted, detail};
  return {refused ? Login::kRefused : Login::kBroken, detail};
}

}  // namespace sspr
