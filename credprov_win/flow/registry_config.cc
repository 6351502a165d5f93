// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/flow/registry_config.h"

#include <windows.h>

#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "common/base/text.h"

namespace sspr {
namespace {

constexpr char kName[] = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\SSPR Login";
constexpr std::array<const wchar_t*, 2> kKeys = {L"SOFTWARE\\Policies\\SSPR Login",
                                                 L"SOFTWARE\\SSPR Login"};

struct Known {
  const wchar_t* value;
  const char* key;  // in [service] of sspr.conf
};
constexpr Known kKnown[] = {
    {L"ServiceUrl", "url"},     {L"ClientId", "client_id"},       {L"Language", "language"},
    {L"UserName", "username"},  {L"ProductName", "product_name"}, {L"Helpdesk", "helpdesk"},
    {L"MinGates", "min_gates"},
};

Result<std::optional<std::string>> Read(const wchar_t* value) {
  for (const wchar_t* key : kKeys) {
    std::array<wchar_t, 512> text{};
    DWORD size = sizeof text;
    DWORD type = 0;
    const LSTATUS read = RegGetValueW(HKEY_LOCAL_MACHINE, key, value,
                                      RRF_RT_REG_SZ | RRF_RT_REG_DWORD, &type, text.data(), &size);
    if (read == ERROR_FILE_NOT_FOUND) continue;
    if (read != ERROR_SUCCESS) return Error{Errc::kPolicy, "is no text or number, or too long"};
    if (type == REG_DWORD) {
      DWORD number = 0;
      static_assert(sizeof number <= sizeof text);
      std::memcpy(&number, text.data(), sizeof number);
      return std::optional<std::string>(std::to_string(number));
    }
    std::array<char, 2048> narrow{};
    const int bytes = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text.data(), -1,
                                          narrow.data(), narrow.size(), nullptr, nullptr);
    if (bytes <= 0 || !IsCleanText(narrow.data(), Lines::kOne)) {
      return Error{Errc::kPolicy, "is not clean text"};
    }
    return std::optional<std::string>(narrow.data());
  }
  return std::optional<std::string>();
}

}  // namespace

Result<ClientConfig> LoadRegistryConfig() {
  std::vector<IniEntry> entries;
  for (const Known& known : kKnown) {
    Result<std::optional<std::string>> text = Read(known.value);
    if (!text.ok()) {
      return Error{Errc::kPolicy,
                   std::string(kName) + ": '" + known.key + "' " + text.error().detail};
    }
    // A policy that is set to nothing is not set.
    if (*text && !(*text)->empty()) entries.push_back({"service", known.key, **text, 0});
  }
  return ReadClientConfig(IniFile::Of(kName, std::move(entries)));
}

std::string ServiceNameOf(const ClientConfig& config, std::string_view user) {
  const std::string_view bare = user.substr(user.find('\\') + 1);  // npos + 1 is 0
  if (bare.find('@') != std::string_view::npos) return std::string(bare);
  return config.ServiceUserName(bare);
}

}  // namespace sspr
