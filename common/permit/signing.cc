// SPDX-License-Identifier: Apache-2.0
// What is done with keys of OpenSSL: signing, at the service, and PEM.
#include <openssl/evp.h>

#include <array>

#include "common/permit/key_succession.h"
#include "common/permit/permit.h"
#include "common/permit/permit_keys.h"

namespace sspr {
namespace {

// Of a SubjectPublicKeyInfo with an Ed25519 key, all before the key (RFC 8410, 4).
constexpr std::string_view kSpkiHead("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

Signer SignerOf(const SigningKey& key) {
  return [&key](std::string_view message) { return key.Sign(message); };
}

}  // namespace

Result<PermitBytes> SignPermit(const SigningKey& key, const Permit& permit) {
  return SignPermitBy(SignerOf(key), permit);
}

Result<FixedBytes<kSuccessionBytes>> SignSuccession(const SigningKey& old_key,
                                                    const KeySuccession& succession) {
  return SignSuccessionBy(SignerOf(old_key), succession);
}

std::string PemOf(const PublicKeyBytes& bytes) {
  const std::string der = std::string(kSpkiHead) + std::string(View(bytes));
  std::array<unsigned char, 128> text{};
  const int size = EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(der.data()),
                                   static_cast<int>(der.size()));
  const std::string base64(reinterpret_cast<const char*>(text.data()),
                           static_cast<std::size_t>(size));
  return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
}

}  // namespace sspr
