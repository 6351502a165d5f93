// SPDX-License-Identifier: Apache-2.0
// ~/.ecryptfs/wrapped-passphrase: the mount passphrase under AES-128-ECB with a key from the login
// password. Version 2: ':' 0x02, salt 8, signature of the key 16, ciphertext. Version 1: signature,
// ciphertext; its salt is the same everywhere. What is made here is always version 2.
#include <openssl/evp.h>

#include <optional>
#include <string>

#include "common/permit/fixed_bytes.h"
#include "pam_module/setpw/block_cipher.h"
#include "pam_module/setpw/locked_files.h"
#include "pam_module/setpw/random_bytes.h"

namespace sspr::setpw {
namespace {

constexpr std::string_view kVersion2(":\x02", 2);
constexpr std::string_view kFixedSalt("\x00\x11\x22\x33\x44\x55\x66\x77", 8);
constexpr std::size_t kSaltSize = 8;
constexpr std::size_t kSignatureSize = 16;
constexpr std::size_t kMostCiphertext = 80;  // a passphrase of 64, padded
constexpr int kRounds = 65536;
constexpr std::size_t kWrappingKeyBytes = 16;

struct Parts {
  std::string_view salt;
  std::string_view signature;
  std::string_view ciphertext;
};

std::optional<Parts> PartsOf(std::string_view file) {
  Parts parts{kFixedSalt, {}, {}};
  if (file.starts_with(kVersion2)) {
    file.remove_prefix(kVersion2.size());
    if (file.size() < kSaltSize) return std::nullopt;
    parts.salt = file.substr(0, kSaltSize);
    file.remove_prefix(kSaltSize);
  }
  if (file.size() <= kSignatureSize) return std::nullopt;
  parts.signature = file.substr(0, kSignatureSize);
  parts.ciphertext = file.substr(kSignatureSize);
  const bool sound =
      parts.ciphertext.size() % kAesBlockBytes == 0 && parts.ciphertext.size() <= kMostCiphertext &&
      parts.signature.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!sound) return std::nullopt;
  return parts;
}

struct WrappingKey {
  DigestBytes key;
  std::string signature;
};

WrappingKey KeyFrom(const Secret& password, std::string_view salt) {
  WrappingKey made;
  made.key = Digest(EVP_sha512(), {salt, password.Reveal()});
  for (int i = 1; i < kRounds && !made.key.empty(); ++i) {
    made.key = Digest(EVP_sha512(), {made.key.Reveal()});
  }
  const DigestBytes mark = Digest(EVP_sha512(), {made.key.Reveal()});
  made.signature = ToHex(mark.Reveal().substr(0, kSignatureSize / 2));
  return made;
}

Status Unwrap(const Parts& parts, const Secret& password,
              SecretBuffer<kMostCiphertext + 1>& clear) {
  if (password.size() > kMostWrappingBytes) return {Errc::kDenied, "too long for eCryptfs"};
  const WrappingKey wrapping = KeyFrom(password, parts.salt);
  if (wrapping.key.empty()) return {Errc::kInternal, "libcrypto"};
  if (wrapping.signature != parts.signature) {
    return {Errc::kDenied, "the password does not unwrap the mount passphrase"};
  }
  clear.Clear();
  const bool good =
      clear.Append(parts.ciphertext) &&
      RunCipher(EVP_aes_128_ecb(), Direction::kDecrypt,
                wrapping.key.Reveal().substr(0, kWrappingKeyBytes), "", clear.Bytes());
  if (!good) return {Errc::kInternal, "libcrypto"};
  return Ok();
}

}  // namespace

Status OpenWrappedPassphrase(std::string_view file, const Secret& password) {
  const auto parts = PartsOf(file);
  if (!parts) return {Errc::kProtocol, "no wrapped passphrase of a known kind"};
  SecretBuffer<kMostCiphertext + 1> clear;
  return Unwrap(*parts, password, clear);
}

Result<WipedText> RewrapPassphrase(std::string_view file, const Secret& old_password,
                                   const Secret& new_password) {
  const auto parts = PartsOf(file);
  if (!parts) return {Errc::kProtocol, "no wrapped passphrase of a known kind"};
  SecretBuffer<kMostCiphertext + 1> text;
  if (Status opened = Unwrap(*parts, old_password, text); !opened) return opened.error();
  if (new_password.size() > kMostWrappingBytes) {
    return {Errc::kPolicy, "the new password is too long for eCryptfs"};
  }
  char random[kSaltSize];
  if (!FillRandom(random)) return {Errc::kInternal, "no random numbers"};
  const std::string_view salt(random, kSaltSize);
  const WrappingKey wrapping = KeyFrom(new_password, salt);
  if (wrapping.key.empty() ||
      !RunCipher(EVP_aes_128_ecb(), Direction::kEncrypt,
                 wrapping.key.Reveal().substr(0, kWrappingKeyBytes), "", text.Bytes())) {
    return {Errc::kInternal, "libcrypto"};
  }
  WipedText made(kVersion2.size() + kSaltSize + kSignatureSize + text.size());
  made.Append(kVersion2);
  made.Append(salt);
  made.Append(wrapping.signature);
  made.Append(text.Reveal());
  return made;
}

}  // namespace sspr::setpw
