// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/registry.h"

#include <atomic>

namespace sspr {
namespace {

constexpr wchar_t kPolicyKey[] = L"SOFTWARE\\Policies\\SSPR Login";
constexpr wchar_t kStateKey[] = L"SOFTWARE\\SSPR Login\\Provider";
constexpr wchar_t kDeviceKey[] = L"SOFTWARE\\SSPR Login\\Device";
constexpr wchar_t kUnfinishedStarts[] = L"UnfinishedStarts";

// Counted in this process and not yet crossed off.
std::atomic<bool> start_open{false};

DWORD ReadNumber(const wchar_t* key, const wchar_t* name, DWORD other) noexcept {
  DWORD value = 0;
  DWORD size = sizeof value;
  const LSTATUS read =
      RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_DWORD, nullptr, &value, &size);
  return read == ERROR_SUCCESS ? value : other;
}

void WriteUnfinished(DWORD count) noexcept {
  HKEY key = nullptr;
  if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, kStateKey, 0, nullptr, REG_OPTION_NON_VOLATILE,
                      KEY_SET_VALUE, nullptr, &key, nullptr) != ERROR_SUCCESS) {
    return;
  }
  RegSetValueExW(key, kUnfinishedStarts, 0, REG_DWORD, reinterpret_cast<const BYTE*>(&count),
                 sizeof count);
  RegCloseKey(key);
}

// Event 100 of the source "SSPR Login"; its words are in credprov_win/flow/messages.mc.
void TellThatItIsOff() noexcept {
  constexpr DWORD kSwitchedOff = 100;
  const HANDLE log = RegisterEventSourceW(nullptr, L"SSPR Login");
  if (log == nullptr) return;
  ReportEventW(log, EVENTLOG_WARNING_TYPE, 0, kSwitchedOff, nullptr, 0, 0, nullptr, nullptr);
  DeregisterEventSource(log);
}

}  // namespace

DWORD PolicyNumber(const wchar_t* name, DWORD other) noexcept {
  return ReadNumber(kPolicyKey, name, other);
}

bool ServesOwnAccounts() noexcept {
  DWORD size = 0;
  return RegGetValueW(HKEY_LOCAL_MACHINE, kDeviceKey, L"PermitKey", RRF_RT_REG_BINARY, nullptr,
                      nullptr, &size) == ERROR_SUCCESS &&
         size > 0;
}

bool CountStart() noexcept {
  if (start_open.exchange(true)) return true;  // one process is one start
  const DWORD unfinished = ReadNumber(kStateKey, kUnfinishedStarts, 0);
  if (unfinished >= kMostUnfinishedStarts) {
    start_open = false;
    TellThatItIsOff();
    return false;
  }
  WriteUnfinished(unfinished + 1);
  return true;
}

void StartFinished() noexcept {
  if (start_open.exchange(false)) WriteUnfinished(0);
}

}  // namespace sspr
