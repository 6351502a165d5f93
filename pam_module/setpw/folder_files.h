// SPDX-License-Identifier: Apache-2.0
// Reading and replacing files of one folder so that a kill or a power cut at any point leaves
// either the old file or the new one. Names are relative and never followed through symbolic links.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "pam_module/setpw/unique_fd.h"
#include "pam_module/setpw/wiped_text.h"

namespace sspr::setpw {

struct FileText {
  WipedText text;
  struct stat about;
};

class Folder {
 public:
  // kUnreachable when there is none, kInternal when it cannot be opened.
  static Result<Folder> Open(const std::string& path);
  // The folder that the names lead to, one below the other, no symbolic link among them; the owner
  // of the last one must be the process's own user.
  static Result<Folder> OpenOwnBelow(const std::string& path,
                                     std::initializer_list<const char*> names);

  // The whole of a regular file of at most max_bytes. kUnreachable when there is none, kProtocol
  // when it is something else (a symbolic link, too large), kInternal when it cannot be read.
  Result<FileText> Read(const std::string& name, std::size_t max_bytes) const;

  // Creates `name`, which must not exist, with text, synced. On error nothing is left.
  Status Create(const std::string& name, std::string_view text, mode_t mode) const;
  // The same with mode, owner and SELinux label of `like`, a file of the folder.
  Status CreateLike(const std::string& name, std::string_view text, const std::string& like) const;
  // Atomic; synced together with the folder.
  Status Rename(const std::string& from, const std::string& to) const;
  // No error when it is not there.
  Status Remove(const std::string& name) const;
  // File and folder entry are on the disk when this returns.
  Status SyncFile(const std::string& name) const;
  // Anything of that name, a dangling link as well.
  bool Has(const std::string& name) const;
  // False also on a read-only disk and for an immutable file.
  bool IsWritable(const std::string& name) const;

  int fd() const noexcept { return fd_.get(); }
  const std::string& path() const noexcept { return path_; }

 private:
  Folder(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Error Failed(const char* what, const std::string& name) const;
  Status Fill(int fd, const std::string& name, std::string_view text) const;
  Status SyncFolder() const;

  std::string path_;
  UniqueFd fd_;
};

}  // namespace sspr::setpw
