// SPDX-License-Identifier: Apache-2.0
#include <json/value.h>

#include "common/protocol/base64url.h"
#include "common/protocol/device_proof.h"
#include "common/protocol/json_fields.h"
#include "common/protocol/jws_text.h"

namespace sspr {
namespace {

constexpr std::size_t kMaxText = 2048;
constexpr std::size_t kMaxIdText = 128;

}  // namespace

Result<ReadProof> OpenProof(std::string_view jws) {
  const auto refuse = [](const char* why) { return Error{Errc::kProtocol, why}; };
  const Result<JwsText> parts = ReadJws(jws);
  if (!parts.ok()) return parts.error();
  JsonFields head(parts->header);
  const std::string type = head.String("typ", kMaxIdText);
  const std::string algorithm = head.String("alg", kMaxIdText);
  // What we do not understand but must (RFC 7515, 4.1.11) we do not accept.
  if (!head.sound() || type != kProofType || head.Has("crit")) {
    return refuse("the proof is of another type");
  }
  Result<DevicePublicKey> key = DevicePublicKey::FromJwk(parts->header["jwk"]);
  if (!key.ok()) return key.error();
  if (algorithm != key->algorithm()) return refuse("the algorithm is not that of the key");
  if (!key->Verifies(parts->signed_text, parts->signature)) {
    return refuse("the signature is not that of the key");
  }
  JsonFields fields(parts->claims);
  ProofClaims claims;
  claims.method = fields.String("htm", kMaxIdText);
  claims.url = fields.String("htu", kMaxText);
  claims.id = fields.String("jti", kMaxIdText);
  claims.nonce = fields.OptionalString("nonce", kMaxIdText).value_or(std::string());
  const std::string digest = fields.String("body_sha256", kMaxIdText);
  const Json::Value& at = parts->claims["iat"];
  if (!fields.sound() || !at.isInt64() || !FromBase64Url(digest, claims.body_digest)) {
    return refuse("a claim of the proof is missing or malformed");
  }
  claims.issued_at = at.asInt64();
  return ReadProof{std::move(key).value(), std::move(claims)};
}

}  // namespace sspr
