// SPDX-License-Identifier: Apache-2.0
// What sspr-writeback says, on standard error, which its unit has in the journal. The identifiers
// stay the same for good; docs/journal-messages.md lists them. No password, no code, no key.
#pragma once

#include <string_view>

namespace sspr {

enum class AgentLogId {
  kStarted = 1,
  kConnected = 2,
  kNotReached = 3,
  kRefused = 4,
  kPasswordSet = 5,
  kPasswordRefused = 6,
  kPasswordNotSet = 7,
  kNotAllowed = 8,
  kDirectoryFault = 9,
  kUnfitJob = 10,
  kUnlocked = 11,
  kConfigurationRefused = 12,
  kMachineFault = 13,
  kRegistered = 14,
};

// One line; from any thread.
void NoteAgent(AgentLogId id, std::string_view message);

}  // namespace sspr
