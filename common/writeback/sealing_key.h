// SPDX-License-Identifier: Apache-2.0
// The key to which the service seals passwords for an agent on the premises: X25519. Made at the
// agent, and its private half never leaves it.
//
// Keys may be used from several threads at once.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"

typedef struct evp_pkey_st EVP_PKEY;

namespace sspr {

inline constexpr std::size_t kSealingKeyBytes = 32;
using SealingPublicKey = std::array<unsigned char, kSealingKeyBytes>;

struct FreeSealingKey {
  void operator()(EVP_PKEY* key) const noexcept;
};
using SealingKeyHandle = std::unique_ptr<EVP_PKEY, FreeSealingKey>;

class SealingKey {
 public:
  static Result<SealingKey> Generate();
  // 32 bytes as RFC 7748 has them; kInternal for another size.
  static Result<SealingKey> Of(const Secret& private_bytes);
  // PEM (PKCS#8, without a pass phrase). kInternal when the file cannot be read, may be read by
  // others than its owner, belongs to somebody else than this process, or holds no such key; the
  // detail names the file.
  static Result<SealingKey> Load(const std::string& path);
  // Creates the file with mode 0600; an existing one is an error, never overwritten.
  Status SaveNew(const std::string& path) const;

  const SealingPublicKey& Public() const { return public_; }
  // The shared secret of X25519. Nothing when the other half is a point of small order.
  std::optional<Secret> Agree(const SealingPublicKey& other) const;

 private:
  static Result<SealingKey> From(SealingKeyHandle key);
  SealingKey(SealingKeyHandle key, const SealingPublicKey& half)
      : key_(std::move(key)), public_(half) {}

  SealingKeyHandle key_;
  SealingPublicKey public_{};
};

// 64 hexadecimal digits; nothing for anything else.
std::optional<SealingPublicKey> SealingPublicKeyFromHex(std::string_view text);

}  // namespace sspr
