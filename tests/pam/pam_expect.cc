// SPDX-License-Identifier: Apache-2.0
// Stands in for a password module in the tests' stacks, because pam_unix cannot read hashes without
// privilege: password=X is right, everything else wrong. Like pam_unix with try_first_pass it asks
// "Password: " only when there is no token yet; with use_first_pass it never asks.
#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include <cstring>
#include <string_view>

extern "C" {

__attribute__((visibility("default"))) int pam_sm_authenticate(pam_handle_t* pam, int /*flags*/,
                                                               int argc, const char** argv) {
  std::string_view right;
  bool may_ask = true;
  for (int i = 0; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("password=")) right = word.substr(9);
    if (word == "use_first_pass") may_ask = false;
  }
  const void* item = nullptr;
  const char* token = nullptr;
  if (pam_get_item(pam, PAM_AUTHTOK, &item) == PAM_SUCCESS) token = static_cast<const char*>(item);
  if (token == nullptr && may_ask && pam_get_authtok(pam, PAM_AUTHTOK, &token, nullptr) != 0) {
    return PAM_AUTH_ERR;
  }
  return token != nullptr && token == right ? PAM_SUCCESS : PAM_AUTH_ERR;
}

__attribute__((visibility("default"))) int pam_sm_setcred(pam_handle_t* /*pam*/, int /*flags*/,
                                                          int /*argc*/, const char** /*argv*/) {
  return PAM_SUCCESS;
}
}
