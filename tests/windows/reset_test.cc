// SPDX-License-Identifier: Apache-2.0
// A whole reset on the login screen of Windows: LogonUI, the provider, sspr-flow.exe and a service
// over TLS, up to the logon that LSA gets. wine_reset_test.py has the service and looks at what it
// was asked; SSPR_SERVICE is its address, SSPR_STRANGER one whose authority nobody trusts.
#include <cstdlib>

#include "tests/windows/local_machine.h"
#include "tests/windows/logon_ui.h"

namespace sspr::test {
namespace {

constexpr wchar_t kPolicyKey[] = L"SOFTWARE\\Policies\\SSPR Login";
constexpr wchar_t kPassword[] = L"Correct-Horse-\u00E4\u20AC7";

class Reset : public LogonUi {
 protected:
  static void SetPolicy(const wchar_t* name, const std::wstring& text) {
    ASSERT_EQ(RegSetKeyValueW(HKEY_LOCAL_MACHINE, kPolicyKey, name, REG_SZ, text.c_str(),
                              static_cast<DWORD>((text.size() + 1) * sizeof(wchar_t))),
              ERROR_SUCCESS);
  }

  void Begin(const wchar_t* url_variable) {
    const wchar_t* url = _wgetenv(url_variable);
    ASSERT_NE(url, nullptr);
    SetPolicy(L"ServiceUrl", url);
    SetPolicy(L"UserName", L"{user}@corp.example");
    BeginAsConfigured();
  }

  // Up to the new password, at sspr-service itself, by a code of the authenticator.
  void ProveByApp(const wchar_t* code) {
    ASSERT_TRUE(Sees(Field::kVisibleAnswer)) << testing::PrintToString(Text(Field::kNotice));
    Submit();
    ASSERT_TRUE(Sees(Field::kChoice)) << testing::PrintToString(Text(Field::kNotice));
    DWORD app = 0;
    while (app < screen.choices.size() && screen.choices[app].find(L"app") == std::wstring::npos) {
      ++app;
    }
    ASSERT_EQ(tile->SetComboBoxSelectedValue(Id(Field::kChoice), app), S_OK);
    Submit();
    ASSERT_TRUE(Sees(Field::kVisibleAnswer)) << testing::PrintToString(Text(Field::kNotice));
    Type(Field::kVisibleAnswer, code);
    Submit();
  }

  void SetPasswordAndSignIn() {
    for (int twice = 0; twice < 2; ++twice) {
      ASSERT_TRUE(Sees(Field::kHiddenAnswer)) << testing::PrintToString(Text(Field::kNotice));
      Type(Field::kHiddenAnswer, kPassword);
      if (twice == 0) Submit();
    }
    const DecodedLogon logon = Decode(Submit().bytes);
    EXPECT_TRUE(logon.sound) << testing::PrintToString(Text(Field::kNotice));
    EXPECT_EQ(logon.user, L"alice");
    EXPECT_EQ(logon.password, kPassword);
  }

  void BeginAsConfigured() {
    Show({kAlice});
    Select(0);
    Click(Field::kLink);
    Submit();
  }
};

TEST_F(Reset, GoesFromTheLinkToTheLogon) {
  Begin(L"SSPR_SERVICE");
  EXPECT_NE(Text(Field::kQuestion).find(L"alice"), std::wstring::npos);
  ASSERT_TRUE(Sees(Field::kVisibleAnswer));
  Submit();  // the empty answer: yes, that one
  ASSERT_TRUE(Sees(Field::kVisibleAnswer));
  EXPECT_NE(Text(Field::kQuestion).find(L"e-mail"), std::wstring::npos);
  Type(Field::kVisibleAnswer, L"00000000");
  Submit();
  EXPECT_NE(Text(Field::kNotice).find(L"4 tries"), std::wstring::npos);
  Type(Field::kVisibleAnswer, L"1234 5678");
  Submit();
  ASSERT_TRUE(Sees(Field::kHiddenAnswer));
  EXPECT_NE(Text(Field::kNotice).find(L"12"), std::wstring::npos);  // characters, says the rule
  Type(Field::kHiddenAnswer, kPassword);
  Submit();
  ASSERT_TRUE(Sees(Field::kHiddenAnswer));
  Type(Field::kHiddenAnswer, kPassword);
  const Given given = Submit();
  EXPECT_EQ(given.response, CPGSR_RETURN_CREDENTIAL_FINISHED);
  const DecodedLogon logon = Decode(given.bytes);
  EXPECT_TRUE(logon.sound);
  EXPECT_EQ(logon.message_type, static_cast<ULONG>(KerbInteractiveLogon));
  EXPECT_EQ(logon.domain, L"CORP");
  EXPECT_EQ(logon.user, L"alice");
  EXPECT_EQ(logon.password, kPassword);
}

// The same with sspr-service itself (wine_service_test.py): SSPR_CODE is a code of the
// authenticator.
TEST_F(Reset, GoesThroughTheRealService) {
  const wchar_t* code = _wgetenv(L"SSPR_CODE");
  if (code == nullptr) GTEST_SKIP() << "only with sspr-service";
  SetPolicy(L"ServiceUrl", _wgetenv(L"SSPR_SERVICE"));
  SetPolicy(L"UserName", L"{user}@example.org");
  BeginAsConfigured();
  ProveByApp(code);
  SetPasswordAndSignIn();
}

// On an enrolled computer: LogonUI goes when the code was taken, and the next one is not asked for
// it again.
TEST_F(Reset, GoesOnWhereItWasCutOff) {
  const wchar_t* code = _wgetenv(L"SSPR_CODE");
  if (code == nullptr) GTEST_SKIP() << "only with sspr-service";
  SetPolicy(L"ServiceUrl", _wgetenv(L"SSPR_SERVICE"));
  SetPolicy(L"UserName", L"{user}@example.org");
  BeginAsConfigured();
  ProveByApp(code);
  ASSERT_TRUE(Sees(Field::kHiddenAnswer)) << testing::PrintToString(Text(Field::kNotice));
  Close();
  ASSERT_EQ(Create(), S_OK);
  BeginAsConfigured();
  ASSERT_TRUE(Sees(Field::kVisibleAnswer)) << testing::PrintToString(Text(Field::kNotice));
  Submit();
  SetPasswordAndSignIn();
}

// The same, where the service refuses this computer in words that SSPR_SENTENCE is in.
TEST_F(Reset, SaysWhatTheServiceRefuses) {
  const wchar_t* sentence = _wgetenv(L"SSPR_SENTENCE");
  if (sentence == nullptr) GTEST_SKIP() << "only with sspr-service";
  SetPolicy(L"ServiceUrl", _wgetenv(L"SSPR_SERVICE"));
  SetPolicy(L"UserName", L"{user}@example.org");
  BeginAsConfigured();
  for (int i = 0; i < 3 && Sees(Field::kVisibleAnswer); ++i) Submit();
  EXPECT_NE(Text(Field::kNotice).find(sentence), std::wstring::npos)
      << testing::PrintToString(Text(Field::kNotice));
}

// An account of this computer, on an enrolled one, with sspr-service and sspr-setpw.exe themselves.
class OwnReset : public Reset {
 protected:
  void SetUp() override {
    Reset::SetUp();
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kTestKey);
    AddAccount(L"alice", 1001);
  }
  void TearDown() override {
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kTestKey);
    Reset::TearDown();
  }
  // Up to the question for the new password.
  void BeginOwn(const wchar_t* code) {
    SetPolicy(L"ServiceUrl", _wgetenv(L"SSPR_SERVICE"));
    SetPolicy(L"UserName", L"{user}@example.org");
    wchar_t name[MAX_COMPUTERNAME_LENGTH + 1] = {};
    DWORD size = MAX_COMPUTERNAME_LENGTH + 1;
    ASSERT_TRUE(GetComputerNameW(name, &size));
    computer_ = name;
    Show({{computer_ + L"\\alice", L"S-1-5-21-1111-2222-3333-1001"}});
    ASSERT_EQ(tiles.size(), 1u);
    Select(0);
    Click(Field::kLink);
    Submit();
    ProveByApp(code);
    ASSERT_TRUE(Sees(Field::kHiddenAnswer)) << testing::PrintToString(Text(Field::kNotice));
    // Told before anything is asked for.
    EXPECT_NE(Text(Field::kNotice).find(L"will not open any more"), std::wstring::npos)
        << testing::PrintToString(Text(Field::kNotice));
  }
  std::wstring computer_;
};

TEST_F(OwnReset, GoesThroughTheRealService) {
  const wchar_t* code = _wgetenv(L"SSPR_CODE");
  if (code == nullptr) GTEST_SKIP() << "only with sspr-service";
  BeginOwn(code);
  Type(Field::kHiddenAnswer, kPassword);
  Submit();
  ASSERT_TRUE(Sees(Field::kHiddenAnswer)) << testing::PrintToString(Text(Field::kNotice));
  Type(Field::kHiddenAnswer, kPassword);
  EXPECT_EQ(PasswordOf(L"alice"), L"");
  const DecodedLogon logon = Decode(Submit().bytes);
  EXPECT_TRUE(logon.sound) << testing::PrintToString(Text(Field::kNotice));
  EXPECT_EQ(logon.domain, computer_);
  EXPECT_EQ(logon.user, L"alice");
  EXPECT_EQ(logon.password, kPassword);
  EXPECT_EQ(PasswordOf(L"alice"), kPassword);
}

// At the worst moment: the service has set the new password, the computer is about to.
TEST_F(OwnReset, SaysSoWhenSetpwIsKilled) {
  const wchar_t* code = _wgetenv(L"SSPR_CODE");
  if (code == nullptr) GTEST_SKIP() << "only with sspr-service";
  BeginOwn(code);
  SetSam(L"alice", L"Hang", 1);
  SetSam(L"alice", L"Hangs", 0);
  Type(Field::kHiddenAnswer, kPassword);
  Submit();
  Type(Field::kHiddenAnswer, kPassword);
  std::thread killer([] {
    DWORD process = 0;
    while (process == 0) {
      Sleep(20);
      process = SamNumber(L"alice", L"Hangs");
    }
    const HANDLE setpw = OpenProcess(PROCESS_TERMINATE, FALSE, process);
    EXPECT_TRUE(TerminateProcess(setpw, 1));
    CloseHandle(setpw);
  });
  const Given given = Submit();
  killer.join();
  EXPECT_EQ(given.response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  EXPECT_TRUE(Sees(Field::kLink));
  EXPECT_NE(Text(Field::kNotice).find(L"is not known"), std::wstring::npos)
      << testing::PrintToString(Text(Field::kNotice));
  EXPECT_EQ(PasswordOf(L"alice"), L"");
}

TEST_F(Reset, TellsOfAServiceThatNobodyTrusts) {
  Begin(L"SSPR_STRANGER");
  Submit();
  EXPECT_TRUE(Sees(Field::kLink));
  EXPECT_NE(Text(Field::kNotice).find(L"could not prove"), std::wstring::npos)
      << testing::PrintToString(Text(Field::kNotice));
}

TEST_F(Reset, TellsThatItIsNotConfigured) {
  BeginAsConfigured();
  EXPECT_TRUE(Sees(Field::kLink));
  EXPECT_FALSE(Text(Field::kNotice).empty());
}

TEST_F(Reset, LeavesTheServiceAloneWhenThePersonLeaves) {
  Begin(L"SSPR_SERVICE");
  Click(Field::kLeave);
  EXPECT_TRUE(Sees(Field::kLink));
}

}  // namespace
}  // namespace sspr::test
