// SPDX-License-Identifier: Apache-2.0
#include <windows.h>
// After windows.h.
#include <bcrypt.h>

#include "common/protocol/device_proof.h"

namespace sspr {

std::optional<Thumbprint> DigestOf(std::string_view body) {
  Thumbprint digest{};
  BCRYPT_ALG_HANDLE sha256 = nullptr;
  if (BCryptOpenAlgorithmProvider(&sha256, BCRYPT_SHA256_ALGORITHM, nullptr, 0) != 0) {
    return std::nullopt;
  }
  auto* const bytes = reinterpret_cast<UCHAR*>(const_cast<char*>(body.data()));
  const NTSTATUS done = BCryptHash(sha256, nullptr, 0, bytes, static_cast<ULONG>(body.size()),
                                   digest.data(), static_cast<ULONG>(digest.size()));
  BCryptCloseAlgorithmProvider(sha256, 0);
  if (done != 0) return std::nullopt;
  return digest;
}

bool FillWithRandom(std::span<unsigned char> bytes) {
  return BCryptGenRandom(nullptr, bytes.data(), static_cast<ULONG>(bytes.size()),
                         BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0;
}

}  // namespace sspr
