// SPDX-License-Identifier: Apache-2.0
#include "common/keys/private_key_file.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "common/base/secret.h"

namespace sspr {
namespace {

using PemText = SecretBuffer<2048>;

struct FreePemBio {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};

// Not asked for on a terminal that may be there.
int NoWords(char*, int, int, void*) { return -1; }

// Empty when there is none.
std::string FaultOf(int fd, KeyFileOwner owner) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return " is no file";
  if (owner == KeyFileOwner::kThisUser && status.st_uid != geteuid()) {
    return " belongs to somebody else than the user who runs this";
  }
  if ((status.st_mode & 077) != 0) {
    return " may be read by others: make it a file of mode 0600 of its user alone";
  }
  return {};
}

// Straight into memory that is wiped.
Result<PemText> ReadPem(const std::string& path, KeyFileOwner owner) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0) return Error{Errc::kInternal, path + " cannot be read"};
  std::string fault = FaultOf(fd, owner);
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

}  // namespace

void FreePrivateKey::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

Result<PrivateKeyHandle> LoadPrivateKey(const std::string& path, KeyFileOwner owner) {
  const Result<PemText> text = ReadPem(path, owner);
  if (!text.ok()) return text.error();
  const std::string_view pem = text->Reveal();
  const std::unique_ptr<BIO, FreePemBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return Error{Errc::kInternal, "no memory for a key"};
  return PrivateKeyHandle(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoWords, nullptr));
}

Status SaveNewPrivateKey(const EVP_PKEY* key, const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return {Errc::kInternal, "cannot create " + path};
  std::FILE* const file = fdopen(fd, "w");
  if (file == nullptr) close(fd);
  const bool written =
      file != nullptr &&
      PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
      std::fflush(file) == 0 && fsync(fd) == 0;
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (written && closed) return Ok();
  unlink(path.c_str());
  return {Errc::kInternal, "cannot write " + path};
}

}  // namespace sspr
