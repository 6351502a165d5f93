// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/enroll/computer_facts.h"

#include <windows.h>

#include <array>

#include "common/base/text.h"

namespace sspr {
namespace {

constexpr std::size_t kMostNameBytes = 64;
constexpr std::size_t kMostOsBytes = 128;

// Cut, and without what the service would refuse.
std::string Plain(const wchar_t* text, std::size_t most) {
  std::array<char, 1024> narrow{};
  const int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, narrow.data(),
                                       static_cast<int>(narrow.size()), nullptr, nullptr);
  if (size <= 0) return {};
  std::string made(most, '\0');
  made.resize(FilterForDisplay(narrow.data(), Lines::kOne, made));
  return made;
}

std::string OfWindows(const wchar_t* value) {
  std::array<wchar_t, 128> text{};
  DWORD size = sizeof text;
  if (RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", value,
                   RRF_RT_REG_SZ, nullptr, text.data(), &size) != ERROR_SUCCESS) {
    return {};
  }
  return Plain(text.data(), kMostOsBytes / 2);
}

}  // namespace

DeviceFacts ComputerFacts() {
  std::array<wchar_t, 256> name{};
  DWORD size = name.size();
  std::string host;
  if (GetComputerNameExW(ComputerNameDnsHostname, name.data(), &size)) {
    host = Plain(name.data(), kMostNameBytes);
  }
  std::string os = OfWindows(L"ProductName");
  if (os.empty()) os = "Windows";
  if (const std::string build = OfWindows(L"CurrentBuildNumber"); !build.empty()) {
    os += " (" + build + ")";
  }
  return {.name = host.empty() ? "unnamed" : host, .os = os, .versions = "sspr=" SSPR_VERSION};
}

}  // namespace sspr
