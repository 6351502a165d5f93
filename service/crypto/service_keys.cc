// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/service_keys.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMasterBytes = 32;
constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Error FileError(const std::string& path, const std::string& what) {
  return {Errc::kInternal, path + ": " + what};
}

}  // namespace

Result<ServiceKeys> ServiceKeys::Load(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return FileError(path, std::strerror(errno));
  struct stat status {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return FileError(path, "not a regular file");
  }
  if ((status.st_mode & 077) != 0) {
    return FileError(path, "others may read it: run chmod 600 on it");
  }
  SecretBuffer<kMasterBytes + 2> master;
  if (!master.Resize(kMasterBytes + 1)) return FileError(path, "cannot be read");
  const ssize_t got = read(file.get(), master.Bytes().data(), kMasterBytes + 1);
  if (got != static_cast<ssize_t>(kMasterBytes)) {
    return FileError(path, "must hold exactly 32 bytes");
  }
  return ServiceKeys(master.Reveal().substr(0, kMasterBytes));
}

Status ServiceKeys::Create(const std::string& path, Random& random) {
  SecretBuffer<kMasterBytes + 1> master;
  if (!master.Resize(kMasterBytes)) return FileError(path, "cannot be made");
  random.Fill({reinterpret_cast<unsigned char*>(master.Bytes().data()), kMasterBytes});
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) {
    const bool exists = errno == EEXIST;
    return Error{exists ? Errc::kDenied : Errc::kInternal, path + ": " + std::strerror(errno)};
  }
  const std::string_view bytes = master.Reveal();
  if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      fsync(file.get()) != 0) {
    unlink(path.c_str());
    return FileError(path, "cannot be written");
  }
  return Ok();
}

ServiceKeys::ServiceKeys(std::string_view master)
    : seal_key_(DeriveKey(master, "sspr seal v1")),
      code_key_(DeriveKey(master, "sspr code v1")),
      name_key_(DeriveKey(master, "sspr name v1")) {}

ServiceKeys::~ServiceKeys() {
  for (std::string* key : {&seal_key_, &code_key_, &name_key_}) Wipe(key->data(), key->size());
}

std::string ServiceKeys::Seal(Random& random, std::string_view plain,
                              std::string_view context) const {
  const std::string iv = RandomBytes(random, kIvBytes);
  std::string cipher_text(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  if (!cipher ||
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                         Bytes(std::string_view(seal_key_)), Bytes(std::string_view(iv))) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                        static_cast<int>(context.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), Bytes(cipher_text), &size, Bytes(plain),
                        static_cast<int>(plain.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), Bytes(cipher_text) + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) != 1) {
    throw std::runtime_error("AES-256-GCM failed");
  }
  return ToHex(iv + tag + cipher_text);
}

Result<Secret> ServiceKeys::Open(std::string_view sealed, std::string_view context) const {
  const Error bad{Errc::kInternal, "a sealed secret does not open with this secrets key"};
  const std::optional<std::string> raw = FromHex(sealed);
  if (!raw || raw->size() < kIvBytes + kTagBytes) return bad;
  const std::string_view iv = std::string_view(*raw).substr(0, kIvBytes);
  std::string tag = raw->substr(kIvBytes, kTagBytes);
  const std::string_view cipher_text = std::string_view(*raw).substr(kIvBytes + kTagBytes);
  Secret plain;
  if (!plain.Resize(cipher_text.size())) return bad;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  auto* out = reinterpret_cast<unsigned char*>(plain.Bytes().data());
  if (!cipher ||
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                         Bytes(std::string_view(seal_key_)), Bytes(iv)) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                        static_cast<int>(context.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), out, &size, Bytes(cipher_text),
                        static_cast<int>(cipher_text.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(cipher.get(), out + size, &size) != 1) {
    return bad;
  }
  return plain;
}

std::string ServiceKeys::CodeDigest(std::string_view text) const {
  return HmacSha256(code_key_, text);
}

std::string ServiceKeys::NameDigest(std::string_view text) const {
  return HmacSha256(name_key_, text);
}

}  // namespace sspr::service
