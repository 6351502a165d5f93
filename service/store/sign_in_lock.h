// SPDX-License-Identifier: Apache-2.0
// The lock of sign-in with a password, the same for every store. It has nothing to do with the
// limits of a reset: neither touches the other, but that a finished reset opens it.
#pragma once

#include "service/store/records.h"

namespace sspr::service {

struct SignInLock {
  int failures = 0;  // counted before the comparison, forgotten by a success
  UnixSeconds locked_until = 0;
};

// Counts one try, or says how long to wait.
LimitVerdict CountSignIn(SignInLock& lock, UnixSeconds now);

}  // namespace sspr::service
