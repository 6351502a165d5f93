// SPDX-License-Identifier: Apache-2.0
// By which one key of permits makes another its successor (docs/protocol.md, "Successor of a permit
// key"): 112 bytes, signed by the old key. A machine that trusts the old key may trust the new one
// on the strength of this alone, wherever it has it from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/permit/verifying_key.h"

namespace sspr {

class SigningKey;

inline constexpr std::size_t kSuccessionBytes = 112;

struct KeySuccession {
  std::uint16_t old_id = 0;
  std::uint16_t new_id = 0;
  UnixSeconds made_at = 0;
  PublicKeyBytes new_key{};
};

// kInternal when the key does not sign or the time cannot be said.
Result<FixedBytes<kSuccessionBytes>> SignSuccession(const SigningKey& old_key,
                                                    const KeySuccession& succession);
Result<FixedBytes<kSuccessionBytes>> SignSuccessionBy(const Signer& sign,
                                                      const KeySuccession& succession);

// kDenied when the signature is not by the key, kProtocol when what was signed is no succession.
Result<KeySuccession> VerifySuccession(const VerifyingKey& old_key, std::string_view bytes);

// As a machine keeps it in permit.pub; not on Windows.
std::string PemOf(const PublicKeyBytes& bytes);

// The keys that a chain of statements adds to the first one, in order. The first that does not
// verify is an error.
Result<std::vector<VerifyingKey>> FollowSuccessions(const VerifyingKey& first,
                                                    std::string_view statements);

}  // namespace sspr
