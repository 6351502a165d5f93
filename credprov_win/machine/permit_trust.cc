// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/machine/permit_trust.h"

#include <windows.h>

#include <array>

namespace sspr {
namespace {

constexpr wchar_t kTrustKey[] = L"SOFTWARE\\SSPR Login\\Device";
constexpr wchar_t kDeviceId[] = L"DeviceId";
constexpr wchar_t kPermitKey[] = L"PermitKey";
constexpr wchar_t kSuccessions[] = L"PermitKeySuccessions";
constexpr std::size_t kMostBytes = 4096;

std::optional<std::string> BytesAt(const wchar_t* value) {
  std::array<char, kMostBytes> bytes{};
  DWORD size = bytes.size();
  if (RegGetValueW(HKEY_LOCAL_MACHINE, kTrustKey, value, RRF_RT_REG_BINARY, nullptr, bytes.data(),
                   &size) != ERROR_SUCCESS) {
    return std::nullopt;
  }
  return std::string(bytes.data(), size);
}

Status Put(const wchar_t* value, std::string_view bytes) {
  const LSTATUS done = RegSetKeyValueW(HKEY_LOCAL_MACHINE, kTrustKey, value, REG_BINARY,
                                       bytes.data(), static_cast<DWORD>(bytes.size()));
  if (done == ERROR_SUCCESS) return Ok();
  if (done == ERROR_ACCESS_DENIED) return {Errc::kDenied, "only an administrator may do that"};
  return {Errc::kInternal, "the registry cannot be written (" + std::to_string(done) + ")"};
}

}  // namespace

std::optional<PermitTrust> ReadPermitTrust() {
  const auto device = FixedBytesFrom<kDeviceIdBytes>(BytesAt(kDeviceId).value_or(""));
  const auto key = FixedBytesFrom<kPublicKeyBytes>(BytesAt(kPermitKey).value_or(""));
  if (!device || !key) return std::nullopt;
  return PermitTrust{*device, *key, BytesAt(kSuccessions).value_or("")};
}

Status WritePermitTrust(const PermitTrust& trust) {
  Status done = Put(kSuccessions, trust.successions);
  if (done.ok()) done = Put(kPermitKey, View(trust.first_key));
  if (done.ok()) done = Put(kDeviceId, View(trust.device));
  return done;
}

}  // namespace sspr
