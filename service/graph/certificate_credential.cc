// SPDX-License-Identifier: Apache-2.0
#include "service/graph/certificate_credential.h"

#include <json/value.h>
#include <json/writer.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <span>
#include <vector>

#include "common/permit/fixed_bytes.h"
#include "common/protocol/base64url.h"

namespace sspr::service {
namespace {

constexpr int kFewestBits = 2048;
constexpr UnixSeconds kAssertionSeconds = 300;
constexpr std::size_t kGuidBytes = 16;

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct FreeCertificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

int NoPassPhrase(char*, int, int, void*) { return -1; }

std::string Encoded(std::string_view text) {
  return Base64Url({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

std::string Compact(const Json::Value& value) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  return Json::writeString(builder, value);
}

// RFC 9562, version 4. Empty when there is no randomness.
std::string RandomGuid() {
  std::array<unsigned char, kGuidBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  std::string text = Hex(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return text;
}

Result<std::string> SignPs256(EVP_PKEY* key, const std::string& text) {
  const Error failed{Errc::kInternal, "an assertion cannot be signed"};
  const Digest context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // the context's own
  std::size_t size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return failed;
  }
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, bytes, text.size()) != 1) {
    return failed;
  }
  return Base64Url(std::span(signature).first(size));
}

}  // namespace

void CertificateCredential::FreeKey::operator()(EVP_PKEY* key) const noexcept {
  EVP_PKEY_free(key);
}

CertificateCredential::CertificateCredential(std::unique_ptr<EVP_PKEY, FreeKey> key,
                                             std::string thumbprint)
    : key_(std::move(key)), thumbprint_(std::move(thumbprint)) {}

Result<std::unique_ptr<CertificateCredential>> CertificateCredential::Load(
    const std::string& certificate_file, const std::string& key_file) {
  const File certificate_pem(std::fopen(certificate_file.c_str(), "re"));
  if (certificate_pem == nullptr) {
    return Error{Errc::kPolicy, certificate_file + ": cannot be read"};
  }
  const Certificate certificate(PEM_read_X509(certificate_pem.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return Error{Errc::kPolicy, certificate_file + ": is not a certificate in PEM"};
  }
  const File key_pem(std::fopen(key_file.c_str(), "re"));
  if (key_pem == nullptr) return Error{Errc::kPolicy, key_file + ": cannot be read"};
  std::unique_ptr<EVP_PKEY, FreeKey> key(
      PEM_read_PrivateKey(key_pem.get(), nullptr, NoPassPhrase, nullptr));
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "RSA") != 1 ||
      EVP_PKEY_get_bits(key.get()) < kFewestBits) {
    return Error{Errc::kPolicy, key_file + ": is not an RSA key of at least 2048 bits in PEM"};
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Error{Errc::kPolicy, key_file + ": is not the key of " + certificate_file};
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) {
    return Error{Errc::kPolicy, certificate_file + ": cannot be digested"};
  }
  return std::unique_ptr<CertificateCredential>(new CertificateCredential(
      std::move(key), Base64Url(std::span<const unsigned char>(digest).first(size))));
}

Result<std::string> CertificateCredential::Assertion(std::string_view client_id,
                                                     std::string_view audience,
                                                     UnixSeconds now) const {
  const std::string id = RandomGuid();
  if (id.empty()) return Error{Errc::kInternal, "an assertion cannot be made"};
  Json::Value header(Json::objectValue);
  header["alg"] = "PS256";
  header["typ"] = "JWT";
  header["x5t#S256"] = thumbprint_;
  Json::Value claims(Json::objectValue);
  claims["aud"] = std::string(audience);
  claims["iss"] = std::string(client_id);
  claims["sub"] = std::string(client_id);
  claims["jti"] = id;
  claims["iat"] = Json::Int64{now};
  claims["nbf"] = Json::Int64{now};
  claims["exp"] = Json::Int64{now + kAssertionSeconds};
  const std::string text = Encoded(Compact(header)) + "." + Encoded(Compact(claims));
  const Result<std::string> signature = SignPs256(key_.get(), text);
  if (!signature.ok()) return signature.error();
  return text + "." + *signature;
}

}  // namespace sspr::service
