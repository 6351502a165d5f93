// SPDX-License-Identifier: Apache-2.0
// Ed25519 keys (RFC 8032) of permits and their PEM files. The service holds a SigningKey; a machine
// holds the VerifyingKey that was installed when it was enrolled.
//
// Keys may be used from several threads at once.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/keys/private_key_file.h"
#include "common/permit/verifying_key.h"

namespace sspr {

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
  explicit SigningKey(PrivateKeyHandle key) : key_(std::move(key)) {}
  PrivateKeyHandle key_;
};

}  // namespace sspr
