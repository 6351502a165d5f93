// SPDX-License-Identifier: Apache-2.0
#include "pam_module/machine/machine_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sspr {
namespace {

Error Fault(const std::string& path, const char* what) {
  return {Errc::kInternal, path + ": " + what + ": " + strerror(errno)};
}

Status SyncFolderOf(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Fault(folder, "cannot be opened");
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced ? Ok() : Status(Fault(folder, "cannot be written to disk"));
}

bool WriteWhole(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

// Owner and mode, whatever the umask is.
bool Dress(int fd, const Ownership& ownership) {
  struct stat about {};
  if (fstat(fd, &about) != 0) return false;
  const bool other = ownership.owner && *ownership.owner != about.st_uid;
  if (other && fchown(fd, *ownership.owner, static_cast<gid_t>(-1)) != 0) return false;
  return fchmod(fd, ownership.mode) == 0;
}

}  // namespace

Result<std::string> ReadFileOf(const std::string& path, std::size_t most_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    Error error = Fault(path, "cannot be read");
    if (errno == ENOENT || errno == ENOTDIR) error.code = Errc::kUnreachable;
    if (errno == EACCES) error.code = Errc::kDenied;
    return error;
  }
  std::string text;
  std::array<char, 8192> piece{};
  ssize_t got = 1;
  while (got > 0 && text.size() <= most_bytes) {
    do {
      got = read(fd, piece.data(), piece.size());
    } while (got < 0 && errno == EINTR);
    if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
  }
  const Error error = Fault(path, "cannot be read");
  close(fd);
  if (got < 0) return error;
  if (text.size() > most_bytes) return {Errc::kInternal, path + ": too large"};
  return text;
}

std::optional<FileFacts> LookAt(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return std::nullopt;
  return FileFacts{about.st_uid, about.st_mode};
}

Status ReplaceFile(const std::string& path, std::string_view bytes, const Ownership& ownership) {
  const std::string draft = path + ".draft";
  if (unlink(draft.c_str()) != 0 && errno != ENOENT) return Fault(draft, "cannot be removed");
  const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Fault(draft, "cannot be made");
  const bool written = Dress(fd, ownership) && WriteWhole(fd, bytes) && fsync(fd) == 0;
  const Error error = Fault(draft, "cannot be written");
  const bool closed = close(fd) == 0;
  if (!written || !closed) {
    unlink(draft.c_str());
    return error;
  }
  return RenameFile(draft, path);
}

Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0) {
    return errno == ENOENT ? Ok() : Status(Fault(path, "cannot be removed"));
  }
  return SyncFolderOf(path);
}

Status RenameFile(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return Fault(to, "cannot be put in place");
  return SyncFolderOf(to);
}

}  // namespace sspr
