// SPDX-License-Identifier: Apache-2.0
#include "common/writeback/sealing_key.h"

#include <openssl/evp.h>

#include "common/keys/private_key_file.h"
#include "common/protocol/base64url.h"

namespace sspr {
namespace {

struct FreeAgreement {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

}  // namespace

void FreeSealingKey::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

Result<SealingKey> SealingKey::From(SealingKeyHandle key) {
  SealingPublicKey half{};
  std::size_t size = half.size();
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "X25519") != 1 ||
      EVP_PKEY_get_raw_public_key(key.get(), half.data(), &size) != 1 || size != half.size()) {
    return Error{Errc::kInternal, "not a key of X25519"};
  }
  return SealingKey(std::move(key), half);
}

Result<SealingKey> SealingKey::Generate() {
  return From(SealingKeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")));
}

Result<SealingKey> SealingKey::Of(const Secret& private_bytes) {
  const std::string_view bytes = private_bytes.Reveal();
  return From(SealingKeyHandle(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_X25519, nullptr, reinterpret_cast<const unsigned char*>(bytes.data()),
      bytes.size())));
}

Result<SealingKey> SealingKey::Load(const std::string& path) {
  Result<PrivateKeyHandle> key = LoadPrivateKey(path, KeyFileOwner::kThisUser);
  if (!key.ok()) return key.error();
  Result<SealingKey> made = From(SealingKeyHandle(key->release()));
  if (!made.ok()) return Error{Errc::kInternal, path + " holds no X25519 private key in PEM"};
  return made;
}

Status SealingKey::SaveNew(const std::string& path) const {
  return SaveNewPrivateKey(key_.get(), path);
}

std::optional<Secret> SealingKey::Agree(const SealingPublicKey& other) const {
  const SealingKeyHandle peer(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()));
  const std::unique_ptr<EVP_PKEY_CTX, FreeAgreement> context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  Secret shared;
  std::size_t size = kSealingKeyBytes;
  // OpenSSL refuses the all-zero secret of a point of small order by itself (RFC 7748, 6.1).
  const bool agreed =
      peer != nullptr && context != nullptr && shared.Resize(size) &&
      EVP_PKEY_derive_init(context.get()) == 1 &&
      EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
      EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(shared.Bytes().data()),
                      &size) == 1 &&
      size == kSealingKeyBytes;
  return agreed ? std::optional(std::move(shared)) : std::nullopt;
}

std::optional<SealingPublicKey> SealingPublicKeyFromHex(std::string_view text) {
  SealingPublicKey key{};
  return FromHex(text, key) ? std::optional(key) : std::nullopt;
}

}  // namespace sspr
