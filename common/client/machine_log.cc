// SPDX-License-Identifier: Apache-2.0
#include "common/client/machine_log.h"

#include <syslog.h>

#include <array>

#include "common/base/text.h"

namespace sspr {
namespace {

void Write(int priority, LogId id, std::string_view message) {
  std::array<char, 900> line{};
  FilterForDisplay(message, Lines::kOne, {line.data(), line.size() - 1});
  syslog(priority, "SSPR-F%03d %s", static_cast<int>(id), line.data());
}

}  // namespace

MachineLog::MachineLog(const char* name) { openlog(name, LOG_PID | LOG_NDELAY, LOG_AUTHPRIV); }
MachineLog::~MachineLog() { closelog(); }

void MachineLog::Info(LogId id, std::string_view message) const { Write(LOG_INFO, id, message); }
void MachineLog::Warning(LogId id, std::string_view message) const {
  Write(LOG_WARNING, id, message);
}
void MachineLog::Fault(LogId id, std::string_view message) const { Write(LOG_ERR, id, message); }

}  // namespace sspr
