// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/machine/enrolment_record.h"

#include <windows.h>

#include <array>

namespace sspr {
namespace {

constexpr wchar_t kRecordKey[] = L"SOFTWARE\\SSPR Login\\Device";
constexpr wchar_t kKeyName[] = L"KeyName";
constexpr wchar_t kProposedName[] = L"ProposedKeyName";
constexpr wchar_t kHeartbeats[] = L"Heartbeats";

std::string NameIn(const wchar_t* value) {
  std::array<wchar_t, 128> wide{};
  DWORD size = sizeof wide;
  if (RegGetValueW(HKEY_LOCAL_MACHINE, kRecordKey, value, RRF_RT_REG_SZ, nullptr, wide.data(),
                   &size) != ERROR_SUCCESS) {
    return {};
  }
  std::string name;
  for (const wchar_t* c = wide.data(); *c != L'\0'; ++c) {
    if (*c < 0x20 || *c > 0x7E) return {};  // none of ours
    name.push_back(static_cast<char>(*c));
  }
  return name;
}

Status Done(LSTATUS code) {
  if (code == ERROR_SUCCESS || code == ERROR_FILE_NOT_FOUND) return Ok();
  if (code == ERROR_ACCESS_DENIED) return {Errc::kDenied, "only an administrator may do that"};
  return {Errc::kInternal, "the registry cannot be written (" + std::to_string(code) + ")"};
}

Status WriteName(const wchar_t* value, const std::string& name) {
  if (name.empty()) return Done(RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, kRecordKey, value));
  const std::wstring wide(name.begin(), name.end());
  return Done(RegSetKeyValueW(HKEY_LOCAL_MACHINE, kRecordKey, value, REG_SZ, wide.c_str(),
                              static_cast<DWORD>((wide.size() + 1) * sizeof(wchar_t))));
}

}  // namespace

EnrolmentRecord ReadEnrolmentRecord() {
  EnrolmentRecord record{.key = NameIn(kKeyName), .proposed = NameIn(kProposedName)};
  DWORD number = 0;
  DWORD size = sizeof number;
  if (RegGetValueW(HKEY_LOCAL_MACHINE, kRecordKey, kHeartbeats, RRF_RT_REG_DWORD, nullptr, &number,
                   &size) == ERROR_SUCCESS) {
    record.heartbeats = number;
  }
  return record;
}

Status WriteEnrolmentRecord(const EnrolmentRecord& record) {
  const DWORD number = record.heartbeats;
  Status done = Done(RegSetKeyValueW(HKEY_LOCAL_MACHINE, kRecordKey, kHeartbeats, REG_DWORD,
                                     &number, sizeof number));
  // A proposal is written down before its key is made, and forgotten after it has its place.
  if (done.ok() && !record.proposed.empty()) done = WriteName(kProposedName, record.proposed);
  if (done.ok()) done = WriteName(kKeyName, record.key);
  if (done.ok() && record.proposed.empty()) done = WriteName(kProposedName, "");
  return done;
}

Status RemoveEnrolmentRecord() { return Done(RegDeleteTreeW(HKEY_LOCAL_MACHINE, kRecordKey)); }

Result<std::optional<DeviceKey>> LoadEnrolledKey() {
  const EnrolmentRecord record = ReadEnrolmentRecord();
  if (record.key.empty()) return std::optional<DeviceKey>();
  Result<DeviceKey> key = DeviceKey::Load(record.key);
  if (!key.ok()) return key.error();
  return std::optional<DeviceKey>(std::move(key).value());
}

}  // namespace sspr
