// SPDX-License-Identifier: Apache-2.0
// Secrets from the person at the terminal, or from a pipe; never from an argument.
#pragma once

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr::service {

// At a terminal it is asked for twice without echo; else it is the first line of standard input,
// without its end. kPolicy when it is empty, too long or the two differ, kCancelled at end of
// input.
Result<Secret> ReadNewPassword();

// The next line of standard input, without its end. kPolicy when it is empty or too long,
// kCancelled at end of input.
Result<Secret> ReadSecretLine();

}  // namespace sspr::service
