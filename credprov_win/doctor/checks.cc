// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/doctor/checks.h"

#include <windows.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "common/machine/permit_chain.h"
#include "credprov_win/dll/registry.h"
#include "credprov_win/flow/registry_config.h"
#include "credprov_win/machine/enrolment_record.h"
#include "credprov_win/machine/permit_trust.h"

namespace sspr {
namespace {

constexpr wchar_t kClass[] = L"{7B5E2C64-1F0B-4E0A-9C57-0A4D6B1E83F2}";
constexpr wchar_t kProviders[] =
    L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\Credential Providers\\";
constexpr wchar_t kFilters[] =
    L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\Credential Provider Filters";
constexpr wchar_t kSystemPolicies[] =
    L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System";
constexpr wchar_t kWinlogon[] = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon";
constexpr wchar_t kOurPolicies[] = L"SOFTWARE\\Policies\\SSPR Login";
constexpr wchar_t kOurState[] = L"SOFTWARE\\SSPR Login\\Provider";

std::optional<std::wstring> Text(const std::wstring& key, const wchar_t* value) {
  wchar_t text[2048] = {};
  DWORD size = sizeof text;
  const LSTATUS read =
      RegGetValueW(HKEY_LOCAL_MACHINE, key.c_str(), value, RRF_RT_REG_SZ, nullptr, text, &size);
  if (read != ERROR_SUCCESS) return std::nullopt;
  return std::wstring(text);
}

DWORD Number(const wchar_t* key, const wchar_t* value, DWORD other) {
  DWORD number = 0;
  DWORD size = sizeof number;
  const LSTATUS read =
      RegGetValueW(HKEY_LOCAL_MACHINE, key, value, RRF_RT_REG_DWORD, nullptr, &number, &size);
  return read == ERROR_SUCCESS ? number : other;
}

std::string Narrow(std::wstring_view text) {
  std::string narrow;
  for (const wchar_t c : text) narrow += c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '?';
  return narrow;
}

bool IsFile(const std::wstring& path) {
  const DWORD attributes = GetFileAttributesW(path.c_str());
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

Finding Fine(std::string what) { return {Finding::Kind::kFine, std::move(what), ""}; }
Finding Note(std::string what, std::string advice) {
  return {Finding::Kind::kNote, std::move(what), std::move(advice)};
}
Finding Problem(std::string what, std::string advice) {
  return {Finding::Kind::kProblem, std::move(what), std::move(advice)};
}

Finding CheckRegistration() {
  const bool listed = Text(std::wstring(kProviders) + kClass, nullptr).has_value();
  const auto dll =
      Text(std::wstring(L"SOFTWARE\\Classes\\CLSID\\") + kClass + L"\\InprocServer32", nullptr);
  if (!listed || !dll) {
    return Problem("the provider is not registered", "Repair the installation (msiexec /f).");
  }
  if (!IsFile(*dll)) {
    return Problem("the provider is registered, but its file is not there: " + Narrow(*dll),
                   "Repair the installation (msiexec /f).");
  }
  for (const wchar_t* name : {L"sspr-flow.exe", L"sspr-setpw.exe"}) {
    const std::wstring program = dll->substr(0, dll->find_last_of(L'\\') + 1) + name;
    if (!IsFile(program)) {
      return Problem(Narrow(name) + " is not beside the provider: " + Narrow(program),
                     "Repair the installation (msiexec /f).");
    }
  }
  return Fine("the provider is registered: " + Narrow(*dll));
}

Finding CheckConfiguration() {
  const auto config = LoadRegistryConfig();
  if (config.ok()) return Fine("the configuration is sound: " + config->base_url);
  return Problem("the configuration is refused: " + config.error().detail,
                 "Set the policy \"Address of the service\", or the value in the registry.");
}

Finding CheckStarts() {
  const DWORD unfinished = Number(kOurState, L"UnfinishedStarts", 0);
  if (unfinished >= kMostUnfinishedStarts) {
    return Problem("the provider switched itself off after " + std::to_string(unfinished) +
                       " starts that did not end well",
                   "Look for crashes of LogonUI.exe in the event log, then: sspr-doctor --enable");
  }
  return Fine("starts that did not end well: " + std::to_string(unfinished));
}

Finding CheckEnrolment() {
  const auto key = LoadEnrolledKey();
  if (!key.ok()) {
    return Problem("the key of this device cannot be used: " + key.error().detail,
                   "Run this as an administrator, or enrol anew: sspr-enroll enroll --new-key");
  }
  if (*key) return Fine("this computer holds the key of an enrolled device");
  return Note("this computer is not an enrolled device",
              "A service that serves enrolled devices only refuses it: sspr-enroll enroll");
}

// Whether accounts of the computer itself are offered a reset.
Finding CheckOwnAccounts() {
  const auto trust = ReadPermitTrust();
  if (!trust) {
    return Note("accounts of this computer itself are not reset: it holds no key of permits",
                "If they are to be: sspr-enroll enroll, at a service that signs permits.");
  }
  if (!ChainOf(trust->first_key, trust->successions).ok()) {
    return Problem("the keys of permits are not sound: no account of this computer is reset",
                   "sspr-enroll enroll --replace-permit-key");
  }
  const auto key = LoadEnrolledKey();
  if (key.ok() && *key &&
      !std::ranges::equal(
          (*key)->Public().thumbprint(), trust->device,
          [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); })) {
    return Problem(
        "the keys of permits are of another device: no account of this computer is reset",
        "sspr-enroll enroll");
  }
  return Fine("accounts of this computer itself are reset by permit");
}

bool NamesOurClass(const std::wstring& list) {
  std::wstring upper = list;
  for (wchar_t& c : upper) {
    if (c >= L'a' && c <= L'z') c = static_cast<wchar_t>(c - L'a' + L'A');
  }
  return upper.find(kClass) != std::wstring::npos;
}

// Settings of Windows that hide the tile or keep a reset from its end.
void CheckSettings(std::vector<Finding>& found) {
  if (Number(kOurPolicies, L"Disabled", 0) != 0) {
    found.push_back(Problem("a policy switches the provider off (Disabled)",
                            "Set the policy \"Switch the provider off\" to not configured."));
  }
  for (const wchar_t* key : {kSystemPolicies, L"SOFTWARE\\Policies\\Microsoft\\Windows\\System"}) {
    const auto excluded = Text(key, L"ExcludedCredentialProviders");
    if (excluded && NamesOurClass(*excluded)) {
      found.push_back(Problem("a policy excludes the provider (ExcludedCredentialProviders)",
                              "Take it from \"Exclude credential providers\"."));
    }
  }
  HKEY filters = nullptr;
  if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, kFilters, 0, KEY_READ, &filters) == ERROR_SUCCESS) {
    wchar_t name[256] = {};
    for (DWORD i = 0;; ++i) {
      DWORD size = 256;
      if (RegEnumKeyExW(filters, i, name, &size, nullptr, nullptr, nullptr, nullptr) !=
          ERROR_SUCCESS) {
        break;
      }
      found.push_back(Note("another product filters sign-in options: " + Narrow(name),
                           "If the tile is missing, let that product allow our provider."));
    }
    RegCloseKey(filters);
  }
  if (Number(kSystemPolicies, L"scforceoption", 0) != 0) {
    found.push_back(
        Problem("a policy demands a smart card (scforceoption)",
                "A new password does not let anybody in here. Hide the tile: Disabled."));
  }
  if (Number(kSystemPolicies, L"dontdisplaylastusername", 0) != 0) {
    found.push_back(Note("users are not shown (dontdisplaylastusername)",
                         "The reset is under \"Other user\"; people type their names."));
  }
  if (Number(kSystemPolicies, L"HideFastUserSwitching", 0) != 0) {
    found.push_back(Note("fast user switching is hidden (HideFastUserSwitching)",
                         "On a locked screen only the one who locked it can reset."));
  }
  if (Number(kSystemPolicies, L"EnableLUA", 1) == 0) {
    found.push_back(Note("user account control is off (EnableLUA)",
                         "Windows' own reset needs it; ours does not."));
  }
  const auto shell = Text(kWinlogon, L"Shell");
  if (shell && _wcsicmp(shell->c_str(), L"explorer.exe") != 0) {
    found.push_back(Note("the shell is not explorer.exe: " + Narrow(*shell),
                         "A kiosk that signs in by itself never shows the tile."));
  }
  const auto automatic = Text(kWinlogon, L"AutoAdminLogon");
  if (automatic && *automatic == L"1") {
    found.push_back(Note("somebody is signed in automatically (AutoAdminLogon)",
                         "A reset of that account breaks it: the stored password is the old one."));
  }
  const std::wstring personalization = L"SOFTWARE\\Policies\\Microsoft\\Windows\\Personalization";
  if (Number(personalization.c_str(), L"NoLockScreen", 0) != 0) {
    found.push_back(Note("the lock screen is off (NoLockScreen)",
                         "Windows' own reset breaks by it; ours does not."));
  }
}

}  // namespace

std::vector<Finding> CheckEverything() {
  std::vector<Finding> found{CheckRegistration(), CheckConfiguration(), CheckStarts(),
                             CheckEnrolment(), CheckOwnAccounts()};
  CheckSettings(found);
  return found;
}

bool ForgetUnfinishedStarts() {
  const DWORD none = 0;
  return RegSetKeyValueW(HKEY_LOCAL_MACHINE, kOurState, L"UnfinishedStarts", REG_DWORD, &none,
                         sizeof none) == ERROR_SUCCESS;
}

}  // namespace sspr
