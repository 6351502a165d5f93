// SPDX-License-Identifier: Apache-2.0
// How an application shows who it is to Microsoft's identity platform: a JWT signed with the key of
// a certificate that is registered with it (RFC 7523; PS256, x5t#S256).
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace sspr::service {

class CertificateCredential {
 public:
  // PEM files. kPolicy when one cannot be read, the key is not RSA of at least 2048 bits, or is not
  // the certificate's; the detail names the file.
  static Result<std::unique_ptr<CertificateCredential>> Load(const std::string& certificate_file,
                                                             const std::string& key_file);

  // For one request to that token endpoint. kInternal when OpenSSL fails.
  Result<std::string> Assertion(std::string_view client_id, std::string_view audience,
                                UnixSeconds now) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const noexcept;
  };
  CertificateCredential(std::unique_ptr<EVP_PKEY, FreeKey> key, std::string thumbprint);

  std::unique_ptr<EVP_PKEY, FreeKey> key_;
  std::string thumbprint_;  // base64url of the SHA-256 of the certificate's DER
};

}  // namespace sspr::service
