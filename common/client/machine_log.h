// SPDX-License-Identifier: Apache-2.0
// The log of the machine: syslog, facility authpriv. Each message has an identifier that stays the
// same for good; docs/journal-messages.md lists them. Nothing that was typed is ever logged.
#pragma once

#include <string_view>

namespace sspr {

enum class LogId {
  kConfigurationRefused = 1,
  kNoPeer = 2,
  kForeignAccount = 3,
  kUserNameRefused = 4,
  kHostBrokeProtocol = 5,
  kServiceFailed = 6,
  kServiceRefused = 7,
  kSetpwLost = 8,
  kFlowEnded = 9,
  kNotConfined = 10,
  kTransportMissing = 11,
  kNoResuming = 12,
  kPendingSettled = 13,
  kAccountRefused = 14,
  kInternalFault = 15,
  kNoDeviceKey = 16,
  kIdle = 18,
  kBudgetUsedUp = 19,
  kCheckFailed = 20,
};

class MachineLog {
 public:
  // Connects to the log daemon now, so that it works inside the sandbox. name outlives this.
  explicit MachineLog(const char* name);
  ~MachineLog();
  MachineLog(const MachineLog&) = delete;
  MachineLog& operator=(const MachineLog&) = delete;

  void Info(LogId id, std::string_view message) const;
  void Warning(LogId id, std::string_view message) const;
  void Fault(LogId id, std::string_view message) const;
};

}  // namespace sspr
