// SPDX-License-Identifier: Apache-2.0
// Ed25519 on Windows: libsodium's check, which refuses keys and signatures of small order and any
// second way to write the same signature.
#include <sodium/crypto_sign_ed25519.h>

#include "common/permit/verifying_key.h"

namespace sspr {

bool VerifyingKey::Verifies(std::string_view message, std::string_view signature) const {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  static_assert(kSignatureBytes == crypto_sign_ed25519_BYTES);
  static_assert(kPublicKeyBytes == crypto_sign_ed25519_PUBLICKEYBYTES);
  return signature.size() == kSignatureBytes &&
         crypto_sign_ed25519_verify_detached(bytes(signature), bytes(message), message.size(),
                                             bytes(View(bytes_))) == 0;
}

}  // namespace sspr
