// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/failure_tally.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/folder_files.h"
#include "pam_module/setpw/machine_policy.h"

namespace sspr::setpw {
namespace {

constexpr std::size_t kMaxConfigBytes = 64 * 1024;
constexpr std::size_t kMaxTallyBytes = 1024 * 1024;
constexpr char kUsualFolder[] = "/run/faillock";

// A record of a tally, as pam_faillock writes it (faillock.h of Linux-PAM): where the login came
// from, two numbers of 16 bits, the time; all in the byte order of the machine.
constexpr std::size_t kRecordBytes = 64;
constexpr std::size_t kStatusOffset = 54;
constexpr std::size_t kTimeOffset = 56;
constexpr std::uint16_t kStatusValid = 1;

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string TextOf(const std::string& folder, const std::string& name) {
  const Result<Folder> opened = Folder::Open(folder);
  if (!opened) return {};
  const Result<FileText> file = opened->Read(name, kMaxConfigBytes);
  return file ? std::string(file->text.View()) : std::string();
}

struct Settings {
  std::string dir;
  FailureLimits limits;
};

// "key = value" of faillock.conf, or "key=value" of a line in a PAM service file.
void TakeSetting(std::string_view line, Settings& settings) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view key = Trimmed(line.substr(0, equals));
  const std::string_view value = Trimmed(line.substr(equals + 1));
  if (key == "dir") settings.dir = value;
  if (key == "unlock_time" && value == "never") settings.limits.unlock_time = 0;
  const auto number = ParseNumber(value);
  if (!number) return;
  if (key == "deny") settings.limits.deny = *number;
  if (key == "fail_interval") settings.limits.fail_interval = *number;
  if (key == "unlock_time") settings.limits.unlock_time = *number;
}

Settings SettingsOf(const std::string& etc) {
  Settings settings;
  const std::string text = TextOf(etc + "/security", "faillock.conf");
  for (const std::string_view line : SplitLines(text)) {
    TakeSetting(line.substr(0, line.find('#')), settings);
  }
  return settings;
}

// When the failures were that still count. What is torn at the end is left out.
std::vector<UnixSeconds> FailuresIn(std::string_view tally) {
  std::vector<UnixSeconds> times;
  for (; tally.size() >= kRecordBytes; tally.remove_prefix(kRecordBytes)) {
    std::uint16_t status = 0;
    std::uint64_t time = 0;
    std::memcpy(&status, tally.data() + kStatusOffset, sizeof status);
    std::memcpy(&time, tally.data() + kTimeOffset, sizeof time);
    if ((status & kStatusValid) != 0) times.push_back(static_cast<UnixSeconds>(time));
  }
  return times;
}

Status ClearTallyOf(const std::string& folder, const std::string& account,
                    const std::function<bool(uid_t)>& may_own) {
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
  const bool acceptable = S_ISREG(about.st_mode) && about.st_nlink == 1 && may_own(about.st_uid);
  if (!acceptable) return {Errc::kInternal, folder + "/" + account + " is not a plain tally"};
  if (ftruncate(tally.get(), 0) != 0) {
    return {Errc::kInternal, folder + "/" + account + ": " + strerror(errno)};
  }
  return Ok();
}

}  // namespace

std::string FailureTallyFolder(const std::string& etc) {
  Settings settings = SettingsOf(etc);
  if (!settings.dir.starts_with('/')) return kUsualFolder;
  return std::move(settings.dir);
}

FailureLimits ReadFailureLimits(const std::string& etc) {
  Settings settings = SettingsOf(etc);
  for (const char* name : {"common-auth", "system-auth"}) {
    const std::string text = TextOf(etc + "/pam.d", name);
    for (const PamLine& line : PamLines(text, "auth")) {
      if (line.module != "pam_faillock.so") continue;
      for (const std::string& argument : line.arguments) TakeSetting(argument, settings);
    }
    if (!text.empty()) break;
  }
  return settings.limits;
}

bool IsLockedByFailures(const std::string& folder, const std::string& account,
                        const FailureLimits& limits, UnixSeconds now) {
  const Result<Folder> opened = Folder::Open(folder);
  if (!opened || limits.deny == 0) return false;
  const Result<FileText> tally = opened->Read(account, kMaxTallyBytes);
  if (!tally) return false;
  const std::vector<UnixSeconds> failures = FailuresIn(tally->text.View());
  if (failures.empty()) return false;
  const UnixSeconds latest = *std::max_element(failures.begin(), failures.end());
  const auto recent = std::count_if(failures.begin(), failures.end(), [&](UnixSeconds time) {
    return latest - time < static_cast<UnixSeconds>(limits.fail_interval);
  });
  const bool over = limits.unlock_time != 0 && latest + limits.unlock_time < now;
  return !over && recent >= static_cast<std::ptrdiff_t>(limits.deny);
}

Status ClearFailureTally(const std::string& folder, const std::string& account, uid_t uid) {
  return ClearTallyOf(folder, account,
                      [uid](uid_t owner) { return owner == geteuid() || owner == uid; });
}

Status ClearDirectoryTally(const std::string& folder, const std::string& account, uid_t min_uid) {
  constexpr uid_t kOverflowUid = 65534;
  return ClearTallyOf(folder, account, [min_uid](uid_t owner) {
    return owner != 0 && owner >= min_uid && owner != kOverflowUid;
  });
}

}  // namespace sspr::setpw
