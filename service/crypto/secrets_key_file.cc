// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/secrets_key_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "common/base/secret.h"
#include "common/permit/fixed_bytes.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMasterBytes = 32;
constexpr std::size_t kMostBytes = 16 * 1024;
constexpr int kMostKeys = 9999;
constexpr char kHead[] = "sspr-secrets 2";

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

bool WriteWhole(int fd, std::string_view bytes) {
  return write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
         fsync(fd) == 0;
}

void SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor directory(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) fsync(directory.get());
}

std::string MasterOf(const std::string& digits) {
  const std::optional<std::string> bytes = FromHex(digits);
  return bytes && bytes->size() == kMasterBytes ? *bytes : std::string();
}

}  // namespace

SecretsKeyFile& SecretsKeyFile::operator=(SecretsKeyFile&& other) noexcept {
  WipeAll();
  digest_master_ = std::move(other.digest_master_);
  seal_keys_ = std::move(other.seal_keys_);
  return *this;
}

void SecretsKeyFile::WipeAll() {
  Wipe(digest_master_.data(), digest_master_.size());
  for (SealKey& key : seal_keys_) Wipe(key.master.data(), key.master.size());
}

Result<SecretsKeyFile> SecretsKeyFile::Load(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return FileError(path, std::strerror(errno));
  struct stat status {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return FileError(path, "not a regular file");
  }
  if ((status.st_mode & 077) != 0) {
    return FileError(path, "others may read it: run chmod 600 on it");
  }
  std::string text(kMostBytes, '\0');
  const ssize_t got = read(file.get(), text.data(), text.size());
  if (got < 0) return FileError(path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(got));
  Result<SecretsKeyFile> parsed = Parse(path, text);
  Wipe(text.data(), text.size());
  return parsed;
}

Result<SecretsKeyFile> SecretsKeyFile::Parse(const std::string& path, std::string_view text) {
  SecretsKeyFile file;
  if (text.size() == kMasterBytes) {
    file.digest_master_ = text;
    file.seal_keys_.push_back({.id = 1, .is_active = true, .master = std::string(text)});
    return file;
  }
  const Error damaged = FileError(path, "is damaged: it is neither 32 bytes nor " +
                                            std::string(kHead) + "; restore it from a copy");
  std::istringstream lines{std::string(text)};
  std::string line;
  if (!std::getline(lines, line) || line != kHead) return damaged;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string what;
    std::string digits;
    words >> what;
    if (what == "digest") {
      words >> digits;
      file.digest_master_ = MasterOf(digits);
    } else if (what == "seal") {
      SealKey key;
      std::string state;
      words >> key.id >> state >> digits;
      key.is_active = state == "active";
      key.master = MasterOf(digits);
      const int last = file.seal_keys_.empty() ? 0 : file.seal_keys_.back().id;
      if (words.fail() || key.id <= last || key.id > kMostKeys || key.master.empty() ||
          (state != "active" && state != "prepared")) {
        return damaged;
      }
      file.seal_keys_.push_back(std::move(key));
    } else {
      return damaged;
    }
  }
  if (file.digest_master_.empty() || file.ActiveId() == 0) return damaged;
  return file;
}

std::string SecretsKeyFile::Text() const {
  std::string text = std::string(kHead) + "\ndigest " + ToHex(digest_master_) + "\n";
  for (const SealKey& key : seal_keys_) {
    text += "seal " + std::to_string(key.id) + (key.is_active ? " active " : " prepared ") +
            ToHex(key.master) + "\n";
  }
  return text;
}

Status SecretsKeyFile::Create(const std::string& path, Random& random) {
  std::string master = RandomBytes(random, kMasterBytes);
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) {
    const bool exists = errno == EEXIST;
    return Error{exists ? Errc::kDenied : Errc::kInternal, path + ": " + std::strerror(errno)};
  }
  const bool written = WriteWhole(file.get(), master);
  Wipe(master.data(), master.size());
  if (written) return Ok();
  unlink(path.c_str());
  return FileError(path, "cannot be written");
}

Status SecretsKeyFile::Change(const std::string& path,
                              const std::function<Status(SecretsKeyFile&)>& change) {
  const std::string next = path + ".new";
  // Held until the new file is in its place: who waits for it then works on another file, and says
  // so rather than undoing this change.
  const Descriptor lock(open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0 || flock(lock.get(), LOCK_EX) != 0) {
    return FileError(path + ".lock", std::strerror(errno));
  }
  Result<SecretsKeyFile> keys = Load(path);
  if (!keys.ok()) return keys.error();
  if (Status changed = change(*keys); !changed.ok()) return changed;
  struct stat owner {};
  (void)stat(path.c_str(), &owner);
  unlink(next.c_str());
  const Descriptor file(open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return FileError(next, std::strerror(errno));
  std::string text = keys->Text();
  const bool written = WriteWhole(file.get(), text) &&
                       (geteuid() != 0 || fchown(file.get(), owner.st_uid, owner.st_gid) == 0);
  Wipe(text.data(), text.size());
  if (!written || rename(next.c_str(), path.c_str()) != 0) {
    const Error fault = FileError(next, std::strerror(errno));
    unlink(next.c_str());
    return fault;
  }
  SyncFolderOf(path);
  return Ok();
}

int SecretsKeyFile::ActiveId() const {
  int active = 0;
  for (const SealKey& key : seal_keys_) {
    if (key.is_active) active = key.id;
  }
  return active;
}

int SecretsKeyFile::Add(Random& random, bool active) {
  const int id = seal_keys_.back().id + 1;
  seal_keys_.push_back(
      {.id = id, .is_active = active, .master = RandomBytes(random, kMasterBytes)});
  return id;
}

Status SecretsKeyFile::Activate(int id) {
  for (SealKey& key : seal_keys_) {
    if (key.id != id) continue;
    key.is_active = true;
    return Ok();
  }
  return Error{Errc::kDenied, "there is no key " + std::to_string(id)};
}

void SecretsKeyFile::ForgetOld() {
  const int active = ActiveId();
  std::erase_if(seal_keys_, [active](SealKey& key) {
    if (key.id >= active) return false;
    Wipe(key.master.data(), key.master.size());
    return true;
  });
}

}  // namespace sspr::service
