// SPDX-License-Identifier: Apache-2.0
// The commitment to a new password: what ties a permit to the one password that this person chose,
// without telling the password to anybody. SHA-256 (FIPS 180-4) over nonce, salt and password; the
// salt is drawn by sspr-setpw and never leaves it.
#pragma once

#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/permit/fixed_bytes.h"

namespace sspr {

inline constexpr std::size_t kCommitmentSaltBytes = 32;
using CommitmentSalt = FixedBytes<kCommitmentSaltBytes>;

// kInternal when libcrypto fails.
Result<Commitment> PasswordCommitment(const Nonce& nonce, const CommitmentSalt& salt,
                                      const Secret& password);

}  // namespace sspr
