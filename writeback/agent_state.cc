// SPDX-License-Identifier: Apache-2.0
#include "writeback/agent_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sspr {
namespace {

bool IsThere(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Error Fault(std::string text) { return {Errc::kInternal, std::move(text)}; }

}  // namespace

Result<std::unique_ptr<AgentState>> AgentState::Open(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return Fault("the folder " + folder + " cannot be made");
  }
  struct stat about {};
  if (lstat(folder.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
    return Fault(folder + " is no folder");
  }
  if (about.st_uid != geteuid()) {
    return Fault(folder + " belongs to another user: run this as that one");
  }
  if ((about.st_mode & 077) != 0) {
    return Fault(folder + " is open to others: make it mode 0700");
  }
  const std::string file = folder + "/lock";
  const int lock = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return Fault(file + " cannot be opened");
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return Fault("another sspr-writeback works on " + folder);
  }
  return std::unique_ptr<AgentState>(new AgentState(folder, lock));
}

AgentState::~AgentState() { close(lock_); }

bool AgentState::HasKeys() const { return IsThere(KeyFile()) && IsThere(SealingKeyFile()); }

Status AgentState::MakeKeys(bool renew) const {
  if (renew) {
    for (const std::string& file : {KeyFile(), SealingKeyFile()}) {
      if (unlink(file.c_str()) != 0 && errno != ENOENT) return Fault(file + " cannot be removed");
    }
  }
  if (!IsThere(KeyFile())) {
    const Result<DeviceKey> key = DeviceKey::Generate(DeviceKeyKind::kP256);
    if (!key.ok()) return key.error();
    if (Status saved = key->SaveNew(KeyFile()); !saved.ok()) return saved;
  }
  if (!IsThere(SealingKeyFile())) {
    const Result<SealingKey> key = SealingKey::Generate();
    if (!key.ok()) return key.error();
    if (Status saved = key->SaveNew(SealingKeyFile()); !saved.ok()) return saved;
  }
  return Ok();
}

Result<DeviceKey> AgentState::LoadKey() const {
  struct stat about {};
  if (lstat(KeyFile().c_str(), &about) == 0 && about.st_uid != geteuid()) {
    return Fault(KeyFile() + " belongs to somebody else than the user who runs this");
  }
  return DeviceKey::Load(KeyFile());
}

Result<SealingKey> AgentState::LoadSealingKey() const { return SealingKey::Load(SealingKeyFile()); }

}  // namespace sspr
