// SPDX-License-Identifier: Apache-2.0
// The tokens of a sign-in: id_token and access_token are JWTs signed ES256 (RFC 7515, 7518), whose
// public key is published as a JWK set (RFC 7517). Safe from several threads at once.
#pragma once

#include <json/value.h>
#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/protocol/device_key.h"
#include "service/flow_service.h"

namespace sspr::service {

struct TokenRequest {
  std::string client_id;
  std::string scope;
  bool id_token = false;
  std::string refresh_token = {};  // empty: none
  bool client_info = false;
};

class TokenIssuer {
 public:
  // key_file: a P-256 private key, PEM. issuer: the base URL. Errors: kPolicy with the file's name.
  // Where a rotation left the key before ("token.previous.key" beside "token.key"), it is published
  // too, for the tokens that it signed.
  static Result<TokenIssuer> Load(const std::string& key_file, std::string issuer,
                                  const Clock& clock);

  // The members of a token answer. kInternal when OpenSSL fails.
  Result<Json::Value> Issue(const SignedIn& who, const TokenRequest& request) const;

  // The user of an access token of ours that is of this client and has not expired.
  std::optional<std::string> UserOf(std::string_view access_token,
                                    std::string_view client_id) const;

  Json::Value PublicKeys() const;  // {"keys":[...]}

  // Stable: made of the issuer's name.
  const std::string& tenant_id() const { return tenant_id_; }

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  };
  TokenIssuer(std::unique_ptr<EVP_PKEY, FreeKey> key, std::string issuer, const Clock& clock);

  static Result<TokenIssuer> LoadOne(const std::string& key_file, std::string issuer,
                                     const Clock& clock);
  Result<std::string> Sign(const Json::Value& claims, const char* type) const;
  Json::Value PublicKey() const;

  std::unique_ptr<EVP_PKEY, FreeKey> key_;
  std::string issuer_;
  const Clock* clock_;
  std::string tenant_id_;
  std::string x_;  // base64url
  std::string y_;
  std::string key_id_;    // RFC 7638 thumbprint
  Json::Value previous_;  // the public key before; null: there is none
  std::optional<DevicePublicKey> public_key_;
};

}  // namespace sspr::service
