// SPDX-License-Identifier: Apache-2.0
// Ed25519 keys (RFC 8032) of permits and their PEM files. The service holds a SigningKey; a machine
// holds the VerifyingKey that was installed when it was enrolled.
//
// Keys may be used from several threads at once.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/permit/fixed_bytes.h"

namespace sspr {

inline constexpr std::size_t kSignatureBytes = 64;
inline constexpr std::size_t kPublicKeyBytes = 32;
using Signature = FixedBytes<kSignatureBytes>;
using PublicKeyBytes = FixedBytes<kPublicKeyBytes>;

struct FreeOpensslKey {
  void operator()(EVP_PKEY* key) const noexcept;
};
using OpensslKey = std::unique_ptr<EVP_PKEY, FreeOpensslKey>;

class VerifyingKey {
 public:
  // kInternal when the file cannot be read or holds anything but one Ed25519 public key in PEM, as
  // PublicPem and `openssl pkey -pubout` write it.
  static Result<VerifyingKey> Load(const std::string& path);
  static Result<VerifyingKey> FromPem(std::string_view pem);

  bool Verifies(std::string_view message, std::string_view signature) const;

 private:
  friend class SigningKey;
  // 32 bytes.
  static Result<VerifyingKey> FromRaw(const unsigned char* bytes);
  explicit VerifyingKey(OpensslKey key) : key_(std::move(key)) {}
  OpensslKey key_;
};

class SigningKey {
 public:
  static Result<SigningKey> Generate();
  // kInternal when the file cannot be read or holds no Ed25519 private key in PEM (PKCS#8, without
  // a pass phrase).
  static Result<SigningKey> Load(const std::string& path);

  // Creates the file with mode 0600; an existing file is an error, never overwritten.
  Status SaveNew(const std::string& path) const;
  // The public half as PEM (SubjectPublicKeyInfo), to be installed at the machines.
  Result<std::string> PublicPem() const;
  Result<PublicKeyBytes> PublicBytes() const;
  Result<VerifyingKey> Public() const;

  Result<Signature> Sign(std::string_view message) const;

 private:
  explicit SigningKey(OpensslKey key) : key_(std::move(key)) {}
  OpensslKey key_;
};

}  // namespace sspr
