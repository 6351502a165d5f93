// SPDX-License-Identifier: Apache-2.0
// P-256 as browsers use it: points as 65 bytes (04 ‖ x ‖ y), signatures as 64 bytes (r ‖ s).
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace sspr::service {

inline constexpr std::size_t kP256PointBytes = 65;
inline constexpr std::size_t kP256SignatureBytes = 64;

// False for what is no point of the curve as well.
bool IsP256Point(std::string_view point);
// ECDSA with SHA-256.
bool VerifyP256(std::string_view point, std::string_view message, std::string_view signature);

class P256Key {
 public:
  static Result<P256Key> Generate();
  // PEM, as service/tls/key_files.h makes it. kPolicy, with the file's name.
  static Result<P256Key> Load(const std::string& file);
  // From the 32 bytes of the private number.
  static Result<P256Key> FromNumber(std::string_view number);

  const std::string& point() const { return point_; }
  // ECDSA with SHA-256; kInternal when OpenSSL has no memory.
  Result<std::string> Sign(std::string_view message) const;
  // The shared secret with the owner of that point, 32 bytes. kDenied when it is none.
  Result<std::string> Agree(std::string_view point) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  using Handle = std::unique_ptr<EVP_PKEY, Free>;
  static Result<P256Key> Of(Handle key);
  P256Key(Handle key, std::string point) : key_(std::move(key)), point_(std::move(point)) {}

  Handle key_;
  std::string point_;
};

}  // namespace sspr::service
