// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/folder_files.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sspr::setpw {
namespace {

constexpr char kLabel[] = "security.selinux";

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Without the label, login programs confined by SELinux could no longer read the file.
bool CopyLabel(int from, int to) {
  char label[256];
  const ssize_t size = fgetxattr(from, kLabel, label, sizeof label);
  if (size < 0) return errno == ENODATA || errno == EOPNOTSUPP;
  return fsetxattr(to, kLabel, label, static_cast<std::size_t>(size), 0) == 0;
}

}  // namespace

Error Folder::Failed(const char* what, const std::string& name) const {
  return {Errc::kInternal, std::string(what) + " " + path_ + "/" + name + ": " + strerror(errno)};
}

Result<Folder> Folder::Open(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return {errno == ENOENT ? Errc::kUnreachable : Errc::kInternal,
            "open " + path + ": " + strerror(errno)};
  }
  return Folder(path, std::move(fd));
}

Result<Folder> Folder::OpenOwnBelow(const std::string& path,
                                    std::initializer_list<const char*> names) {
  Result<Folder> folder = Open(path);
  for (const char* const name : names) {
    if (!folder) return folder;
    UniqueFd fd(openat(folder->fd(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid()) return folder->Failed("open", name);
    folder = Folder(folder->path_ + "/" + name, std::move(fd));
  }
  struct stat about {};
  if (folder && (fstat(folder->fd(), &about) != 0 || about.st_uid != geteuid())) {
    return {Errc::kDenied, folder->path_ + " belongs to somebody else"};
  }
  return folder;
}

Result<FileText> Folder::Read(const std::string& name, std::size_t max_bytes) const {
  const UniqueFd file(
      openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) {
    return {Errc::kUnreachable, path_ + "/" + name + " is not there"};
  }
  if (!file.valid() && errno == ELOOP) {
    return {Errc::kProtocol, path_ + "/" + name + " is a symbolic link"};
  }
  if (!file.valid()) return Failed("open", name);
  struct stat about {};
  if (fstat(file.get(), &about) != 0) return Failed("stat", name);
  const auto size = static_cast<std::size_t>(about.st_size);
  if (!S_ISREG(about.st_mode) || about.st_size < 0 || size > max_bytes) {
    return {Errc::kProtocol, path_ + "/" + name + " is no regular file of acceptable size"};
  }
  WipedText text(size);
  char piece[4096];
  std::size_t total = 0;
  while (true) {
    const ssize_t got = read(file.get(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", name);
    if (got == 0) break;
    total += static_cast<std::size_t>(got);
    if (total > max_bytes) return {Errc::kInternal, path_ + "/" + name + " grows"};
    text.Append({piece, static_cast<std::size_t>(got)});
  }
  Wipe(piece, sizeof piece);
  return FileText{std::move(text), about};
}

Status Folder::Fill(int fd, const std::string& name, std::string_view text) const {
  if (!WriteAll(fd, text)) return Failed("write", name);
  if (fsync(fd) != 0) return Failed("fsync", name);
  return Ok();
}

Status Folder::Create(const std::string& name, std::string_view text, mode_t mode) const {
  const UniqueFd file(
      openat(fd_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.valid()) return Failed("create", name);
  Status filled = Fill(file.get(), name, text);
  if (!filled) unlinkat(fd_.get(), name.c_str(), 0);
  return filled;
}

Status Folder::CreateLike(const std::string& name, std::string_view text,
                          const std::string& like) const {
  const UniqueFd model(
      openat(fd_.get(), like.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat about {};
  if (!model.valid() || fstat(model.get(), &about) != 0) return Failed("open", like);
  const UniqueFd file(
      openat(fd_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return Failed("create", name);
  Status filled = Ok();
  if (fchown(file.get(), about.st_uid, about.st_gid) != 0 ||
      fchmod(file.get(), about.st_mode & 07777) != 0 || !CopyLabel(model.get(), file.get())) {
    filled = Failed("set owner, mode and label of", name);
  }
  if (filled) filled = Fill(file.get(), name, text);
  if (!filled) unlinkat(fd_.get(), name.c_str(), 0);
  return filled;
}

Status Folder::SyncFolder() const {
  if (fsync(fd_.get()) != 0) return Failed("fsync", ".");
  return Ok();
}

Status Folder::Rename(const std::string& from, const std::string& to) const {
  if (renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) != 0) return Failed("rename", from);
  return SyncFolder();
}

Status Folder::Remove(const std::string& name) const {
  if (unlinkat(fd_.get(), name.c_str(), 0) == 0) return SyncFolder();
  if (errno == ENOENT) return Ok();
  return Failed("remove", name);
}

Status Folder::SyncFile(const std::string& name) const {
  const UniqueFd file(
      openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid() || fsync(file.get()) != 0) return Failed("fsync", name);
  return SyncFolder();
}

bool Folder::Has(const std::string& name) const {
  return faccessat(fd_.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool Folder::IsWritable(const std::string& name) const {
  return faccessat(fd_.get(), name.c_str(), W_OK, 0) == 0;
}

}  // namespace sspr::setpw
