// SPDX-License-Identifier: Apache-2.0
// The service's one secret key file and what is derived from it: the key that seals authenticator
// secrets, the key of code hashes, the key of names. It lies outside the database, so that a copy
// of the database alone gives away none of them.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/crypto/random.h"

namespace sspr::service {

class ServiceKeys {
 public:
  // The file must hold exactly 32 bytes and be readable by its owner alone. kInternal otherwise;
  // the detail says what to do.
  static Result<ServiceKeys> Load(const std::string& path);
  // See CreateSecretsKey in service/engine/engine_settings.h.
  static Status Create(const std::string& path, Random& random);

  ServiceKeys(const ServiceKeys&) = delete;
  ServiceKeys& operator=(const ServiceKeys&) = delete;
  ServiceKeys(ServiceKeys&&) = default;
  ServiceKeys& operator=(ServiceKeys&&) = default;
  ~ServiceKeys();

  // AES-256-GCM with a fresh nonce. context is bound, not stored: Open needs the same one. The
  // result is hexadecimal text.
  std::string Seal(Random& random, std::string_view plain, std::string_view context) const;
  // kInternal when it was not sealed with this key and context.
  Result<Secret> Open(std::string_view sealed, std::string_view context) const;

  // Keyed digests, 32 bytes, of codes and of user names; the two never collide.
  std::string CodeDigest(std::string_view text) const;
  std::string NameDigest(std::string_view text) const;

 private:
  explicit ServiceKeys(std::string_view master);

  std::string seal_key_;
  std::string code_key_;
  std::string name_key_;
};

}  // namespace sspr::service
