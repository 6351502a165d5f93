// SPDX-License-Identifier: Apache-2.0
// JWTs by OpenSSL.
#include "service/api/token_issuer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "common/protocol/jws_text.h"
#include "service/api/answer.h"
#include "service/api/guid.h"
#include "service/api/wire_text.h"
#include "service/tls/token_key_files.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kLifetime = 3600;
constexpr UnixSeconds kSkew = 60;  // of other machines' clocks
constexpr int kCoordinateBytes = 32;

std::string Sha256(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

// Big endian, padded. Empty on failure.
std::string Coordinate(const BIGNUM* number) {
  std::string bytes(kCoordinateBytes, '\0');
  const int written =
      BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), kCoordinateBytes);
  return written == kCoordinateBytes ? bytes : std::string();
}

std::string PublicCoordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
  std::string bytes = Coordinate(number);
  BN_free(number);
  return bytes;
}

// JWS wants r and s side by side (RFC 7518, 3.4), OpenSSL makes DER.
std::string RawSignature(const std::vector<unsigned char>& der) {
  const unsigned char* from = der.data();
  ECDSA_SIG* const signature = d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size()));
  if (signature == nullptr) return {};
  const std::string r = Coordinate(ECDSA_SIG_get0_r(signature));
  const std::string s = Coordinate(ECDSA_SIG_get0_s(signature));
  ECDSA_SIG_free(signature);
  return r.empty() || s.empty() ? std::string() : r + s;
}

}  // namespace

Result<TokenIssuer> TokenIssuer::Load(const std::string& key_file, std::string issuer,
                                      const Clock& clock) {
  Result<TokenIssuer> made = LoadOne(key_file, issuer, clock);
  const std::string previous = PreviousTokenKey(key_file);
  if (!made || !std::filesystem::exists(previous)) return made;
  const Result<TokenIssuer> before = LoadOne(previous, issuer, clock);
  if (!before) return before.error();
  made->previous_ = before->PublicKey();
  return made;
}

Result<TokenIssuer> TokenIssuer::LoadOne(const std::string& key_file, std::string issuer,
                                         const Clock& clock) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(key_file.c_str(), "re"),
                                                             &std::fclose);
  if (file == nullptr) return Error{Errc::kPolicy, key_file + ": cannot be read"};
  std::unique_ptr<EVP_PKEY, FreeKey> key(
      PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  std::array<char, 32> group{};
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) != 1 ||
      std::string_view(group.data()) != SN_X9_62_prime256v1) {
    return Error{Errc::kPolicy, key_file + ": is not a P-256 private key in PEM"};
  }
  TokenIssuer made(std::move(key), std::move(issuer), clock);
  if (made.x_.empty() || made.y_.empty()) return Error{Errc::kPolicy, key_file + ": is unusable"};
  return made;
}

TokenIssuer::TokenIssuer(std::unique_ptr<EVP_PKEY, FreeKey> key, std::string issuer,
                         const Clock& clock)
    : key_(std::move(key)),
      issuer_(std::move(issuer)),
      clock_(&clock),
      tenant_id_(GuidOf(Sha256(issuer_))),
      x_(Base64UrlEncode(PublicCoordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X))),
      y_(Base64UrlEncode(PublicCoordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y))),
      key_id_(Base64UrlEncode(
          Sha256(R"({"crv":"P-256","kty":"EC","x":")" + x_ + R"(","y":")" + y_ + R"("})"))) {
  Result<DevicePublicKey> half = DevicePublicKey::FromJwkText(R"({"crv":"P-256","kty":"EC","x":")" +
                                                              x_ + R"(","y":")" + y_ + R"("})");
  if (half.ok()) public_key_.emplace(std::move(half).value());
}

Result<Json::Value> TokenIssuer::Issue(const SignedIn& who, const TokenRequest& request) const {
  const UnixSeconds now = clock_->Now();
  Json::Value claims(Json::objectValue);
  claims["iss"] = issuer_;
  claims["aud"] = request.client_id;
  claims["sub"] = who.user_id;
  claims["oid"] = who.user_id;
  claims["tid"] = tenant_id_;
  claims["iat"] = Json::Int64{now};
  claims["nbf"] = Json::Int64{now - kSkew};
  claims["exp"] = Json::Int64{now + kLifetime};
  claims["ver"] = "2.0";

  Json::Value access = claims;
  access["azp"] = request.client_id;
  access["scp"] = request.scope;
  const Result<std::string> access_token = Sign(access, "at+jwt");
  if (!access_token) return access_token.error();

  Json::Value members(Json::objectValue);
  members["token_type"] = "Bearer";
  members["scope"] = request.scope;
  members["expires_in"] = Json::Int64{kLifetime};
  members["access_token"] = *access_token;
  if (request.id_token) {
    claims["preferred_username"] = who.username;
    claims["name"] = who.display_name;
    const Result<std::string> id_token = Sign(claims, "JWT");
    if (!id_token) return id_token.error();
    members["id_token"] = *id_token;
  }
  if (!request.refresh_token.empty()) members["refresh_token"] = request.refresh_token;
  if (request.client_info) {
    Json::Value info(Json::objectValue);
    info["uid"] = who.user_id;
    info["utid"] = tenant_id_;
    members["client_info"] = Base64UrlEncode(Write(info));
  }
  return members;
}

Json::Value TokenIssuer::PublicKeys() const {
  Json::Value set(Json::objectValue);
  set["keys"].append(PublicKey());
  if (!previous_.isNull()) set["keys"].append(previous_);
  return set;
}

Json::Value TokenIssuer::PublicKey() const {
  Json::Value key(Json::objectValue);
  key["kty"] = "EC";
  key["crv"] = "P-256";
  key["use"] = "sig";
  key["alg"] = "ES256";
  key["kid"] = key_id_;
  key["x"] = x_;
  key["y"] = y_;
  return key;
}

std::optional<std::string> TokenIssuer::UserOf(std::string_view access_token,
                                               std::string_view client_id) const {
  const Result<JwsText> token = ReadJws(access_token);
  if (!token.ok()) return std::nullopt;
  const auto text = [](const Json::Value& object, const char* name) {
    return object[name].isString() ? object[name].asString() : std::string();
  };
  const Json::Value& claims = token->claims;
  const UnixSeconds now = clock_->Now();
  const bool is_ours = text(token->header, "alg") == "ES256" &&
                       text(token->header, "typ") == "at+jwt" &&
                       text(token->header, "kid") == key_id_ && public_key_ &&
                       public_key_->Verifies(token->signed_text, token->signature) &&
                       text(claims, "iss") == issuer_ && text(claims, "azp") == client_id;
  const bool is_timely = claims["exp"].isInt64() && claims["nbf"].isInt64() &&
                         claims["exp"].asInt64() > now && claims["nbf"].asInt64() <= now;
  const std::string user = text(claims, "sub");
  if (!is_ours || !is_timely || user.empty()) return std::nullopt;
  return user;
}

Result<std::string> TokenIssuer::Sign(const Json::Value& claims, const char* type) const {
  Json::Value header(Json::objectValue);
  header["alg"] = "ES256";
  header["kid"] = key_id_;
  header["typ"] = type;
  const std::string text = Base64UrlEncode(Write(header)) + "." + Base64UrlEncode(Write(claims));

  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return Error{Errc::kInternal, "a token cannot be signed"};
  }
  std::vector<unsigned char> der(size);
  if (EVP_DigestSign(context.get(), der.data(), &size, bytes, text.size()) != 1) {
    return Error{Errc::kInternal, "a token cannot be signed"};
  }
  der.resize(size);
  const std::string signature = RawSignature(der);
  if (signature.empty()) return Error{Errc::kInternal, "a token cannot be signed"};
  return text + "." + Base64UrlEncode(signature);
}

}  // namespace sspr::service
