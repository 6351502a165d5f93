// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/device_proof.h"

#include <json/value.h>
#include <json/writer.h>

#include <array>
#include <span>

#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"

namespace sspr {
namespace {

constexpr std::size_t kIdBytes = 16;

std::span<const unsigned char> Bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string Compact(const Json::Value& value) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  return Json::writeString(builder, value);
}

}  // namespace

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

Result<std::string> DeviceProver::Prove(std::string_view method, std::string_view path,
                                        std::string_view body) const {
  std::array<unsigned char, kIdBytes> id{};
  const std::optional<Thumbprint> digest = DigestOf(body);
  if (!digest || !FillWithRandom(id)) {
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
