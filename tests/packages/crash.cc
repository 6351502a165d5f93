// SPDX-License-Identifier: Apache-2.0
// What pam_sspr.so must never be: a module that ends the login's process.
#include <cstdlib>

extern "C" __attribute__((visibility("default"))) int pam_sm_authenticate(void* /*pam*/,
                                                                          int /*flags*/,
                                                                          int /*argc*/,
                                                                          const char** /*argv*/) {
  std::abort();
}
