// SPDX-License-Identifier: Apache-2.0
#include "common/permit/permit_keys.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cstdio>
#include <limits>

namespace sspr {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

// Without it OpenSSL would ask on the terminal for the pass phrase of an encrypted key.
int NoPassPhrase(char*, int, int, void*) { return -1; }

const unsigned char* Unsigned(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool IsEd25519(const OpensslKey& key) { return EVP_PKEY_is_a(key.get(), "ED25519") == 1; }

File OpenForReading(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return nullptr;
  File file(fdopen(fd, "r"));
  if (file == nullptr) close(fd);
  return file;
}

}  // namespace

void FreeOpensslKey::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

Result<VerifyingKey> VerifyingKey::Load(const std::string& path) {
  const File file = OpenForReading(path);
  if (file == nullptr) return {Errc::kInternal, "cannot read " + path};
  OpensslKey key(PEM_read_PUBKEY(file.get(), nullptr, NoPassPhrase, nullptr));
  if (key == nullptr || !IsEd25519(key)) {
    return {Errc::kInternal, path + " holds no Ed25519 public key"};
  }
  return VerifyingKey(std::move(key));
}

Result<VerifyingKey> VerifyingKey::FromPem(std::string_view pem) {
  if (pem.size() > std::numeric_limits<int>::max()) return {Errc::kInternal, "PEM too long"};
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  OpensslKey key(bio == nullptr ? nullptr
                                : PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassPhrase, nullptr));
  if (key == nullptr || !IsEd25519(key)) return {Errc::kInternal, "no Ed25519 public key"};
  return VerifyingKey(std::move(key));
}

bool VerifyingKey::Verifies(std::string_view message, std::string_view signature) const {
  const Digest context(EVP_MD_CTX_new());
  return context != nullptr && signature.size() == kSignatureBytes &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(), Unsigned(message),
                          message.size()) == 1;
}

Result<SigningKey> SigningKey::Generate() {
  OpensslKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (key == nullptr) return {Errc::kInternal, "cannot make an Ed25519 key"};
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::Load(const std::string& path) {
  const File file = OpenForReading(path);
  if (file == nullptr) return {Errc::kInternal, "cannot read " + path};
  OpensslKey key(PEM_read_PrivateKey(file.get(), nullptr, NoPassPhrase, nullptr));
  if (key == nullptr || !IsEd25519(key)) {
    return {Errc::kInternal, path + " holds no Ed25519 private key"};
  }
  return SigningKey(std::move(key));
}

Status SigningKey::SaveNew(const std::string& path) const {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return {Errc::kInternal, "cannot create " + path};
  std::FILE* const file = fdopen(fd, "w");
  if (file == nullptr) {
    close(fd);
    unlink(path.c_str());
    return {Errc::kInternal, "cannot write " + path};
  }
  const bool written =
      PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
      std::fflush(file) == 0 && fsync(fd) == 0;
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed) {
    unlink(path.c_str());
    return {Errc::kInternal, "cannot write " + path};
  }
  return Ok();
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
  OpensslKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Unsigned(View(*bytes)),
                                             bytes->size()));
  if (key == nullptr) return {Errc::kInternal, "cannot use the public key"};
  return VerifyingKey(std::move(key));
}

Result<Signature> SigningKey::Sign(std::string_view message) const {
  const Digest context(EVP_MD_CTX_new());
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
