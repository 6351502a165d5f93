// SPDX-License-Identifier: Apache-2.0
// What the agent keeps: its two keys, and the ledger of what it was asked to do. The folder is its
// user's alone, and one process at a time has it.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/protocol/device_key.h"
#include "common/writeback/sealing_key.h"

namespace sspr {

class AgentState {
 public:
  // Makes the folder (mode 0700) where it is missing, and takes it. kInternal, with a sentence: it
  // is somebody else's, others may look into it, or another process has it.
  static Result<std::unique_ptr<AgentState>> Open(const std::string& folder);
  AgentState(const AgentState&) = delete;
  AgentState& operator=(const AgentState&) = delete;
  ~AgentState();

  bool HasKeys() const;
  // Both, of mode 0600. What is there of them stays; renew: it is replaced.
  Status MakeKeys(bool renew) const;
  // kInternal: a key is missing, damaged or not this user's alone.
  Result<DeviceKey> LoadKey() const;
  Result<SealingKey> LoadSealingKey() const;
  std::string LedgerFile() const { return folder_ + "/ledger.db"; }

 private:
  AgentState(std::string folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  std::string KeyFile() const { return folder_ + "/agent.key"; }
  std::string SealingKeyFile() const { return folder_ + "/sealing.key"; }

  const std::string folder_;
  const int lock_;
};

}  // namespace sspr
