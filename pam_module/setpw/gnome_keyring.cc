// SPDX-License-Identifier: Apache-2.0
// The login keyring: a header, the hashed attributes of its items, and all that is secret in one
// piece under AES-128-CBC, with the MD5 of the rest in front. Only that piece and the salt of its
// key change with the password; what is before it is copied.
#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "pam_module/setpw/block_cipher.h"
#include "pam_module/setpw/locked_files.h"
#include "pam_module/setpw/random_bytes.h"

namespace sspr::setpw {
namespace {

constexpr std::string_view kMagic("GnomeKeyring\n\r\0\n", 16);
constexpr std::size_t kSaltBytes = 8;
constexpr std::size_t kChecksumBytes = 16;
constexpr std::size_t kKeyBytes = 16;
constexpr std::uint32_t kNoString = 0xFFFFFFFF;
// gnome-keyring takes some thousand; more would only hold us up.
constexpr std::uint32_t kMostIterations = 1'000'000;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::string_view Bytes(std::size_t count) {
    if (count > text_.size() - at_) {
      spoilt_ = true;
      return {};
    }
    at_ += count;
    return text_.substr(at_ - count, count);
  }
  std::uint32_t U32() {
    std::uint32_t value = 0;
    for (const char byte : Bytes(4)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  void String() {
    const std::uint32_t size = U32();
    if (size != kNoString) Bytes(size);
  }
  std::size_t at() const { return at_; }
  bool spoilt() const { return spoilt_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool spoilt_ = false;
};

struct Layout {
  std::size_t salt_at = 0;
  std::size_t secret_at = 0;
  std::uint32_t iterations = 0;
  std::string_view salt;
  std::string_view secret;  // to the end of the file
};

void SkipItems(Reader& reader) {
  const std::uint32_t items = reader.U32();
  for (std::uint32_t i = 0; i < items && !reader.spoilt(); ++i) {
    reader.Bytes(8);  // id and type
    const std::uint32_t attributes = reader.U32();
    for (std::uint32_t k = 0; k < attributes && !reader.spoilt(); ++k) {
      reader.String();
      if (reader.U32() == 0) {
        reader.String();
      } else {
        reader.U32();
      }
    }
  }
}

std::optional<Layout> LayoutOf(std::string_view file) {
  Reader reader(file);
  if (reader.Bytes(kMagic.size()) != kMagic) return std::nullopt;
  if (reader.Bytes(4) != std::string_view("\0\0\0\0", 4)) return std::nullopt;  // AES and MD5
  reader.String();                                                              // its name
  reader.Bytes(8 + 8 + 4 + 4);  // made, changed, flags, time to lock
  Layout layout;
  layout.iterations = reader.U32();
  layout.salt_at = reader.at();
  layout.salt = reader.Bytes(kSaltBytes);
  reader.Bytes(16);  // reserved
  SkipItems(reader);
  const std::uint32_t size = reader.U32();
  layout.secret_at = reader.at();
  layout.secret = reader.Bytes(size);
  const bool sound = !reader.spoilt() && reader.at() == file.size() && layout.iterations > 0 &&
                     layout.iterations <= kMostIterations && size > kChecksumBytes &&
                     size % kAesBlockBytes == 0;
  if (!sound) return std::nullopt;
  return layout;
}

bool Crypt(Direction direction, const Secret& password, std::string_view salt,
           std::uint32_t iterations, std::span<char> text) {
  DigestBytes key = Digest(EVP_sha256(), {password.Reveal(), salt});
  for (std::uint32_t i = 1; i < iterations && !key.empty(); ++i) {
    key = Digest(EVP_sha256(), {key.Reveal()});
  }
  return !key.empty() && RunCipher(EVP_aes_128_cbc(), direction, key.Reveal().substr(0, kKeyBytes),
                                   key.Reveal().substr(kKeyBytes), text);
}

// The secret piece in the clear, checksum included.
Status Decrypt(const Layout& layout, const Secret& password, std::string& clear) {
  clear.assign(layout.secret);
  if (!Crypt(Direction::kDecrypt, password, layout.salt, layout.iterations, clear)) {
    return {Errc::kInternal, "libcrypto"};
  }
  const std::string_view whole = clear;
  const DigestBytes checksum = Digest(EVP_md5(), {whole.substr(kChecksumBytes)});
  if (checksum.empty()) return {Errc::kInternal, "libcrypto has no MD5"};
  if (checksum.Reveal() != whole.substr(0, kChecksumBytes)) {
    return {Errc::kDenied, "the password does not open the keyring"};
  }
  return Ok();
}

struct WipedString {
  std::string text;
  ~WipedString() { Wipe(text.data(), text.size()); }
};

}  // namespace

bool IsLockedKeyring(std::string_view file) noexcept { return file.starts_with(kMagic); }

Status OpenKeyring(std::string_view file, const Secret& password) {
  const auto layout = LayoutOf(file);
  if (!layout) return {Errc::kProtocol, "no keyring of a known kind"};
  WipedString clear;
  return Decrypt(*layout, password, clear.text);
}

Result<WipedText> RelockKeyring(std::string_view file, const Secret& old_password,
                                const Secret& new_password) {
  const auto layout = LayoutOf(file);
  if (!layout) return {Errc::kProtocol, "no keyring of a known kind"};
  WipedString secret;
  if (Status opened = Decrypt(*layout, old_password, secret.text); !opened) return opened.error();
  char random[kSaltBytes];
  if (!FillRandom(random)) return {Errc::kInternal, "no random numbers"};
  const std::string_view salt(random, kSaltBytes);
  if (!Crypt(Direction::kEncrypt, new_password, salt, layout->iterations, secret.text)) {
    return {Errc::kInternal, "libcrypto"};
  }
  WipedText made(file.size());
  made.Append(file.substr(0, layout->salt_at));
  made.Append(salt);
  const std::size_t behind_salt = layout->salt_at + kSaltBytes;
  made.Append(file.substr(behind_salt, layout->secret_at - behind_salt));
  made.Append(secret.text);
  return made;
}

}  // namespace sspr::setpw
