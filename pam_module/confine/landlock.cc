// SPDX-License-Identifier: Apache-2.0
#include "pam_module/confine/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sspr {
namespace {

// Debian 12's headers end at the second version of the interface; its kernels may be newer.
constexpr std::uint64_t kTruncate = 1ULL << 14;          // version 3
constexpr std::uint64_t kIoctlDevice = 1ULL << 15;       // version 5
constexpr std::uint64_t kBindTcp = 1ULL << 0;            // version 4
constexpr std::uint64_t kConnectTcp = 1ULL << 1;         // version 4
constexpr std::uint64_t kScopeAbstractUnix = 1ULL << 0;  // version 6
constexpr std::uint64_t kScopeSignal = 1ULL << 1;        // version 6
constexpr int kRuleNetPort = 2;

struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t ports = 0;
  std::uint64_t scopes = 0;
};

struct PortRule {
  std::uint64_t allowed = 0;
  std::uint64_t port = 0;
};

constexpr std::uint64_t kReadRights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWriteRights = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
constexpr std::uint64_t kReplaceRights = kWriteRights | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                         LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR;
constexpr std::uint64_t kOtherRights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                       LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                                       LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                       LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
// What can be allowed for a file that is no folder.
constexpr std::uint64_t kFileRights =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;

Error Failed(const std::string& what) {
  return {Errc::kInternal, "landlock " + what + ": " + std::strerror(errno)};
}

class Ruleset {
 public:
  explicit Ruleset(int fd) : fd_(fd) {}
  ~Ruleset() {
    if (fd_ >= 0) close(fd_);
  }
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::uint64_t HandledFiles(long version, bool reading) {
  std::uint64_t handled = kReplaceRights | kOtherRights;
  if (reading) handled |= kReadRights;
  if (version >= 2) handled |= LANDLOCK_ACCESS_FS_REFER;
  if (version < 3) handled &= ~kTruncate;
  if (version >= 5) handled |= kIoctlDevice;
  return handled;
}

}  // namespace

std::uint64_t Landlock::Allowed(Right right, bool is_folder, std::uint64_t handled) const {
  std::uint64_t rights = kReadRights;
  if (right == Right::kWrite) rights |= kWriteRights;
  if (right == Right::kReplace) rights |= kReplaceRights;
  if (!is_folder) rights &= kFileRights;
  return rights & handled;
}

Status Landlock::AddRules(int ruleset, std::uint64_t handled, bool tcp) const {
  for (const Rule& rule : rules_) {
    const Ruleset path(open(rule.path.c_str(), O_PATH | O_CLOEXEC));
    if (path.fd() < 0 && (errno == ENOENT || errno == EACCES || errno == ENOTDIR)) continue;
    struct stat about {};
    if (path.fd() < 0 || fstat(path.fd(), &about) != 0) return Failed(rule.path);
    landlock_path_beneath_attr beneath{};
    beneath.allowed_access = Allowed(rule.right, S_ISDIR(about.st_mode), handled);
    beneath.parent_fd = path.fd();
    if (beneath.allowed_access == 0) continue;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0) {
      return Failed(rule.path);
    }
  }
  if (!tcp) return Ok();
  for (const std::uint16_t port : ports_) {
    const PortRule rule{kConnectTcp, port};
    if (syscall(SYS_landlock_add_rule, ruleset, kRuleNetPort, &rule, 0) != 0) {
      return Failed("port");
    }
  }
  return Ok();
}

Result<bool> Landlock::Enforce() const {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Failed("no_new_privs");
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  // EPERM: a container that forbids what it does not know. Nothing is given up that it would have.
  if (version < 0 && (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM)) return false;
  if (version < 0) return Failed("version");

  RulesetAttributes attributes;
  attributes.files = HandledFiles(version, reading_ == Reading::kListed);
  const bool tcp = restricts_tcp_ && version >= 4;
  if (tcp) attributes.ports = kBindTcp | kConnectTcp;
  if (version >= 6) attributes.scopes = kScopeAbstractUnix | kScopeSignal;
  // An older kernel takes a shorter structure.
  std::size_t size = sizeof attributes.files;
  if (version >= 4) size += sizeof attributes.ports;
  if (version >= 6) size += sizeof attributes.scopes;
  const Ruleset ruleset(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (ruleset.fd() < 0) return Failed("ruleset");
  if (Status added = AddRules(ruleset.fd(), attributes.files, tcp); !added) return added.error();
  if (syscall(SYS_landlock_restrict_self, ruleset.fd(), 0) != 0) return Failed("restrict");
  return true;
}

}  // namespace sspr
