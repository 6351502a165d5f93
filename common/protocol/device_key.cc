// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/device_key.h"

#include <json/value.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <vector>

#include "common/keys/private_key_file.h"
#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"

namespace sspr {
namespace {

constexpr std::size_t kCoordinateBytes = 32;
constexpr std::size_t kPointBytes = 1 + 2 * kCoordinateBytes;
constexpr char kGroup[] = "P-256";
using Coordinate = std::array<unsigned char, kCoordinateBytes>;

struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};
using EcSignature = std::unique_ptr<ECDSA_SIG, FreeSignature>;

const unsigned char* Unsigned(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool ReadCoordinate(const Json::Value& jwk, const char* name, Coordinate& into) {
  const Json::Value& member = jwk[name];
  return member.isString() && FromBase64Url(member.asString(), into);
}

DeviceKeyHandle Ed25519From(const Coordinate& x) {
  return DeviceKeyHandle(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x.data(), x.size()));
}

DeviceKeyHandle P256From(const Coordinate& x, const Coordinate& y) {
  std::array<unsigned char, kPointBytes> point{};
  point[0] = POINT_CONVERSION_UNCOMPRESSED;
  std::copy(x.begin(), x.end(), point.begin() + 1);
  std::copy(y.begin(), y.end(), point.begin() + 1 + kCoordinateBytes);
  std::array<char, sizeof kGroup> group{};
  std::copy(std::begin(kGroup), std::end(kGroup), group.begin());
  const std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(parameters.data())) != 1) {
    return nullptr;
  }
  DeviceKeyHandle key(made);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (check == nullptr || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

bool PutNumber(const BIGNUM* number, unsigned char* into) {
  return BN_bn2binpad(number, into, kCoordinateBytes) == static_cast<int>(kCoordinateBytes);
}

bool PublicCoordinate(const EVP_PKEY* key, const char* name, Coordinate& into) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return false;
  const bool put = PutNumber(number, into.data());
  BN_free(number);
  return put;
}

// JWS wants r and s side by side, OpenSSL DER.
std::string RawOf(const std::vector<unsigned char>& der) {
  const unsigned char* from = der.data();
  const EcSignature signature(d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size())));
  std::string raw(kProofSignatureBytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(raw.data());
  if (signature == nullptr || !PutNumber(ECDSA_SIG_get0_r(signature.get()), out) ||
      !PutNumber(ECDSA_SIG_get0_s(signature.get()), out + kCoordinateBytes)) {
    return {};
  }
  return raw;
}

std::vector<unsigned char> DerOf(std::string_view raw) {
  const EcSignature signature(ECDSA_SIG_new());
  BIGNUM* const r = BN_bin2bn(Unsigned(raw), kCoordinateBytes, nullptr);
  BIGNUM* const s = BN_bin2bn(Unsigned(raw.substr(kCoordinateBytes)), kCoordinateBytes, nullptr);
  if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return {};
  std::vector<unsigned char> made(der, der + size);
  OPENSSL_free(der);
  return made;
}

const EVP_MD* DigestFor(DeviceKeyKind kind) {
  return kind == DeviceKeyKind::kP256 ? EVP_sha256() : nullptr;
}

}  // namespace

void FreeDeviceKey::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

const char* DevicePublicKey::algorithm() const {
  return kind_ == DeviceKeyKind::kP256 ? "ES256" : "EdDSA";
}

Result<DevicePublicKey> DevicePublicKey::FromJwkText(std::string_view json) {
  const Result<Json::Value> jwk = ParseStrictJson(json);
  if (!jwk.ok()) return jwk.error();
  return FromJwk(*jwk);
}

Result<DevicePublicKey> DevicePublicKey::FromJwk(const Json::Value& jwk) {
  const Error unfit{Errc::kProtocol, "not the public key of a device"};
  if (!jwk.isObject() || jwk.isMember("d") || !jwk["kty"].isString() || !jwk["crv"].isString()) {
    return unfit;
  }
  const std::string type = jwk["kty"].asString();
  const std::string curve = jwk["crv"].asString();
  Coordinate x{};
  Coordinate y{};
  DeviceKeyHandle key;
  if (type == "EC" && curve == kGroup && ReadCoordinate(jwk, "x", x) &&
      ReadCoordinate(jwk, "y", y)) {
    key = P256From(x, y);
  } else if (type == "OKP" && curve == "Ed25519" && ReadCoordinate(jwk, "x", x)) {
    key = Ed25519From(x);
  }
  if (key == nullptr) return unfit;
  Result<DevicePublicKey> made = Of(std::move(key));
  if (!made.ok()) return unfit;
  return made;
}

Result<DevicePublicKey> DevicePublicKey::Of(DeviceKeyHandle key) {
  DevicePublicKey made;
  Coordinate x{};
  Coordinate y{};
  std::array<char, 32> group{};
  std::size_t size = x.size();
  if (EVP_PKEY_is_a(key.get(), "ED25519") == 1 &&
      EVP_PKEY_get_raw_public_key(key.get(), x.data(), &size) == 1 && size == x.size()) {
    made.kind_ = DeviceKeyKind::kEd25519;
    made.jwk_ = R"({"crv":"Ed25519","kty":"OKP","x":")" + Base64Url(x) + R"("})";
  } else if (EVP_PKEY_is_a(key.get(), "EC") == 1 &&
             EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) == 1 &&
             std::string_view(group.data()) == SN_X9_62_prime256v1 &&
             PublicCoordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, x) &&
             PublicCoordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, y)) {
    made.kind_ = DeviceKeyKind::kP256;
    made.jwk_ =
        R"({"crv":"P-256","kty":"EC","x":")" + Base64Url(x) + R"(","y":")" + Base64Url(y) + R"("})";
  } else {
    return Error{Errc::kInternal, "the key is neither P-256 nor Ed25519"};
  }
  unsigned length = 0;
  if (EVP_Digest(made.jwk_.data(), made.jwk_.size(), made.thumbprint_.data(), &length, EVP_sha256(),
                 nullptr) != 1 ||
      length != made.thumbprint_.size()) {
    return Error{Errc::kInternal, "a thumbprint cannot be made"};
  }
  made.key_ = std::move(key);
  return made;
}

bool DevicePublicKey::Verifies(std::string_view message, std::string_view signature) const {
  if (signature.size() != kProofSignatureBytes) return false;
  std::vector<unsigned char> bytes(signature.begin(), signature.end());
  if (kind_ == DeviceKeyKind::kP256) bytes = DerOf(signature);
  const Digest context(EVP_MD_CTX_new());
  return context != nullptr && !bytes.empty() &&
         EVP_DigestVerifyInit(context.get(), nullptr, DigestFor(kind_), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes.data(), bytes.size(), Unsigned(message),
                          message.size()) == 1;
}

Result<DeviceKey> DeviceKey::Of(DeviceKeyHandle key) {
  if (EVP_PKEY_up_ref(key.get()) != 1) return Error{Errc::kInternal, "no memory for a key"};
  Result<DevicePublicKey> half = DevicePublicKey::Of(DeviceKeyHandle(key.get()));
  if (!half.ok()) return half.error();
  return DeviceKey(std::move(key), std::move(half).value());
}

Result<DeviceKey> DeviceKey::Generate(DeviceKeyKind kind) {
  DeviceKeyHandle key(kind == DeviceKeyKind::kP256
                          ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kGroup)
                          : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (key == nullptr) return Error{Errc::kInternal, "a device key cannot be made"};
  return Of(std::move(key));
}

Result<DeviceKey> DeviceKey::Load(const std::string& path) {
  Result<PrivateKeyHandle> key = LoadPrivateKey(path, KeyFileOwner::kAnybody);
  if (!key.ok()) return key.error();
  const Error unfit{Errc::kInternal, path + " holds no P-256 or Ed25519 private key in PEM"};
  if (*key == nullptr) return unfit;
  Result<DeviceKey> made = Of(DeviceKeyHandle(key->release()));
  if (!made.ok()) return unfit;
  return made;
}

Status DeviceKey::SaveNew(const std::string& path) const {
  return SaveNewPrivateKey(key_.get(), path);
}

Result<std::string> DeviceKey::Sign(std::string_view message) const {
  const Error failed{Errc::kInternal, "a proof cannot be signed"};
  const Digest context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, DigestFor(public_.kind()), nullptr, key_.get()) !=
          1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Unsigned(message), message.size()) != 1) {
    return failed;
  }
  std::vector<unsigned char> made(size);
  if (EVP_DigestSign(context.get(), made.data(), &size, Unsigned(message), message.size()) != 1) {
    return failed;
  }
  made.resize(size);
  std::string raw =
      public_.kind() == DeviceKeyKind::kP256 ? RawOf(made) : std::string(made.begin(), made.end());
  if (raw.size() != kProofSignatureBytes) return failed;
  return raw;
}

}  // namespace sspr
