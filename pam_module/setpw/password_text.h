// SPDX-License-Identifier: Apache-2.0
// What a password must be as text, so that the same keys type it at every later login: limits of
// Linux-PAM and crypt(3), valid UTF-8, NFC (Unicode Standard Annex 15), no control characters.
// Refused, never rewritten.
#pragma once

#include <optional>

#include "common/base/secret.h"
#include "common/setpw/reset_steps.h"

namespace sspr::setpw {

inline constexpr std::size_t kMaxPasswordCodePoints = 256;

// Nothing when the text is acceptable. An empty password is too weak.
std::optional<Rejection> CheckPasswordText(const Secret& password);

}  // namespace sspr::setpw
