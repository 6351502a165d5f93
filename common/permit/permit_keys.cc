// SPDX-License-Identifier: Apache-2.0
#include "common/permit/permit_keys.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "common/permit/openssl_parts.h"

namespace sspr {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

// Without it OpenSSL would ask on the terminal for the pass phrase of an encrypted key.
int NoPassPhrase(char*, int, int, void*) { return -1; }

bool IsEd25519(const PrivateKeyHandle& key) { return EVP_PKEY_is_a(key.get(), "ED25519") == 1; }

}  // namespace

Result<SigningKey> SigningKey::Generate() {
  PrivateKeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (key == nullptr) return {Errc::kInternal, "cannot make an Ed25519 key"};
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::Load(const std::string& path) {
  const KeyFile file = OpenKeyFile(path);
  if (file == nullptr) return {Errc::kInternal, "cannot read " + path};
  PrivateKeyHandle key(PEM_read_PrivateKey(file.get(), nullptr, NoPassPhrase, nullptr));
  if (key == nullptr || !IsEd25519(key)) {
    return {Errc::kInternal, path + " holds no Ed25519 private key"};
  }
  return SigningKey(std::move(key));
}

Status SigningKey::SaveNew(const std::string& path) const {
  return SaveNewPrivateKey(key_.get(), path);
}

Result<std::string> SigningKey::PublicPem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (bio == nullptr || PEM_write_bio_PUBKEY(bio.get(), key_.get()) != 1) {
    return {Errc::kInternal, "cannot write the public key"};
  }
  const long size = BIO_get_mem_data(bio.get(), &text);
  if (size <= 0) return {Errc::kInternal, "cannot write the public key"};
  return std::string(text, static_cast<std::size_t>(size));
}

Result<PublicKeyBytes> SigningKey::PublicBytes() const {
  PublicKeyBytes bytes;
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                  &size) != 1 ||
      size != bytes.size()) {
    return {Errc::kInternal, "cannot read the public key"};
  }
  return bytes;
}

Result<VerifyingKey> SigningKey::Public() const {
  const Result<PublicKeyBytes> bytes = PublicBytes();
  if (!bytes) return bytes.error();
  return VerifyingKey(*bytes);
}

Result<Signature> SigningKey::Sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new());
  Signature signature;
  std::size_t size = signature.size();
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Unsigned(message), message.size()) != 1 ||
      size != signature.size()) {
    return {Errc::kInternal, "cannot sign"};
  }
  return signature;
}

}  // namespace sspr
