// SPDX-License-Identifier: Apache-2.0
// A PAM module of the test alone: makes a login over XDMCP, which is a remote one, a login at the
// machine. Where there is no graphics card, no other display can be served.
#include <security/pam_modules.h>

extern "C" {

__attribute__((visibility("default"))) int pam_sm_authenticate(pam_handle_t* pam, int /*flags*/,
                                                               int /*argc*/,
                                                               const char** /*argv*/) {
  pam_set_item(pam, PAM_RHOST, nullptr);
  return PAM_IGNORE;
}

__attribute__((visibility("default"))) int pam_sm_setcred(pam_handle_t* /*pam*/, int /*flags*/,
                                                          int /*argc*/, const char** /*argv*/) {
  return PAM_IGNORE;
}
}
