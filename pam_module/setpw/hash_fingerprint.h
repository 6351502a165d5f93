// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) of a crypt hash: enough to see later that it is still the same one.
#pragma once

#include <string_view>

#include "common/permit/fixed_bytes.h"

namespace sspr::setpw {

using HashFingerprint = FixedBytes<32>;

// All zero when libcrypto fails, which is the fingerprint of no hash.
HashFingerprint FingerprintOf(std::string_view hash);

}  // namespace sspr::setpw
