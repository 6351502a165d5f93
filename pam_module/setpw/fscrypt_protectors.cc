// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/fscrypt_protectors.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "pam_module/setpw/folder_files.h"

namespace sspr::setpw {
namespace {

constexpr int kMostProtectors = 1000;
constexpr std::size_t kMostProtectorBytes = 16 * 1024;
constexpr std::uint64_t kSourceField = 2;
constexpr std::uint64_t kUidField = 6;
constexpr std::uint64_t kPamPassphrase = 1;

std::optional<std::uint64_t> TakeVarint(std::string_view& rest) noexcept {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7Fu) << shift;
    if ((byte & 0x80u) == 0) return value;
  }
  return std::nullopt;
}

// Takes the value of a field; nothing when it cannot be read. Of other kinds than numbers: 0.
std::optional<std::uint64_t> TakeField(std::uint64_t kind, std::string_view& rest) noexcept {
  if (kind == 0) return TakeVarint(rest);
  std::uint64_t size = 0;
  if (kind == 1) {
    size = 8;
  } else if (kind == 5) {
    size = 4;
  } else if (kind == 2) {
    const auto length = TakeVarint(rest);
    if (!length) return std::nullopt;
    size = *length;
  } else {
    return std::nullopt;
  }
  if (size > rest.size()) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(size));
  return 0;
}

bool HasOneIn(const std::string& mount, std::uint32_t uid) {
  const Result<Folder> folder = Folder::Open(mount + "/.fscrypt/protectors");
  if (!folder) return false;
  const int fd = openat(folder->fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(fdopendir(fd), closedir);
  if (list == nullptr) {
    close(fd);
    return false;
  }
  for (int i = 0; i < kMostProtectors; ++i) {
    const dirent* const entry = readdir(list.get());
    if (entry == nullptr) break;
    const Result<FileText> file = folder->Read(entry->d_name, kMostProtectorBytes);
    if (file && IsLoginProtectorOf(file->text.View(), uid)) return true;
  }
  return false;
}

}  // namespace

bool IsLoginProtectorOf(std::string_view file, std::uint32_t uid) noexcept {
  bool is_login = false;
  bool is_theirs = false;
  while (!file.empty()) {
    const auto tag = TakeVarint(file);
    if (!tag) return false;
    const auto value = TakeField(*tag & 7u, file);
    if (!value) return false;
    if (*tag >> 3 == kSourceField) is_login = *value == kPamPassphrase;
    if (*tag >> 3 == kUidField) is_theirs = *value == uid;
  }
  return is_login && is_theirs;
}

bool HasLoginProtector(const std::string& home, std::uint32_t uid) {
  for (std::string above = home; !above.empty(); above.resize(above.find_last_of('/'))) {
    if (HasOneIn(above, uid)) return true;
    if (above.find('/') == std::string::npos) break;
  }
  return HasOneIn("", uid);
}

}  // namespace sspr::setpw
