// SPDX-License-Identifier: Apache-2.0
// Where the registration code comes from: never the command line, which every user can read.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr {

// The first line of the file, which others may not read, or of standard input when file is "-".
// kPolicy, with a reason that fits into a sentence.
Result<Secret> ReadRegistrationCode(const std::string& file);

}  // namespace sspr
