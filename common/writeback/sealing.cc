// SPDX-License-Identifier: Apache-2.0
#include "common/writeback/sealing.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

namespace sspr {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::string_view kVersion = "HPKE-v1";
constexpr std::string_view kKemSuite{"KEM\x00\x20", 5};
constexpr std::string_view kSuite{"HPKE\x00\x20\x00\x01\x00\x02", 10};
constexpr char kBaseMode = '\0';

// What is hashed on the way: labels and public keys, and one secret of 32 bytes at most.
using Material = SecretBuffer<1024>;

const unsigned char* Unsigned(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Unsigned(std::span<char> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

std::string_view View(const SealingPublicKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::optional<Secret> Hmac(std::string_view key, const Material& message) {
  Secret made;
  unsigned size = 0;
  const std::string_view text = message.Reveal();
  if (!made.Resize(kHashBytes) ||
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Unsigned(text), text.size(),
           Unsigned(made.Bytes()), &size) == nullptr ||
      size != kHashBytes) {
    return std::nullopt;
  }
  return made;
}

// RFC 9180, 4: LabeledExtract and LabeledExpand, the latter for one block of the hash at most.
std::optional<Secret> Extract(std::string_view suite, std::string_view salt, std::string_view label,
                              std::string_view input) {
  Material text;
  if (!text.Append(kVersion) || !text.Append(suite) || !text.Append(label) || !text.Append(input)) {
    return std::nullopt;
  }
  // HMAC pads its key with zeros: an empty salt is one of zeros.
  return Hmac(salt, text);
}

std::optional<Secret> Expand(std::string_view suite, const Secret& key, std::string_view label,
                             std::string_view info, std::size_t size) {
  const char length[] = {static_cast<char>(size >> 8), static_cast<char>(size & 0xFF)};
  Material text;
  if (!text.Append({length, sizeof length}) || !text.Append(kVersion) || !text.Append(suite) ||
      !text.Append(label) || !text.Append(info) || !text.Append("\x01")) {
    return std::nullopt;
  }
  std::optional<Secret> made = Hmac(key.Reveal(), text);
  if (!made || !made->Resize(size)) return std::nullopt;
  return made;
}

struct Context {
  Secret key;
  Secret nonce;
};

// RFC 9180, 4.1 and 5.1, from the shared secret of the two keys.
std::optional<Context> Schedule(const std::optional<Secret>& agreed, const SealingPublicKey& sender,
                                const SealingPublicKey& recipient, std::string_view info) {
  if (!agreed) return std::nullopt;
  const std::string both = std::string(View(sender)) + std::string(View(recipient));
  const auto extracted = Extract(kKemSuite, "", "eae_prk", agreed->Reveal());
  if (!extracted) return std::nullopt;
  const auto shared = Expand(kKemSuite, *extracted, "shared_secret", both, kHashBytes);
  const auto psk_id = Extract(kSuite, "", "psk_id_hash", "");
  const auto about = Extract(kSuite, "", "info_hash", info);
  if (!shared || !psk_id || !about) return std::nullopt;
  std::string context(1, kBaseMode);
  context.append(psk_id->Reveal()).append(about->Reveal());
  const auto secret = Extract(kSuite, shared->Reveal(), "secret", "");
  if (!secret) return std::nullopt;
  auto key = Expand(kSuite, *secret, "key", context, kKeyBytes);
  auto nonce = Expand(kSuite, *secret, "base_nonce", context, kNonceBytes);
  if (!key || !nonce) return std::nullopt;
  return Context{std::move(*key), std::move(*nonce)};
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

int Size(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace

Result<std::string> Seal(const SealingPublicKey& recipient, std::string_view info,
                         std::string_view aad, const Secret& secret) {
  const Error failed{Errc::kInternal, "a password cannot be sealed"};
  const Result<SealingKey> once = SealingKey::Generate();
  if (!once.ok()) return once.error();
  const auto context = Schedule(once->Agree(recipient), once->Public(), recipient, info);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  if (!context || cipher == nullptr) return failed;
  const std::string_view text = secret.Reveal();
  std::string sealed(View(once->Public()));
  sealed.resize(kSealingKeyBytes + text.size() + kTagBytes);
  auto* const out = reinterpret_cast<unsigned char*>(sealed.data()) + kSealingKeyBytes;
  int written = 0;
  int rest = 0;
  if (EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), Unsigned(context->key.Reveal()),
                          Unsigned(context->nonce.Reveal()), nullptr) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &rest, Unsigned(aad), Size(aad)) != 1 ||
      EVP_EncryptUpdate(cipher.get(), out, &written, Unsigned(text), Size(text)) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), out + written, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, out + text.size()) != 1) {
    return failed;
  }
  return sealed;
}

Result<Secret> Unseal(const SealingKey& key, std::string_view info, std::string_view aad,
                      std::string_view sealed) {
  const Error unfit{Errc::kProtocol, "what is sealed cannot be opened with this agent's key"};
  Secret text;
  if (sealed.size() < kSealingKeyBytes + kTagBytes ||
      !text.Resize(sealed.size() - kSealingKeyBytes - kTagBytes)) {
    return unfit;
  }
  SealingPublicKey sender{};
  std::copy_n(Unsigned(sealed), sender.size(), sender.begin());
  const auto context = Schedule(key.Agree(sender), sender, key.Public(), info);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  if (!context || cipher == nullptr) return unfit;
  std::array<unsigned char, kTagBytes> tag{};
  std::copy_n(Unsigned(sealed) + sealed.size() - kTagBytes, kTagBytes, tag.begin());
  const std::string_view body = sealed.substr(kSealingKeyBytes, text.size());
  unsigned char* const out = Unsigned(text.Bytes());
  int written = 0;
  int rest = 0;
  if (EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), Unsigned(context->key.Reveal()),
                          Unsigned(context->nonce.Reveal()), nullptr) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &rest, Unsigned(aad), Size(aad)) != 1 ||
      EVP_DecryptUpdate(cipher.get(), out, &written, Unsigned(body), Size(body)) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(cipher.get(), out + written, &rest) != 1) {
    return unfit;
  }
  return text;
}

}  // namespace sspr
