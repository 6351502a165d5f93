// SPDX-License-Identifier: Apache-2.0
// Keys and certificates by OpenSSL.
#include "service/tls/key_files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>

namespace sspr::service {
namespace {

constexpr long kDaySeconds = 24L * 3600;
constexpr long kLifetimeSeconds = 398 * kDaySeconds;

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

Key NewKey() { return Key(EVP_EC_gen("P-256")); }

Status WriteNew(const std::string& path, mode_t mode, const std::function<int(std::FILE*)>& write) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) {
    return Error{errno == EEXIST ? Errc::kDenied : Errc::kInternal,
                 path + ": " + std::strerror(errno)};
  }
  std::FILE* const file = fdopen(descriptor, "w");
  if (file == nullptr) return Error{Errc::kInternal, path + ": " + std::strerror(errno)};
  const bool written = fchmod(descriptor, mode) == 0 && write(file) == 1;  // whatever the umask is
  if (std::fclose(file) != 0 || !written)
    return Error{Errc::kInternal, path + ": cannot be written"};
  return Ok();
}

Status WriteKey(const std::string& path, EVP_PKEY* key) {
  return WriteNew(path, 0600, [key](std::FILE* file) {
    return PEM_write_PKCS8PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

Status WriteCertificate(const std::string& path, X509* certificate) {
  return WriteNew(path, 0644,
                  [certificate](std::FILE* file) { return PEM_write_X509(file, certificate); });
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

// Everything but the extensions and the signature. Null on failure.
Certificate NewCertificate(const char* common_name, EVP_PKEY* key) {
  Certificate made(X509_new());
  std::array<unsigned char, 16> serial{};
  if (made == nullptr || RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1) return {};
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3FU) | 0x40U);  // positive, of fixed length
  BIGNUM* const number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  const bool numbered =
      number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made.get())) != nullptr;
  BN_free(number);
  X509_NAME* const name = X509_get_subject_name(made.get());
  const auto* const text = reinterpret_cast<const unsigned char*>(common_name);
  if (!numbered || X509_set_version(made.get(), X509_VERSION_3) != 1 ||
      X509_gmtime_adj(X509_getm_notBefore(made.get()), -kDaySeconds) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(made.get()), kLifetimeSeconds) == nullptr ||
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1 ||
      X509_set_pubkey(made.get(), key) != 1) {
    return {};
  }
  return made;
}

Certificate NewAuthority(EVP_PKEY* key) {
  Certificate made = NewCertificate("SSPR Login loopback authority", key);
  X509* const raw = made.get();
  if (raw == nullptr || X509_set_issuer_name(raw, X509_get_subject_name(raw)) != 1 ||
      !AddExtension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(raw, raw, NID_key_usage, "critical,keyCertSign") ||
      !AddExtension(raw, raw, NID_subject_key_identifier, "hash") ||
      X509_sign(raw, key, EVP_sha256()) == 0) {
    return {};
  }
  return made;
}

Certificate NewServerCertificate(EVP_PKEY* key, X509* authority, EVP_PKEY* authority_key) {
  Certificate made = NewCertificate("localhost", key);
  X509* const raw = made.get();
  if (raw == nullptr || X509_set_issuer_name(raw, X509_get_subject_name(authority)) != 1 ||
      !AddExtension(raw, authority, NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(raw, authority, NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(raw, authority, NID_ext_key_usage, "serverAuth") ||
      !AddExtension(raw, authority, NID_subject_key_identifier, "hash") ||
      !AddExtension(raw, authority, NID_authority_key_identifier, "keyid:always") ||
      !AddExtension(raw, authority, NID_subject_alt_name,
                    "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1") ||
      X509_sign(raw, authority_key, EVP_sha256()) == 0) {
    return {};
  }
  return made;
}

}  // namespace

Status CreateP256Key(const std::string& key_file) {
  const Key key = NewKey();
  if (key == nullptr) return Error{Errc::kInternal, "a P-256 key cannot be made"};
  return WriteKey(key_file, key.get());
}

Status CreateLoopbackCertificate(const CertificateFiles& files) {
  const Key authority_key = NewKey();
  const Key key = NewKey();
  if (authority_key == nullptr || key == nullptr) {
    return Error{Errc::kInternal, "a P-256 key cannot be made"};
  }
  const Certificate authority = NewAuthority(authority_key.get());
  if (authority == nullptr) return Error{Errc::kInternal, "a certificate cannot be made"};
  const Certificate certificate =
      NewServerCertificate(key.get(), authority.get(), authority_key.get());
  if (certificate == nullptr) return Error{Errc::kInternal, "a certificate cannot be made"};

  Status written = WriteKey(files.key, key.get());
  if (written) written = WriteCertificate(files.certificate, certificate.get());
  if (written) written = WriteCertificate(files.authority, authority.get());
  return written;
}

}  // namespace sspr::service
