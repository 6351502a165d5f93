// SPDX-License-Identifier: Apache-2.0
#include "common/writeback/sealing_key.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "common/protocol/base64url.h"

namespace sspr {
namespace {

using PemText = SecretBuffer<4096>;

// Not asked for on a terminal that may be there.
int NoWords(char*, int, int, void*) { return -1; }

// What cannot be read, and why: the file is to be this process's alone.
std::string FaultOf(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return " is no file";
  if (status.st_uid != geteuid()) return " belongs to somebody else than the user who runs this";
  if ((status.st_mode & 077) != 0) {
    return " may be read by others: make it a file of mode 0600 of its user alone";
  }
  return {};
}

Result<PemText> ReadPem(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0) return Error{Errc::kInternal, path + " cannot be read"};
  std::string fault = FaultOf(fd);
  PemText text;
  std::size_t filled = 0;
  ssize_t got = fault.empty() ? 1 : -1;
  while (got > 0 && text.Resize(PemText::kMaxSize)) {
    do {
      got = read(fd, text.Bytes().data() + filled, PemText::kMaxSize - filled);
    } while (got < 0 && errno == EINTR);
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  close(fd);
  if (fault.empty() && (got != 0 || !text.Resize(filled))) fault = " cannot be read";
  if (!fault.empty()) return Error{Errc::kInternal, path + fault};
  return text;
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeAgreement {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

}  // namespace

void FreeSealingKey::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

Result<SealingKey> SealingKey::From(SealingKeyHandle key) {
  SealingPublicKey half{};
  std::size_t size = half.size();
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "X25519") != 1 ||
      EVP_PKEY_get_raw_public_key(key.get(), half.data(), &size) != 1 || size != half.size()) {
    return Error{Errc::kInternal, "not a key of X25519"};
  }
  return SealingKey(std::move(key), half);
}

Result<SealingKey> SealingKey::Generate() {
  return From(SealingKeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")));
}

Result<SealingKey> SealingKey::Of(const Secret& private_bytes) {
  const std::string_view bytes = private_bytes.Reveal();
  return From(SealingKeyHandle(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_X25519, nullptr, reinterpret_cast<const unsigned char*>(bytes.data()),
      bytes.size())));
}

Result<SealingKey> SealingKey::Load(const std::string& path) {
  const Result<PemText> text = ReadPem(path);
  if (!text.ok()) return text.error();
  const std::string_view pem = text->Reveal();
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return Error{Errc::kInternal, "no memory for a key"};
  Result<SealingKey> made =
      From(SealingKeyHandle(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoWords, nullptr)));
  if (!made.ok()) return Error{Errc::kInternal, path + " holds no X25519 private key in PEM"};
  return made;
}

Status SealingKey::SaveNew(const std::string& path) const {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return {Errc::kInternal, "cannot create " + path};
  std::FILE* const file = fdopen(fd, "w");
  if (file == nullptr) close(fd);
  const bool written =
      file != nullptr &&
      PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
      std::fflush(file) == 0 && fsync(fd) == 0;
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (written && closed) return Ok();
  unlink(path.c_str());
  return {Errc::kInternal, "cannot write " + path};
}

std::optional<Secret> SealingKey::Agree(const SealingPublicKey& other) const {
  const SealingKeyHandle peer(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()));
  const std::unique_ptr<EVP_PKEY_CTX, FreeAgreement> context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  Secret shared;
  std::size_t size = kSealingKeyBytes;
  // OpenSSL refuses the all-zero secret of a point of small order by itself (RFC 7748, 6.1).
  const bool agreed =
      peer != nullptr && context != nullptr && shared.Resize(size) &&
      EVP_PKEY_derive_init(context.get()) == 1 &&
      EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
      EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(shared.Bytes().data()),
                      &size) == 1 &&
      size == kSealingKeyBytes;
  return agreed ? std::optional(std::move(shared)) : std::nullopt;
}

std::optional<SealingPublicKey> SealingPublicKeyFromHex(std::string_view text) {
  SealingPublicKey key{};
  return FromHex(text, key) ? std::optional(key) : std::nullopt;
}

}  // namespace sspr
