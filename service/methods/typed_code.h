// SPDX-License-Identifier: Apache-2.0
// What a person types as a code: spaces and hyphens are left out, and of letters and digits what is
// easily mistaken; nothing else is made right.
#pragma once

#include <optional>

#include "common/base/secret.h"

namespace sspr::service {

// Exactly `length` ASCII digits, or nothing.
std::optional<Secret> DigitsOf(const Secret& typed, int length);

// Exactly `length` characters of RFC 4648 Base32, in capitals, or nothing. 0, 1 and 8, which are
// not of that alphabet, are read as O, I and B.
std::optional<Secret> Base32CodeOf(const Secret& typed, int length);

}  // namespace sspr::service
