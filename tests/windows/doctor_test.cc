// SPDX-License-Identifier: Apache-2.0
// Each setting that the doctor knows of, set and found.
#include <gtest/gtest.h>
#include <windows.h>

#include <string>
#include <vector>

#include "credprov_win/doctor/checks.h"
#include "credprov_win/machine/permit_trust.h"

namespace sspr {
namespace {

constexpr wchar_t kSystem[] = L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System";
constexpr wchar_t kWinlogon[] = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon";

struct Setting {
  const wchar_t* key;
  const wchar_t* name;
  const wchar_t* text;  // null: the number
  DWORD number;
  Finding::Kind kind;
  const char* what;
};

std::vector<Finding> Matching(const char* what) {
  std::vector<Finding> matching;
  for (Finding& one : CheckEverything()) {
    if (one.what.find(what) != std::string::npos) matching.push_back(std::move(one));
  }
  return matching;
}

TEST(Doctor, FindsEachSettingAndNotWhenItIsGone) {
  using Kind = Finding::Kind;
  for (const Setting& one : std::vector<Setting>{
           {L"SOFTWARE\\Policies\\SSPR Login", L"Disabled", nullptr, 1, Kind::kProblem,
            "(Disabled)"},
           {L"SOFTWARE\\SSPR Login\\Provider", L"UnfinishedStarts", nullptr, 3, Kind::kProblem,
            "switched itself off"},
           {kSystem, L"ExcludedCredentialProviders",
            L"{11111111-0000-0000-0000-000000000000},{7b5e2c64-1f0b-4e0a-9c57-0a4d6b1e83f2}", 0,
            Kind::kProblem, "(ExcludedCredentialProviders)"},
           {kSystem, L"scforceoption", nullptr, 1, Kind::kProblem, "(scforceoption)"},
           {kSystem, L"dontdisplaylastusername", nullptr, 1, Kind::kNote,
            "(dontdisplaylastusername)"},
           {kSystem, L"HideFastUserSwitching", nullptr, 1, Kind::kNote, "(HideFastUserSwitching)"},
           {L"SOFTWARE\\Policies\\Microsoft\\Windows\\Personalization", L"NoLockScreen", nullptr, 1,
            Kind::kNote, "(NoLockScreen)"},
           {L"SOFTWARE\\Policies\\Microsoft\\Windows\\System", L"ExcludedCredentialProviders",
            L"{7B5E2C64-1F0B-4E0A-9C57-0A4D6B1E83F2}", 0, Kind::kProblem,
            "(ExcludedCredentialProviders)"},
           {L"SOFTWARE\\SSPR Login\\Device", L"KeyName", L"SSPR Login device that is not there", 0,
            Kind::kProblem, "the key of this device cannot be used"},
           {kWinlogon, L"AutoAdminLogon", L"1", 0, Kind::kNote, "(AutoAdminLogon)"},
           {L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\"
            L"Credential Provider Filters\\{22222222-0000-0000-0000-000000000000}",
            L"", L"Another product", 0, Kind::kNote, "filters sign-in options: {22222222"}}) {
    EXPECT_TRUE(Matching(one.what).empty()) << one.what;
    const bool is_text = one.text != nullptr;
    const std::wstring text = is_text ? one.text : L"";
    const LSTATUS set = RegSetKeyValueW(
        HKEY_LOCAL_MACHINE, one.key, one.name, is_text ? REG_SZ : REG_DWORD,
        is_text ? static_cast<const void*>(text.c_str()) : &one.number,
        is_text ? static_cast<DWORD>((text.size() + 1) * sizeof(wchar_t)) : sizeof one.number);
    ASSERT_EQ(set, ERROR_SUCCESS) << one.what;
    const std::vector<Finding> found = Matching(one.what);
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, one.key, one.name);
    if (one.name[0] == 0) RegDeleteKeyW(HKEY_LOCAL_MACHINE, one.key);
    ASSERT_EQ(found.size(), 1u) << one.what;
    EXPECT_EQ(found[0].kind, one.kind) << one.what;
    EXPECT_FALSE(found[0].advice.empty()) << one.what;
    EXPECT_TRUE(Matching(one.what).empty()) << one.what;
  }
}

// These two have values in every Windows, so they are put back.
TEST(Doctor, LooksAtTheShellAndAtUserAccountControl) {
  wchar_t shell[256] = {};
  DWORD size = sizeof shell;
  const LSTATUS had =
      RegGetValueW(HKEY_LOCAL_MACHINE, kWinlogon, L"Shell", RRF_RT_REG_SZ, nullptr, shell, &size);
  const auto set_shell = [](const std::wstring& text) {
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, kWinlogon, L"Shell", REG_SZ, text.c_str(),
                    static_cast<DWORD>((text.size() + 1) * sizeof(wchar_t)));
  };
  set_shell(L"Explorer.exe");
  EXPECT_TRUE(Matching("the shell is not explorer.exe").empty());
  set_shell(L"kiosk.exe");
  EXPECT_EQ(Matching("the shell is not explorer.exe: kiosk.exe").size(), 1u);
  set_shell(had == ERROR_SUCCESS ? shell : L"explorer.exe");

  DWORD before = 0;
  size = sizeof before;
  const LSTATUS was_there = RegGetValueW(HKEY_LOCAL_MACHINE, kSystem, L"EnableLUA",
                                         RRF_RT_REG_DWORD, nullptr, &before, &size);
  for (const DWORD on : {1u, 0u}) {
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, kSystem, L"EnableLUA", REG_DWORD, &on, sizeof on);
    EXPECT_EQ(Matching("(EnableLUA)").size(), on == 0 ? 1u : 0u);
  }
  if (was_there == ERROR_SUCCESS) {
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, kSystem, L"EnableLUA", REG_DWORD, &before, sizeof before);
  } else {
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, kSystem, L"EnableLUA");
  }
}

TEST(Doctor, SetsTheCountOfStartsBack) {
  const DWORD three = 3;
  ASSERT_EQ(RegSetKeyValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\SSPR Login\\Provider",
                            L"UnfinishedStarts", REG_DWORD, &three, sizeof three),
            ERROR_SUCCESS);
  EXPECT_TRUE(ForgetUnfinishedStarts());
  EXPECT_EQ(Matching("starts that did not end well: 0").size(), 1u);
}

TEST(Doctor, SaysWhetherAccountsOfTheComputerAreReset) {
  constexpr wchar_t kDevice[] = L"SOFTWARE\\SSPR Login\\Device";
  RegDeleteTreeW(HKEY_LOCAL_MACHINE, kDevice);
  EXPECT_EQ(Matching("holds no key of permits").size(), 1u);
  PermitTrust trust;
  trust.first_key.fill('K');
  ASSERT_TRUE(WritePermitTrust(trust).ok());
  EXPECT_EQ(Matching("are reset by permit").size(), 1u);
  trust.successions = "no statement";
  ASSERT_TRUE(WritePermitTrust(trust).ok());
  EXPECT_EQ(Matching("keys of permits are not sound").size(), 1u);
  RegDeleteTreeW(HKEY_LOCAL_MACHINE, kDevice);
}

}  // namespace
}  // namespace sspr
