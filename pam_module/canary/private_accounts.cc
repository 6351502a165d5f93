// SPDX-License-Identifier: Apache-2.0
#include "pam_module/canary/private_accounts.h"

#include <crypt.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>

namespace sspr {
namespace {

constexpr char kPasswd[] = "/etc/passwd";
constexpr char kShadow[] = "/etc/shadow";
// pam_faillock counts here; the canary's wrong password is not to be found there later.
constexpr char kTallies[] = "/run/faillock";
constexpr uid_t kHighestUid = 59999;
constexpr uid_t kLowestUid = 1000;
constexpr int kSecondsOfDay = 24 * 60 * 60;

Error Fault(Errc code, const std::string& what) {
  return {code, what + ": " + std::strerror(errno)};
}

Result<std::string> RandomHex(std::size_t bytes) {
  std::array<unsigned char, 32> random{};
  if (getrandom(random.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
    return Fault(Errc::kInternal, "getrandom");
  }
  std::string hex;
  for (std::size_t i = 0; i < bytes; ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[random[i] >> 4];
    hex += kDigits[random[i] & 15];
  }
  return hex;
}

Result<uid_t> FreeUid() {
  for (uid_t uid = kHighestUid; uid > kLowestUid; --uid) {
    if (getpwuid(uid) == nullptr) return uid;
  }
  return Error{Errc::kInternal, "no free uid for the canary's account"};
}

// A salt of the machine's default method and what it makes of the password.
Result<std::string> HashOf(const std::string& password) {
  char* const setting = crypt_gensalt_ra(nullptr, 0, nullptr, 0);
  if (setting == nullptr) return Fault(Errc::kInternal, "crypt_gensalt");
  crypt_data data{};
  const char* const hash = crypt_r(password.c_str(), setting, &data);
  std::free(setting);
  if (hash == nullptr || hash[0] == '*') return Error{Errc::kInternal, "crypt failed"};
  return std::string(hash);
}

// A copy of the file with one more line, laid over the file in this namespace.
Status Overlay(const char* path, const std::string& copy, const std::string& line) {
  std::ifstream original(path, std::ios::binary);
  std::stringstream text;
  text << original.rdbuf();
  if (!original) return Fault(Errc::kUnreachable, path);
  std::string whole = text.str();
  if (!whole.empty() && whole.back() != '\n') whole += '\n';
  std::ofstream out(copy, std::ios::binary);
  out << whole << line << '\n';
  out.close();
  if (!out) return Fault(Errc::kInternal, copy);
  struct stat facts {};
  if (stat(path, &facts) != 0 || chmod(copy.c_str(), facts.st_mode & 07777) != 0 ||
      chown(copy.c_str(), facts.st_uid, facts.st_gid) != 0) {
    return Fault(Errc::kInternal, copy);
  }
  if (mount(copy.c_str(), path, nullptr, MS_BIND, nullptr) != 0) {
    return Fault(Errc::kUnreachable, std::string("mount over ") + path);
  }
  return Ok();
}

Status LeaveTheMachine(const std::string& folder) {
  if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) return Fault(Errc::kUnreachable, "unshare");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Fault(Errc::kUnreachable, "mount");
  }
  constexpr unsigned long kPlain = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (mount("tmpfs", folder.c_str(), "tmpfs", kPlain, "mode=0700") != 0) {
    return Fault(Errc::kUnreachable, folder);
  }
  if (access(kTallies, F_OK) == 0 && mount("tmpfs", kTallies, "tmpfs", kPlain, "mode=0755") != 0) {
    return Fault(Errc::kUnreachable, kTallies);
  }
  return Ok();
}

}  // namespace

Result<CanaryAccount> InventAccount() {
  for (int tries = 0; tries < 16; ++tries) {
    const auto tail = RandomHex(4);
    if (!tail) return tail.error();
    const std::string name = "sspr-canary-" + *tail;
    if (getpwnam(name.c_str()) != nullptr) continue;
    const auto password = RandomHex(16);
    if (!password) return password.error();
    return CanaryAccount{name, *password};
  }
  return Error{Errc::kInternal, "every name for the canary's account is taken"};
}

Status EnterPrivateAccounts(const std::string& folder, const CanaryAccount& account) {
  const auto uid = FreeUid();
  if (!uid) return uid.error();
  const auto hash = HashOf(account.password);
  if (!hash) return hash.error();
  if (const Status left = LeaveTheMachine(folder); !left) return left;
  const std::string number = std::to_string(*uid);
  const std::string today = std::to_string(std::time(nullptr) / kSecondsOfDay);
  if (const Status laid =
          Overlay(kPasswd, folder + "/passwd",
                  account.name + ":x:" + number + ":" + number + "::/nonexistent:/bin/sh");
      !laid) {
    return laid;
  }
  return Overlay(kShadow, folder + "/shadow",
                 account.name + ":" + *hash + ":" + today + ":0:99999:7:::");
}

}  // namespace sspr
