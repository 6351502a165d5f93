// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/failure_tally.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/folder_files.h"

namespace sspr::setpw {
namespace {

constexpr std::size_t kMaxConfigBytes = 64 * 1024;
constexpr char kUsualFolder[] = "/run/faillock";

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::string FailureTallyFolder(const std::string& etc) {
  std::string found = kUsualFolder;
  const Result<Folder> folder = Folder::Open(etc + "/security");
  if (!folder) return found;
  const Result<FileText> config = folder->Read("faillock.conf", kMaxConfigBytes);
  if (!config) return found;
  for (std::string_view line : SplitLines(config->text.View())) {
    line = Trimmed(line.substr(0, line.find('#')));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || Trimmed(line.substr(0, equals)) != "dir") continue;
    const std::string_view value = Trimmed(line.substr(equals + 1));
    if (value.starts_with('/')) found = value;
  }
  return found;
}

Status ClearFailureTally(const std::string& folder, const std::string& account, uid_t uid) {
  const UniqueFd dir(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir.valid() && errno == ENOENT) return Ok();
  struct stat about {};
  if (!dir.valid() || fstat(dir.get(), &about) != 0) {
    return {Errc::kInternal, folder + ": " + strerror(errno)};
  }
  if (about.st_uid != geteuid() || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return {Errc::kInternal, folder + " can be written by others"};
  }
  const UniqueFd tally(
      openat(dir.get(), account.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!tally.valid() && errno == ENOENT) return Ok();
  if (!tally.valid() || fstat(tally.get(), &about) != 0) {
    return {Errc::kInternal, folder + "/" + account + ": " + strerror(errno)};
  }
  const bool acceptable = S_ISREG(about.st_mode) && about.st_nlink == 1 &&
                          (about.st_uid == geteuid() || about.st_uid == uid);
  if (!acceptable) return {Errc::kInternal, folder + "/" + account + " is not a plain tally"};
  if (ftruncate(tally.get(), 0) != 0) {
    return {Errc::kInternal, folder + "/" + account + ": " + strerror(errno)};
  }
  return Ok();
}

}  // namespace sspr::setpw
