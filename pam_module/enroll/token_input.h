// SPDX-License-Identifier: Apache-2.0
// Where the enrolment token comes from: never the command line, which every user can read.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr {

// The first line of the file, or of standard input when file is "-"; asked for without an echo at
// a terminal. kPolicy, with a reason that fits into a sentence.
Result<Secret> ReadEnrolmentToken(const std::string& file);

}  // namespace sspr
