// SPDX-License-Identifier: Apache-2.0
// The event log of Windows, log "Application", source "SSPR Login"; the event id is the LogId.
#include <windows.h>

#include <array>

#include "common/base/text.h"
#include "common/client/machine_log.h"

namespace sspr {
namespace {

constexpr wchar_t kSource[] = L"SSPR Login";

void Write(WORD kind, LogId id, std::string_view message) {
  std::array<char, 900> line{};
  const std::size_t size = FilterForDisplay(message, Lines::kOne, {line.data(), line.size() - 1});
  std::array<wchar_t, 900> wide{};
  MultiByteToWideChar(CP_UTF8, 0, line.data(), static_cast<int>(size), wide.data(),
                      static_cast<int>(wide.size() - 1));
  const HANDLE log = RegisterEventSourceW(nullptr, kSource);
  if (log == nullptr) return;
  const wchar_t* texts[] = {wide.data()};
  ReportEventW(log, kind, 0, static_cast<DWORD>(id), nullptr, 1, 0, texts, nullptr);
  DeregisterEventSource(log);
}

}  // namespace

MachineLog::MachineLog(const char*) {}
MachineLog::~MachineLog() = default;

void MachineLog::Info(LogId id, std::string_view message) const {
  Write(EVENTLOG_INFORMATION_TYPE, id, message);
}
void MachineLog::Warning(LogId id, std::string_view message) const {
  Write(EVENTLOG_WARNING_TYPE, id, message);
}
void MachineLog::Fault(LogId id, std::string_view message) const {
  Write(EVENTLOG_ERROR_TYPE, id, message);
}

}  // namespace sspr
