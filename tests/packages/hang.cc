// SPDX-License-Identifier: Apache-2.0
// What pam_sspr.so must never be either: a module that does not come back.
#include <unistd.h>

extern "C" __attribute__((visibility("default"))) int pam_sm_authenticate(void* /*pam*/,
                                                                          int /*flags*/,
                                                                          int /*argc*/,
                                                                          const char** /*argv*/) {
  for (;;) pause();
}
