// SPDX-License-Identifier: Apache-2.0
// Codes that are handed out before they are needed: recovery codes on paper, and passes of the help
// desk. Each works once and is kept as a hash.
#pragma once

#include <string>
#include <string_view>

#include "common/base/secret.h"
#include "service/crypto/random.h"

namespace sspr::service {

inline constexpr int kRecoveryCodeLength = 16;  // 80 bits
inline constexpr int kRecoveryCodes = 10;
inline constexpr int kTemporaryPassLength = 13;  // 65 bits

// RFC 4648 Base32, each character equally likely.
Secret RandomBase32(Random& random, int length);

// In groups of four, with hyphens between, as it is printed.
SecretBuffer<64> Grouped(const Secret& code);

}  // namespace sspr::service
