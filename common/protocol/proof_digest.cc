// SPDX-License-Identifier: Apache-2.0
// What proofs need of a cryptographic library; on Windows it is CNG (credprov_win/machine).
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "common/protocol/device_proof.h"

namespace sspr {

std::optional<Thumbprint> DigestOf(std::string_view body) {
  Thumbprint digest{};
  unsigned length = 0;
  if (EVP_Digest(body.data(), body.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1 ||
      length != digest.size()) {
    return std::nullopt;
  }
  return digest;
}

bool FillWithRandom(std::span<unsigned char> bytes) {
  return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

}  // namespace sspr
