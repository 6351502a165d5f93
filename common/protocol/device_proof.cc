// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/device_proof.h"

#include <json/value.h>
#include <json/writer.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <span>

#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"
#include "common/protocol/jws_text.h"

namespace sspr {
namespace {

constexpr char kProofType[] = "dpop+jwt";
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMaxText = 2048;
constexpr std::size_t kMaxIdText = 128;

std::span<const unsigned char> Bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string Compact(const Json::Value& value) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  return Json::writeString(builder, value);
}

}  // namespace

std::optional<Thumbprint> DigestOf(std::string_view body) {
  Thumbprint digest{};
  unsigned length = 0;
  if (EVP_Digest(body.data(), body.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1 ||
      length != digest.size()) {
    return std::nullopt;
  }
  return digest;
}

Result<std::string> SignProof(const DeviceKey& key, const ProofClaims& claims) {
  const Result<Json::Value> jwk = ParseStrictJson(key.Public().jwk());
  if (!jwk.ok()) return jwk.error();
  Json::Value header(Json::objectValue);
  header["typ"] = kProofType;
  header["alg"] = key.Public().algorithm();
  header["jwk"] = *jwk;
  Json::Value body(Json::objectValue);
  body["htm"] = claims.method;
  body["htu"] = claims.url;
  body["jti"] = claims.id;
  body["iat"] = Json::Int64{claims.issued_at};
  body["body_sha256"] = Base64Url(claims.body_digest);
  if (!claims.nonce.empty()) body["nonce"] = claims.nonce;
  std::string text = Base64Url(Bytes(Compact(header))) + "." + Base64Url(Bytes(Compact(body)));
  const Result<std::string> signature = key.Sign(text);
  if (!signature.ok()) return signature.error();
  return text + "." + Base64Url(Bytes(*signature));
}

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

Result<std::string> DeviceProver::Prove(std::string_view method, std::string_view path,
                                        std::string_view body) const {
  std::array<unsigned char, kIdBytes> id{};
  const std::optional<Thumbprint> digest = DigestOf(body);
  if (!digest || RAND_bytes(id.data(), static_cast<int>(id.size())) != 1) {
    return Error{Errc::kInternal, "a proof cannot be made"};
  }
  return SignProof(key_, {.method = std::string(method),
                          .url = base_url_ + std::string(path.substr(0, path.find('?'))),
                          .id = Base64Url(id),
                          .issued_at = clock_.Now(),
                          .nonce = nonce_,
                          .body_digest = *digest});
}

}  // namespace sspr
