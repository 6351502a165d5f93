// SPDX-License-Identifier: Apache-2.0
#include "common/permit/permit_keys.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace sspr {
namespace {

// The one PEM form of an Ed25519 public key: 44 bytes of DER in 60 digits.
constexpr std::string_view kPemBegin = "-----BEGIN PUBLIC KEY-----\n";
constexpr std::string_view kPemEnd = "\n-----END PUBLIC KEY-----";
constexpr unsigned char kDerPrefix[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::size_t kDerBytes = sizeof kDerPrefix + kPublicKeyBytes;
constexpr std::size_t kBase64Bytes = 60;
constexpr std::size_t kPublicPemBytes = kPemBegin.size() + kBase64Bytes + kPemEnd.size();

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
  char text[kPublicPemBytes + 2];
  const std::size_t size = std::fread(text, 1, sizeof text, file.get());
  Result<VerifyingKey> key = FromPem({text, size});
  if (!key) return {Errc::kInternal, path + " holds no Ed25519 public key"};
  return key;
}

// Read by hand: the form is fixed to the byte (RFC 8410, section 10.1), and OpenSSL's decoders
// would bring every format they know into a root program.
Result<VerifyingKey> VerifyingKey::FromPem(std::string_view pem) {
  const Error none{Errc::kInternal, "no Ed25519 public key"};
  if (pem.ends_with('\n')) pem.remove_suffix(1);
  if (!pem.starts_with(kPemBegin) || !pem.ends_with(kPemEnd)) return none;
  const std::string_view digits =
      pem.substr(kPemBegin.size(), pem.size() - kPemBegin.size() - kPemEnd.size());
  unsigned char der[kDerBytes + 3];
  if (digits.size() != kBase64Bytes ||
      EVP_DecodeBlock(der, Unsigned(digits), static_cast<int>(digits.size())) !=
          static_cast<int>(kDerBytes + 1) ||
      !std::equal(std::begin(kDerPrefix), std::end(kDerPrefix), der)) {
    return none;
  }
  PublicKeyBytes bytes;
  std::copy_n(der + sizeof kDerPrefix, bytes.size(), bytes.begin());
  return VerifyingKey(bytes);
}

bool VerifyingKey::Verifies(std::string_view message, std::string_view signature) const {
  const OpensslKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                                   Unsigned(View(bytes_)), kPublicKeyBytes));
  const Digest context(EVP_MD_CTX_new());
  return key != nullptr && context != nullptr && signature.size() == kSignatureBytes &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
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
  return VerifyingKey(*bytes);
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
