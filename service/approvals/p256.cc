// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/p256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>
#include <cstdio>
#include <vector>

namespace sspr::service {
namespace {

constexpr int kNumberBytes = 32;
constexpr char kGroup[] = SN_X9_62_prime256v1;

template <auto Function>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Null when OpenSSL refuses it, as for a point that is not on the curve. number may be null.
Key Build(std::string_view point, const BIGNUM* number) {
  const Builder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kGroup, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1 ||
      (number != nullptr &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number) != 1)) {
    return nullptr;
  }
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  const int selection = number != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, selection, params.get()) != 1) {
    return nullptr;
  }
  Key key(made);
  const Context check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (check == nullptr || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

Key PublicKey(std::string_view point) {
  if (point.size() != kP256PointBytes || point[0] != '\x04') return nullptr;
  return Build(point, nullptr);
}

std::string PointOf(EVP_PKEY* key) {
  std::array<unsigned char, kP256PointBytes> bytes{};
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size(),
                                      &size) != 1 ||
      size != kP256PointBytes) {
    return {};
  }
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

}  // namespace

bool IsP256Point(std::string_view point) { return PublicKey(point) != nullptr; }

bool VerifyP256(std::string_view point, std::string_view message, std::string_view signature) {
  const Key key = PublicKey(point);
  if (key == nullptr || signature.size() != kP256SignatureBytes) return false;
  Number r(BN_bin2bn(Bytes(signature), kNumberBytes, nullptr));
  Number s(BN_bin2bn(Bytes(signature) + kNumberBytes, kNumberBytes, nullptr));
  const Signature both(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || both == nullptr ||
      ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) {
    return false;
  }
  (void)r.release();  // are the signature's now
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &der);
  if (size <= 0) return false;
  const std::vector<unsigned char> encoded(der, der + size);
  OPENSSL_free(der);
  const DigestContext context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), encoded.data(), encoded.size(), Bytes(message),
                          message.size()) == 1;
}

Result<P256Key> P256Key::Of(Handle key) {
  std::array<char, 32> group{};
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) != 1 ||
      std::string_view(group.data()) != kGroup) {
    return Error{Errc::kPolicy, "not a P-256 private key"};
  }
  std::string point = PointOf(key.get());
  if (point.empty()) return Error{Errc::kPolicy, "not a P-256 private key"};
  return P256Key(std::move(key), std::move(point));
}

Result<P256Key> P256Key::Generate() { return Of(Handle(EVP_EC_gen(kGroup))); }

Result<P256Key> P256Key::Load(const std::string& file_name) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(file_name.c_str(), "re"),
                                                             &std::fclose);
  if (file == nullptr) return Error{Errc::kPolicy, file_name + ": cannot be read"};
  auto key = Of(Handle(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr)));
  if (!key.ok()) return Error{Errc::kPolicy, file_name + ": is not a P-256 private key in PEM"};
  return key;
}

Result<P256Key> P256Key::FromNumber(std::string_view number) {
  const Error refused{Errc::kPolicy, "not a P-256 private key"};
  if (number.size() != kNumberBytes) return refused;
  const Number value(BN_bin2bn(Bytes(number), kNumberBytes, nullptr));
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Point point(group != nullptr ? EC_POINT_new(group.get()) : nullptr);
  std::array<unsigned char, kP256PointBytes> bytes{};
  if (value == nullptr || point == nullptr ||
      EC_POINT_mul(group.get(), point.get(), value.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(),
                         bytes.size(), nullptr) != kP256PointBytes) {
    return refused;
  }
  Key key = Build({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, value.get());
  return Of(Handle(key.release()));
}

Result<std::string> P256Key::Sign(std::string_view message) const {
  const Error failed{Errc::kInternal, "nothing can be signed"};
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(message), message.size()) != 1) {
    return failed;
  }
  std::vector<unsigned char> der(size);
  if (EVP_DigestSign(context.get(), der.data(), &size, Bytes(message), message.size()) != 1) {
    return failed;
  }
  const unsigned char* from = der.data();
  const Signature both(d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(size)));
  std::string raw(kP256SignatureBytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(raw.data());
  if (both == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), out, kNumberBytes) != kNumberBytes ||
      BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), out + kNumberBytes, kNumberBytes) !=
          kNumberBytes) {
    return failed;
  }
  return raw;
}

Result<std::string> P256Key::Agree(std::string_view point) const {
  const Key other = PublicKey(point);
  if (other == nullptr) return Error{Errc::kDenied, "not a point of P-256"};
  const Context context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  std::string secret(kNumberBytes, '\0');
  std::size_t size = secret.size();
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
      EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(secret.data()), &size) != 1 ||
      size != secret.size()) {
    return Error{Errc::kInternal, "no secret can be agreed on"};
  }
  return secret;
}

}  // namespace sspr::service
