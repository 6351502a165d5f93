// SPDX-License-Identifier: Apache-2.0
// Passwords that guessers try first, of eight characters and more; case-folded.
#pragma once

#include <string_view>

namespace sspr::service {

bool IsCommonPassword(std::string_view folded);

}  // namespace sspr::service
