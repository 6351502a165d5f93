// SPDX-License-Identifier: Apache-2.0
// The provider as LogonUI meets it, from its registration to the logon that LSA gets.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "credprov_win/dll/credential.h"
#include "tests/windows/logon_ui.h"

namespace sspr::test {
namespace {

constexpr char kReset[] =
    "begin\n"
    "info We have to know that it is you.\n"
    "choose How do you want to prove it?|A code by mail|A code by SMS\n"
    "answer\n"
    "wait Sending the code.\n"
    "ask-visible The code\n"
    "answer\n"
    "info At least 12 characters.\n"
    "ask-hidden New password\n"
    "answer\n"
    "ask-hidden Once more\n"
    "answer\n"
    "done 0 3 Your new password is set.\n";

std::wstring LabelOf(ICredentialProvider* provider, DWORD index, GUID* type) {
  CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR* descriptor = nullptr;
  EXPECT_EQ(provider->GetFieldDescriptorAt(index, &descriptor), S_OK);
  if (descriptor == nullptr) return L"";
  EXPECT_EQ(descriptor->dwFieldID, index);
  const std::wstring label = descriptor->pszLabel;
  *type = descriptor->guidFieldType;
  CoTaskMemFree(descriptor->pszLabel);
  CoTaskMemFree(descriptor);
  return label;
}

class CredProv : public LogonUi {
 protected:
  // Up to the first question.
  Given Start() {
    Click(Field::kLink);
    return Submit();
  }
};

// Printed, not held to: the machine that runs tests may be busy. LogonUI has Windows' own libraries
// long before it looks at providers, so they are there here too.
TEST_F(CredProv, LoadsAndShowsItsTilesAnewEachTime) {
  const HMODULE secur32 = LoadLibraryW(L"secur32.dll");
  for (int i = 0; i < 5; ++i) {
    Close();
    CoFreeUnusedLibrariesEx(0, 0);
    ASSERT_EQ(GetModuleHandleW(L"sspr_credprov.dll"), nullptr) << "COM cannot unload it";
    const auto before = std::chrono::steady_clock::now();
    ASSERT_EQ(Create(), S_OK);
    Show({kAlice, kBob});
    const auto took = std::chrono::steady_clock::now() - before;
    std::printf("loaded and enumerated in %lld us (target: 20000)\n",
                static_cast<long long>(
                    std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    EXPECT_EQ(tiles.size(), 2u);
  }
  FreeLibrary(secur32);
}

TEST_F(CredProv, HasOneTileForEachUserOfADirectory) {
  Show({kAlice, {L".\\local", L"S-1-5-21-9-9-9-1001"}, kBob});
  ASSERT_EQ(tiles.size(), 2u);
  for (DWORD i = 0; i < 2; ++i) {
    ICredentialProviderCredential2* second = nullptr;
    ASSERT_EQ(tiles[i]->QueryInterface(__uuidof(ICredentialProviderCredential2),
                                       reinterpret_cast<void**>(&second)),
              S_OK);
    LPWSTR sid = nullptr;
    EXPECT_EQ(second->GetUserSid(&sid), S_OK);
    EXPECT_EQ(std::wstring(sid), i == 0 ? kAlice.sid : kBob.sid);
    CoTaskMemFree(sid);
    second->Release();
  }
}

TEST_F(CredProv, LeavesAnAccountOfTheComputerItselfAlone) {
  wchar_t computer[MAX_COMPUTERNAME_LENGTH + 1] = {};
  DWORD size = MAX_COMPUTERNAME_LENGTH + 1;
  ASSERT_TRUE(GetComputerNameW(computer, &size));
  Show({{std::wstring(computer) + L"\\admin", L"S-1-5-21-9-9-9-500"},
        {L"MicrosoftAccount\\a@outlook.example", L"S-1-5-21-9-9-9-1002"}});
  EXPECT_TRUE(tiles.empty());
}

// An enrolled computer with accounts of its own: sspr-setpw.exe runs beside sspr-flow.exe.
class OwnAccounts : public CredProv {
 protected:
  static constexpr wchar_t kDevice[] = L"SOFTWARE\\SSPR Login\\Device";
  void SetUp() override {
    CredProv::SetUp();
    const BYTE key[32] = {1};
    ASSERT_EQ(
        RegSetKeyValueW(HKEY_LOCAL_MACHINE, kDevice, L"PermitKey", REG_BINARY, key, sizeof key),
        ERROR_SUCCESS);
    wchar_t name[MAX_COMPUTERNAME_LENGTH + 1] = {};
    DWORD size = MAX_COMPUTERNAME_LENGTH + 1;
    ASSERT_TRUE(GetComputerNameW(name, &size));
    computer_ = name;
  }
  void TearDown() override {
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kDevice);
    CredProv::TearDown();
  }
  std::wstring computer_;
};

TEST_F(OwnAccounts, HaveATileAndSignInToTheComputer) {
  Script("begin\nsetpw 200000\nask-hidden New password\nanswer\ndone 0 0 Set.\n");
  Show({{computer_ + L"\\carol", L"S-1-5-21-9-9-9-1001"},
        {L"MicrosoftAccount\\a@outlook.example", L"S-1-5-21-9-9-9-1002"}});
  ASSERT_EQ(tiles.size(), 1u);
  Select(0);
  Click(Field::kLink);
  Submit();
  EXPECT_NE(Log().find("|carol|"), std::string::npos) << Log();
  EXPECT_NE(Log().find("setpw 48"), std::string::npos) << Log();
  Type(Field::kHiddenAnswer, L"Correct-Horse-7");
  const DecodedLogon logon = Decode(Submit().bytes);
  EXPECT_TRUE(logon.sound);
  EXPECT_EQ(logon.domain, computer_);
  EXPECT_EQ(logon.user, L"carol");
}

TEST_F(OwnAccounts, AreServedByTheNameThatIsTypedForThem) {
  Script("begin\nsetpw 200000\nask-hidden New password\nanswer\ndone 0 0 Set.\n");
  Show({});
  Select(0);
  Click(Field::kLink);
  Type(Field::kUserName, L".\\carol");
  Submit();
  EXPECT_NE(Log().find("|carol|"), std::string::npos) << Log();
  EXPECT_NE(Log().find("setpw 48"), std::string::npos) << Log();
  Type(Field::kHiddenAnswer, L"Correct-Horse-7");
  EXPECT_EQ(Decode(Submit().bytes).domain, computer_);
}

TEST_F(OwnAccounts, AccountsOfADirectoryHaveNothingToDoWithSetpw) {
  Script("begin\nsetpw 200000\nask-visible Code\nanswer\n");
  Show({kAlice});
  Select(0);
  Click(Field::kLink);
  Submit();
  EXPECT_NE(Log().find("setpw none"), std::string::npos) << Log();
}

TEST_F(OwnAccounts, WithoutSetpwThereIsOneQuietLine) {
  const std::wstring here = StageFolder() + L"sspr-setpw.exe";
  const std::wstring away = StageFolder() + L"away-setpw.exe";
  Script("begin\nask-visible Code\nanswer\n");
  Show({{computer_ + L"\\carol", L"S-1-5-21-9-9-9-1001"}});
  Select(0);
  Click(Field::kLink);
  ASSERT_TRUE(MoveFileW(here.c_str(), away.c_str()));
  Submit();
  ASSERT_TRUE(MoveFileW(away.c_str(), here.c_str()));
  EXPECT_TRUE(Sees(Field::kLink));
  EXPECT_NE(Text(Field::kNotice).find(L"not available on this computer"), std::wstring::npos);
}

TEST_F(CredProv, ServesOtherUserWhenLogonUiShowsNobody) {
  Show({});
  ASSERT_EQ(tiles.size(), 1u);
  ICredentialProviderCredential2* second = nullptr;
  ASSERT_EQ(tiles[0]->QueryInterface(__uuidof(ICredentialProviderCredential2),
                                     reinterpret_cast<void**>(&second)),
            S_OK);
  LPWSTR sid = nullptr;
  EXPECT_EQ(second->GetUserSid(&sid), S_FALSE);
  EXPECT_EQ(sid, nullptr);
  second->Release();
}

TEST_F(CredProv, ServesOtherUserBesideTheUsersWhereItIsOffered) {
  Show({kAlice}, true);
  EXPECT_EQ(tiles.size(), 2u);
}

TEST_F(CredProv, KnowsOnlyTheLogonAndTheUnlockScreen) {
  EXPECT_EQ(provider->SetUsageScenario(CPUS_LOGON, 0), S_OK);
  EXPECT_EQ(provider->SetUsageScenario(CPUS_UNLOCK_WORKSTATION, 0), S_OK);
  for (const auto scenario : {CPUS_INVALID, CPUS_CHANGE_PASSWORD, CPUS_CREDUI, CPUS_PLAP}) {
    EXPECT_EQ(provider->SetUsageScenario(scenario, 0), E_NOTIMPL);
  }
}

TEST_F(CredProv, DescribesItsFields) {
  DWORD count = 0;
  ASSERT_EQ(provider->GetFieldDescriptorCount(&count), S_OK);
  ASSERT_EQ(count, kFieldCount);
  GUID type{};
  EXPECT_EQ(LabelOf(provider, Id(Field::kName), &type), L"Forgot password?");
  EXPECT_EQ(type.Data1, 0x286bbff3u);  // CPFG_CREDENTIAL_PROVIDER_LABEL
  EXPECT_EQ(LabelOf(provider, Id(Field::kLink), &type), L"Forgot password?");
  EXPECT_EQ(type.Data1, 0u);
  LabelOf(provider, Id(Field::kLogo), &type);
  EXPECT_EQ(type.Data1, 0x2d837775u);  // CPFG_CREDENTIAL_PROVIDER_LOGO
  CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR* none = nullptr;
  EXPECT_EQ(provider->GetFieldDescriptorAt(count, &none), E_INVALIDARG);
  EXPECT_EQ(none, nullptr);
}

TEST_F(CredProv, DrawsItsLogo) {
  Show({kAlice});
  HBITMAP bitmap = nullptr;
  ASSERT_EQ(tiles[0]->GetBitmapValue(Id(Field::kLogo), &bitmap), S_OK);
  BITMAP info{};
  EXPECT_NE(GetObjectW(bitmap, sizeof info, &info), 0);
  EXPECT_EQ(info.bmWidth, 128);
  EXPECT_TRUE(DeleteObject(bitmap));
}

TEST_F(CredProv, ResetsAndSignsIn) {
  Script(kReset);
  Show({kAlice});
  Select(0);
  EXPECT_TRUE(Sees(Field::kLink));
  EXPECT_FALSE(Sees(Field::kSubmit));
  Click(Field::kLink);
  EXPECT_FALSE(Sees(Field::kLink));
  EXPECT_TRUE(Sees(Field::kSubmit));
  EXPECT_NE(Text(Field::kNotice).find(L"prove who you are"), std::wstring::npos);

  EXPECT_EQ(Submit().response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  EXPECT_EQ(Text(Field::kNotice), L"We have to know that it is you.");
  EXPECT_EQ(Text(Field::kQuestion), L"How do you want to prove it?");
  ASSERT_EQ(screen.choices, (std::vector<std::wstring>{L"A code by mail", L"A code by SMS"}));
  EXPECT_TRUE(Sees(Field::kChoice));
  EXPECT_EQ(screen.submit_beside, Id(Field::kChoice));
  EXPECT_EQ(tile->SetComboBoxSelectedValue(Id(Field::kChoice), 1), S_OK);

  EXPECT_EQ(Submit().response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  EXPECT_EQ(query.statuses.back(), L"Sending the code.");
  EXPECT_EQ(Text(Field::kQuestion), L"The code");
  EXPECT_TRUE(Sees(Field::kVisibleAnswer));
  EXPECT_FALSE(Sees(Field::kChoice));
  EXPECT_TRUE(screen.choices.empty());
  EXPECT_EQ(screen.focused, Id(Field::kVisibleAnswer));
  Type(Field::kVisibleAnswer, L"123456");

  EXPECT_EQ(Submit().response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  EXPECT_EQ(Text(Field::kNotice), L"At least 12 characters.");
  EXPECT_TRUE(Sees(Field::kHiddenAnswer));
  Type(Field::kHiddenAnswer, L"Gr\u00FCne Birnen \u20AC7");
  EXPECT_EQ(Submit().response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  EXPECT_EQ(Text(Field::kQuestion), L"Once more");
  EXPECT_EQ(Text(Field::kNotice), L"");
  EXPECT_EQ(Text(Field::kHiddenAnswer), L"");
  Type(Field::kHiddenAnswer, L"Gr\u00FCne Birnen \u20AC7");

  const Given given = Submit();
  EXPECT_EQ(given.response, CPGSR_RETURN_CREDENTIAL_FINISHED);
  EXPECT_EQ(given.package, kNegotiate);
  EXPECT_TRUE(given.provider == kProviderClass);
  const DecodedLogon logon = Decode(given.bytes);
  EXPECT_TRUE(logon.sound);
  EXPECT_EQ(logon.message_type, static_cast<ULONG>(KerbInteractiveLogon));
  EXPECT_EQ(logon.domain, L"CORP");
  EXPECT_EQ(logon.user, L"alice");
  EXPECT_EQ(logon.password, L"Gr\u00FCne Birnen \u20AC7");
  const std::string log = Log();
  EXPECT_NE(log.find("begin 1 3|windows-logon|CORP\\alice|en|console|"), std::string::npos) << log;
  EXPECT_NE(log.find("answer 0 2\nanswer 1 123456\n"), std::string::npos) << log;
  EXPECT_TRUE(Sees(Field::kLink));
}

TEST_F(CredProv, UnlocksWithTheMessageOfUnlocking) {
  Script("begin\nask-hidden New password\nanswer\ndone 0 0 Set.\n");
  Show({kBob}, false, CPUS_UNLOCK_WORKSTATION);
  Select(0);
  Start();
  Type(Field::kHiddenAnswer, L"Correct-Horse-7");
  const DecodedLogon logon = Decode(Submit().bytes);
  EXPECT_TRUE(logon.sound);
  EXPECT_EQ(logon.message_type, static_cast<ULONG>(KerbWorkstationUnlockLogon));
  EXPECT_EQ(logon.user, L"bob");
  EXPECT_NE(Log().find("|windows-unlock|CORP\\bob|"), std::string::npos);
}

TEST_F(CredProv, TellsWhenWindowsDoesNotTakeTheNewPasswordYet) {
  Show({kAlice});
  Select(0);
  LPWSTR text = nullptr;
  CREDENTIAL_PROVIDER_STATUS_ICON icon = CPSI_NONE;
  EXPECT_EQ(tile->ReportResult(static_cast<NTSTATUS>(0xC000006D), 0, &text, &icon), S_OK);
  ASSERT_NE(text, nullptr);
  EXPECT_NE(std::wstring(text).find(L"did not accept it yet"), std::wstring::npos);
  EXPECT_EQ(icon, CPSI_WARNING);
  CoTaskMemFree(text);
  EXPECT_EQ(tile->ReportResult(0, 0, &text, &icon), S_OK);
  EXPECT_EQ(text, nullptr);
}

TEST_F(CredProv, ShowsWhyNothingWasChanged) {
  Script(
      "begin\nerror The service does not know this account.\ndone 1 65535 Nothing was changed.\n");
  Show({kAlice});
  Select(0);
  const Given given = Start();
  EXPECT_EQ(given.response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  EXPECT_TRUE(given.bytes.empty());
  EXPECT_EQ(Text(Field::kNotice), L"The service does not know this account.\nNothing was changed.");
  EXPECT_TRUE(Sees(Field::kLink));
}

struct Typed {
  const wchar_t* name;
  const char* begun;     // as sspr-flow gets it; null: it is not asked
  const wchar_t* words;  // in the notice then
};

TEST_F(CredProv, TakesTheNameThatOtherUserTypes) {
  Script("begin\nask-visible Code\nanswer\n");
  Show({});
  Select(0);
  for (const Typed& c :
       std::vector<Typed>{{L"", nullptr, L"Type your user name first."},
                          {L".\\alice", nullptr, L"account of this computer alone"},
                          {L"al ice", nullptr, L"cannot be reset here"},
                          {L"-alice", nullptr, L"cannot be reset here"},
                          {L"alice", "|alice|", nullptr},
                          {L"CORP\\alice", "|CORP\\alice|", nullptr},
                          {L"alice@corp.example", "|alice@corp.example|", nullptr}}) {
    Click(Field::kLink);
    EXPECT_TRUE(Sees(Field::kUserName));
    EXPECT_EQ(screen.focused, Id(Field::kUserName));
    Type(Field::kUserName, c.name);
    Submit();
    if (c.begun != nullptr) {
      EXPECT_TRUE(Sees(Field::kVisibleAnswer));
      EXPECT_NE(Log().find(c.begun), std::string::npos) << Log();
    } else {
      EXPECT_NE(Text(Field::kNotice).find(c.words), std::wstring::npos);
      EXPECT_TRUE(Log().empty());
    }
    Click(Field::kLeave);
  }
}

TEST_F(CredProv, SignsOtherUserInUnderTheNameThatWasTyped) {
  Script("begin\nask-hidden New password\nanswer\ndone 0 0 Set.\n");
  Show({});
  Select(0);
  Click(Field::kLink);
  Type(Field::kUserName, L"alice@corp.example");
  Submit();
  Type(Field::kHiddenAnswer, L"Correct-Horse-7");
  const DecodedLogon logon = Decode(Submit().bytes);
  EXPECT_TRUE(logon.sound);
  EXPECT_EQ(logon.domain, L"");
  EXPECT_EQ(logon.user, L"alice@corp.example");
}

TEST_F(CredProv, RefusesAnAnswerThatIsTooLongAndAsksAgain) {
  Script("begin\nask-hidden New password\nanswer\ndone 1 65535 Over.\n");
  Show({kAlice});
  Select(0);
  Start();
  Type(Field::kHiddenAnswer, std::wstring(10'000, L'x').c_str());
  Submit();
  EXPECT_NE(Text(Field::kNotice).find(L"too long"), std::wstring::npos);
  Type(Field::kHiddenAnswer, std::wstring(400, L'\u20AC').c_str());  // 1,200 bytes
  Submit();
  EXPECT_NE(Text(Field::kNotice).find(L"too long"), std::wstring::npos);
  EXPECT_EQ(Log().find("answer"), std::string::npos);
  Type(Field::kHiddenAnswer, L"fits");
  Submit();
  EXPECT_EQ(Text(Field::kNotice), L"Over.");
  EXPECT_NE(Log().find("answer 0 fits"), std::string::npos);
}

TEST_F(CredProv, RefusesHalfASurrogate) {
  Script("begin\nask-visible Code\nanswer\ndone 1 65535 Over.\n");
  Show({kAlice});
  Select(0);
  Start();
  const wchar_t half[] = {0xD83D, 0};
  Type(Field::kVisibleAnswer, half);
  Submit();
  EXPECT_EQ(Log().find("answer"), std::string::npos);
  EXPECT_TRUE(Sees(Field::kVisibleAnswer));
}

TEST_F(CredProv, WorksForALogonUiWithoutBatches) {
  Script("begin\nask-visible Code\nanswer\ndone 1 65535 Over.\n");
  screen.batches = false;
  Show({kAlice});
  Select(0);
  Start();
  EXPECT_TRUE(Sees(Field::kVisibleAnswer));
}

}  // namespace
}  // namespace sspr::test
