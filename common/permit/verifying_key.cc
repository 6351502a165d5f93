// SPDX-License-Identifier: Apache-2.0
#include "common/permit/verifying_key.h"

#include <algorithm>
#include <iterator>

#include "common/permit/openssl_parts.h"

namespace sspr {
namespace {

// The one PEM form of an Ed25519 public key: 44 bytes of DER in 60 digits.
constexpr std::string_view kPemBegin = "-----BEGIN PUBLIC KEY-----\n";
constexpr std::string_view kPemEnd = "\n-----END PUBLIC KEY-----";
constexpr unsigned char kDerPrefix[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::size_t kDerBytes = sizeof kDerPrefix + kPublicKeyBytes;
constexpr std::size_t kBase64Bytes = 60;
constexpr std::size_t kPublicPemBytes = kPemBegin.size() + kBase64Bytes + kPemEnd.size();

struct FreePublicKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

}  // namespace

Result<VerifyingKey> VerifyingKey::Load(const std::string& path) {
  const KeyFile file = OpenKeyFile(path);
  if (file == nullptr) return {Errc::kInternal, "cannot read " + path};
  char text[kPublicPemBytes + 2];
  const std::size_t size = std::fread(text, 1, sizeof text, file.get());
  Result<VerifyingKey> key = FromPem({text, size});
  if (!key) return {Errc::kInternal, path + " holds no Ed25519 public key"};
  return key;
}

// Read by hand: the form is fixed to the byte (RFC 8410, section 10.1), and OpenSSL's decoders
// would bring every format they know into a root program.
Result<VerifyingKey> VerifyingKey::FromPem(std::string_view pem) {
  const Error none{Errc::kInternal, "no Ed25519 public key"};
  if (pem.ends_with('\n')) pem.remove_suffix(1);
  if (!pem.starts_with(kPemBegin) || !pem.ends_with(kPemEnd)) return none;
  const std::string_view digits =
      pem.substr(kPemBegin.size(), pem.size() - kPemBegin.size() - kPemEnd.size());
  unsigned char der[kDerBytes + 3];
  if (digits.size() != kBase64Bytes ||
      EVP_DecodeBlock(der, Unsigned(digits), static_cast<int>(digits.size())) !=
          static_cast<int>(kDerBytes + 1) ||
      !std::equal(std::begin(kDerPrefix), std::end(kDerPrefix), der)) {
    return none;
  }
  PublicKeyBytes bytes;
  std::copy_n(der + sizeof kDerPrefix, bytes.size(), bytes.begin());
  return VerifyingKey(bytes);
}

bool VerifyingKey::Verifies(std::string_view message, std::string_view signature) const {
  const std::unique_ptr<EVP_PKEY, FreePublicKey> key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, Unsigned(View(bytes_)), kPublicKeyBytes));
  const DigestContext context(EVP_MD_CTX_new());
  return key != nullptr && context != nullptr && signature.size() == kSignatureBytes &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(), Unsigned(message),
                          message.size()) == 1;
}

}  // namespace sspr
