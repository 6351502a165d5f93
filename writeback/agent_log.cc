// SPDX-License-Identifier: Apache-2.0
#include "writeback/agent_log.h"

#include <array>
#include <cstdio>

#include "common/base/text.h"

namespace sspr {
namespace {

// As sd-daemon(3) has them: the journal's levels.
int LevelOf(AgentLogId id) {
  switch (id) {
    case AgentLogId::kStarted:
    case AgentLogId::kConnected:
    case AgentLogId::kPasswordSet:
    case AgentLogId::kPasswordRefused:
    case AgentLogId::kUnlocked:
    case AgentLogId::kRegistered:
      return 5;
    case AgentLogId::kNotReached:
    case AgentLogId::kPasswordNotSet:
    case AgentLogId::kNotAllowed:
    case AgentLogId::kDirectoryFault:
    case AgentLogId::kUnfitJob:
      return 4;
    case AgentLogId::kRefused:
    case AgentLogId::kConfigurationRefused:
    case AgentLogId::kMachineFault:
      return 3;
  }
  return 3;
}

}  // namespace

void NoteAgent(AgentLogId id, std::string_view message) {
  std::array<char, 900> line{};
  FilterForDisplay(message, Lines::kOne, {line.data(), line.size() - 1});
  std::fprintf(stderr, "<%d>SSPR-W%03d %s\n", LevelOf(id), static_cast<int>(id), line.data());
}

}  // namespace sspr
