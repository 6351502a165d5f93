// SPDX-License-Identifier: Apache-2.0
// The public half of an Ed25519 key (RFC 8032) by which permits are checked: what a machine holds.
// Its bytes are kept as they are; whose library does the arithmetic is the platform's affair
// (OpenSSL, on Windows libsodium).
//
// Keys may be used from several threads at once.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/permit/fixed_bytes.h"

namespace sspr {

inline constexpr std::size_t kSignatureBytes = 64;
inline constexpr std::size_t kPublicKeyBytes = 32;
using Signature = FixedBytes<kSignatureBytes>;
using PublicKeyBytes = FixedBytes<kPublicKeyBytes>;

// Signs those bytes.
using Signer = std::function<Result<Signature>(std::string_view message)>;

class VerifyingKey {
 public:
  // kInternal when the file cannot be read or holds anything but one Ed25519 public key in PEM, as
  // PublicPem and `openssl pkey -pubout` write it. Neither is there on Windows.
  static Result<VerifyingKey> Load(const std::string& path);
  static Result<VerifyingKey> FromPem(std::string_view pem);

  // Bytes that are no point of the curve verify nothing.
  explicit VerifyingKey(const PublicKeyBytes& bytes) : bytes_(bytes) {}

  bool Verifies(std::string_view message, std::string_view signature) const;
  const PublicKeyBytes& bytes() const noexcept { return bytes_; }

 private:
  PublicKeyBytes bytes_;
};

}  // namespace sspr
