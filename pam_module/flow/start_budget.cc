// SPDX-License-Identifier: Apache-2.0
#include "pam_module/flow/start_budget.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

namespace sspr {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::string_view kPrefix = "start-";

// "start-SECONDS-NUMBER"
std::optional<std::int64_t> TimeOf(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  std::int64_t at = 0;
  const auto [stopped, fault] = std::from_chars(name.data(), name.data() + name.size(), at);
  if (fault != std::errc{} || stopped == name.data() + name.size() || *stopped != '-') {
    return std::nullopt;
  }
  return at;
}

// Held by one process at a time.
class BudgetFolder {
 public:
  explicit BudgetFolder(const std::string& path)
      : fd_(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {
    struct stat about {};
    if (fd_ < 0 || fstat(fd_, &about) != 0) return;
    if (about.st_uid != geteuid() || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
      errno = EPERM;
      return;
    }
    usable_ = flock(fd_, LOCK_EX) == 0;
  }
  ~BudgetFolder() {
    if (fd_ >= 0) close(fd_);
  }
  BudgetFolder(const BudgetFolder&) = delete;
  BudgetFolder& operator=(const BudgetFolder&) = delete;

  bool usable() const { return usable_; }

  // Starts of the last hour; older ones are removed. One of a time to come is of a clock that was
  // set back, and would count for ever.
  std::optional<int> Recent(std::int64_t now) const {
    const int list_fd = openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* const list = list_fd < 0 ? nullptr : fdopendir(list_fd);
    if (list == nullptr) {
      if (list_fd >= 0) close(list_fd);
      return std::nullopt;
    }
    int count = 0;
    while (const dirent* entry = readdir(list)) {
      const auto at = TimeOf(entry->d_name);
      if (!at) continue;
      if (*at > now || *at <= now - kHour) {
        unlinkat(fd_, entry->d_name, 0);
      } else {
        ++count;
      }
    }
    closedir(list);
    return count;
  }

  bool Add(std::int64_t now, int limit) const {
    for (int number = 0; number < limit; ++number) {
      const std::string name =
          std::string(kPrefix) + std::to_string(now) + "-" + std::to_string(number);
      const int made = openat(fd_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
      if (made >= 0) return close(made) == 0;
      if (errno != EEXIST) return false;
    }
    return false;
  }

 private:
  int fd_;
  bool usable_ = false;
};

}  // namespace

Status TakeStart(const std::string& path, int starts_per_hour, std::int64_t now) {
  const auto failed = [&path] {
    return Error{Errc::kInternal, "the budget in " + path + ": " + std::strerror(errno)};
  };
  const BudgetFolder folder(path);
  if (!folder.usable()) return failed();
  const auto recent = folder.Recent(now);
  if (!recent) return failed();
  if (*recent >= starts_per_hour) {
    return Error{Errc::kDenied, "more than " + std::to_string(starts_per_hour) + " in an hour"};
  }
  if (!folder.Add(now, starts_per_hour)) return failed();
  return Ok();
}

}  // namespace sspr
