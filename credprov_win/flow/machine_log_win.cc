// SPDX-License-Identifier: Apache-2.0
// The event log of Windows; the event id is the LogId.
#include "common/client/machine_log.h"
#include "credprov_win/machine/windows_event.h"

namespace sspr {

MachineLog::MachineLog(const char*) {}
MachineLog::~MachineLog() = default;

void MachineLog::Info(LogId id, std::string_view message) const {
  WriteWindowsEvent(EVENTLOG_INFORMATION_TYPE, static_cast<DWORD>(id), message);
}
void MachineLog::Warning(LogId id, std::string_view message) const {
  WriteWindowsEvent(EVENTLOG_WARNING_TYPE, static_cast<DWORD>(id), message);
}
void MachineLog::Fault(LogId id, std::string_view message) const {
  WriteWindowsEvent(EVENTLOG_ERROR_TYPE, static_cast<DWORD>(id), message);
}

}  // namespace sspr
