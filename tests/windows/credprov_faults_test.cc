// SPDX-License-Identifier: Apache-2.0
// A broken helper, a person who leaves, a LogonUI that calls in any order: the login screen stays
// as it was, and nothing of ours stays behind.
#include <array>
#include <random>
#include <sstream>

#include "tests/windows/logon_ui.h"

namespace sspr::test {
namespace {

class Faults : public LogonUi {
 protected:
  Given StartOf(const std::string& script) {
    Script(script);
    Show({kAlice});
    Select(0);
    Click(Field::kLink);
    return Submit();
  }

  void ExpectBackAtTheLink(const wchar_t* words) {
    EXPECT_TRUE(Sees(Field::kLink));
    EXPECT_FALSE(Sees(Field::kSubmit));
    EXPECT_NE(Text(Field::kNotice).find(words), std::wstring::npos);
  }

  // Waits for the end of the helper whose number is the last in its log.
  void ExpectHelperGone() {
    const std::string log = Log();
    const std::size_t at = log.rfind("pid ");
    ASSERT_NE(at, std::string::npos);
    const DWORD pid = static_cast<DWORD>(std::stoul(log.substr(at + 4)));
    const HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, pid);
    if (process == nullptr) return;  // gone and forgotten
    EXPECT_EQ(WaitForSingleObject(process, 20'000), WAIT_OBJECT_0);
    CloseHandle(process);
  }
};

TEST_F(Faults, AHelperThatIsNotThereLeavesOneQuietLine) {
  const std::wstring here = StageFolder() + L"sspr-flow.exe";
  const std::wstring away = StageFolder() + L"away.exe";
  ASSERT_TRUE(MoveFileW(here.c_str(), away.c_str()));
  const Given given = StartOf("");
  ASSERT_TRUE(MoveFileW(away.c_str(), here.c_str()));
  EXPECT_EQ(given.response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  ExpectBackAtTheLink(L"not available on this computer right now");
}

TEST_F(Faults, AHelperThatDiesAtOnce) {
  StartOf("");
  ExpectBackAtTheLink(L"not available on this computer right now");
}

TEST_F(Faults, AHelperThatSaysNothing) {
  StartOf("hang\n");
  ExpectBackAtTheLink(L"does not answer");
  ExpectHelperGone();
}

TEST_F(Faults, AHelperThatDiesAmongTheQuestions) {
  StartOf("begin\nask-visible Code\nanswer\n");
  Type(Field::kVisibleAnswer, L"1");
  Submit();
  ExpectBackAtTheLink(L"The password reset stopped.");
}

TEST_F(Faults, AHelperThatIsKilledWhileThePersonTypes) {
  StartOf("begin\nask-visible Code\nhang\n");
  const std::string log = Log();
  const DWORD pid = static_cast<DWORD>(std::stoul(log.substr(log.find("pid ") + 4)));
  const HANDLE process = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, pid);
  ASSERT_NE(process, nullptr);
  TerminateProcess(process, 1);
  WaitForSingleObject(process, INFINITE);
  CloseHandle(process);
  Type(Field::kVisibleAnswer, L"1");
  Submit();
  ExpectBackAtTheLink(L"The password reset stopped.");
}

TEST_F(Faults, FramesThatAreNone) {
  for (const char* raw : {"FF0000", "10FFFF", "120002C328", "1000021B5B", "160003000000",
                          "01000101", "1400080001410500014100"}) {
    Close();
    ASSERT_EQ(Create(), S_OK);
    StartOf(std::string("begin\nraw ") + raw + "\nhang\n");
    ExpectBackAtTheLink(L"The password reset stopped.");
    ExpectHelperGone();
  }
}

TEST_F(Faults, APasswordThatTheHostNeverHeardIsNotSignedInWith) {
  const Given given = StartOf("begin\ndone 0 5 Your password is Hacked-1.\n");
  EXPECT_EQ(given.response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  EXPECT_TRUE(given.bytes.empty());
  ExpectBackAtTheLink(L"The password reset stopped.");
}

TEST_F(Faults, InheritsNothingButItsTwoPipes) {
  SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
  const HANDLE mine = CreateEventW(&inheritable, TRUE, FALSE, nullptr);
  StartOf("begin\nsignal " + std::to_string(reinterpret_cast<std::uintptr_t>(mine)) +
          "\nask-visible Code\nanswer\n");
  EXPECT_TRUE(Sees(Field::kVisibleAnswer));
  EXPECT_EQ(WaitForSingleObject(mine, 0), static_cast<DWORD>(WAIT_TIMEOUT));
  CloseHandle(mine);
}

TEST_F(Faults, CancelEndsTheWaitAndTheHelper) {
  query.cancel_when_told = L"Working.";
  StartOf("begin\nwait Working.\nhang\n");
  EXPECT_TRUE(Sees(Field::kLink));
  EXPECT_EQ(Text(Field::kNotice), L"");
  ExpectHelperGone();
}

TEST_F(Faults, TheLinkThatLeavesEndsTheReset) {
  StartOf("begin\nask-hidden New password\nanswer\nask-hidden Again\nanswer\n");
  Type(Field::kHiddenAnswer, L"half typed");
  Click(Field::kLeave);
  EXPECT_TRUE(Sees(Field::kLink));
  EXPECT_EQ(Text(Field::kHiddenAnswer), L"");
  ExpectHelperGone();
  EXPECT_EQ(Submit().response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);
  EXPECT_EQ(Log().find("answer"), std::string::npos);
}

TEST_F(Faults, AnotherTileEndsTheReset) {
  StartOf("begin\nask-hidden New password\nanswer\n");
  EXPECT_EQ(tile->SetDeselected(), S_OK);
  ExpectHelperGone();
  BOOL auto_logon = TRUE;
  EXPECT_EQ(tile->SetSelected(&auto_logon), S_OK);
  EXPECT_TRUE(Sees(Field::kLink));
}

// LogonUI lets go of everything while Connect waits on its thread.
TEST_F(Faults, LetsGoOfWhileItWaits) {
  Script("begin\nwait Working.\nhang\n");
  Show({kAlice});
  Select(0);
  Click(Field::kLink);
  IConnectableCredentialProviderCredential* connectable = nullptr;
  ASSERT_EQ(tile->QueryInterface(__uuidof(IConnectableCredentialProviderCredential),
                                 reinterpret_cast<void**>(&connectable)),
            S_OK);
  std::thread worker([&] {
    EXPECT_EQ(connectable->Connect(&query), S_OK);
    connectable->Release();
  });
  WaitForSingleObject(query.told, INFINITE);
  EXPECT_EQ(tile->SetDeselected(), S_OK);
  Close();
  worker.join();
  ExpectHelperGone();
}

TEST_F(Faults, GetSerializationNeverWaits) {
  Script("begin\nwait Working.\nhang\n");
  Show({kAlice});
  Select(0);
  Click(Field::kLink);
  EXPECT_EQ(Serialize().response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);  // without Connect
  IConnectableCredentialProviderCredential* connectable = nullptr;
  ASSERT_EQ(tile->QueryInterface(__uuidof(IConnectableCredentialProviderCredential),
                                 reinterpret_cast<void**>(&connectable)),
            S_OK);
  std::thread worker([&] { EXPECT_EQ(connectable->Connect(&query), S_OK); });
  WaitForSingleObject(query.told, INFINITE);
  EXPECT_EQ(Serialize().response, CPGSR_NO_CREDENTIAL_NOT_FINISHED);  // while Connect waits
  EXPECT_EQ(connectable->Connect(&query), S_OK);                      // and a second Connect
  query.cancelled = true;
  worker.join();
  connectable->Release();
  Serialize();
  EXPECT_TRUE(Sees(Field::kLink));
}

TEST_F(Faults, CallsFromWithinACallChangeNothing) {
  Script("begin\nask-visible Code\nanswer\ndone 1 65535 Over.\n");
  Show({kAlice});
  Select(0);
  int depth = 0;
  screen.on_change = [&] {
    if (depth > 0) return;
    ++depth;
    LPWSTR text = nullptr;
    if (SUCCEEDED(tile->GetStringValue(Id(Field::kNotice), &text))) CoTaskMemFree(text);
    tile->SetStringValue(Id(Field::kVisibleAnswer), L"from within");
    Serialize();
    --depth;
  };
  Click(Field::kLink);
  Submit();
  screen.on_change = nullptr;
  EXPECT_TRUE(Sees(Field::kVisibleAnswer));
  Type(Field::kVisibleAnswer, L"typed");
  Submit();
  EXPECT_NE(Log().find("answer 0 typed"), std::string::npos) << Log();
}

TEST_F(Faults, UnAdvisedFromWithinACall) {
  Script("begin\nask-visible Code\nanswer\n");
  Show({kAlice});
  Select(0);
  screen.on_change = [&] { tile->UnAdvise(); };
  Click(Field::kLink);
  screen.on_change = nullptr;
  screen.states.clear();
  Submit();
  EXPECT_TRUE(screen.states.empty());  // it was told nothing any more
  CREDENTIAL_PROVIDER_FIELD_STATE state = CPFS_HIDDEN;
  CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE interactive = CPFIS_NONE;
  EXPECT_EQ(tile->GetFieldState(Id(Field::kVisibleAnswer), &state, &interactive), S_OK);
  EXPECT_EQ(state, CPFS_DISPLAY_IN_SELECTED_TILE);
}

TEST_F(Faults, BeforeAUsageScenarioThereIsNothing) {
  DWORD count = 7;
  DWORD chosen = 0;
  BOOL auto_logon = TRUE;
  EXPECT_EQ(provider->GetCredentialCount(&count, &chosen, &auto_logon), E_UNEXPECTED);
  EXPECT_EQ(count, 0u);
  ICredentialProviderCredential* none = nullptr;
  EXPECT_EQ(provider->GetCredentialAt(0, &none), E_UNEXPECTED);
  EXPECT_EQ(none, nullptr);
  EXPECT_EQ(provider->SetSerialization(nullptr), E_NOTIMPL);
}

// Twenty thousand calls in an order that nobody would think of, the same at each run.
TEST_F(Faults, TakesCallsInAnyOrder) {
  Script("begin\nask-hidden New password\nanswer\ndone 1 65535 Over.\n");
  std::mt19937 random(7);  // NOLINT: the same at each run
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random()) % below; };
  Show({kAlice}, true);
  IConnectableCredentialProviderCredential* connectable = nullptr;
  for (auto* one : tiles) {
    ASSERT_EQ(one->QueryInterface(__uuidof(IConnectableCredentialProviderCredential),
                                  reinterpret_cast<void**>(&connectable)),
              S_OK);
    connectable->Release();
  }
  constexpr int kMostResets = 20;
  int resets = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto* one = tiles[pick(2)];
    tile = one;
    const DWORD field = pick(kFieldCount + 2);
    BOOL flag = FALSE;
    DWORD number = 0;
    LPWSTR text = nullptr;
    CREDENTIAL_PROVIDER_STATUS_ICON icon = CPSI_NONE;
    CREDENTIAL_PROVIDER_FIELD_STATE state = CPFS_HIDDEN;
    CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE interactive = CPFIS_NONE;
    switch (pick(18)) {
      case 0:
        one->Advise(pick(4) == 0 ? nullptr : &screen);
        break;
      case 1:
        one->UnAdvise();
        break;
      case 2:
        one->SetSelected(&flag);
        break;
      case 3:
        one->SetDeselected();
        break;
      case 4:
        one->GetFieldState(field, &state, &interactive);
        break;
      case 5:
        one->GetStringValue(field, &text);
        break;
      case 6:
        one->GetCheckboxValue(field, &flag, &text);
        break;
      case 7:
        one->GetSubmitButtonValue(field, &number);
        break;
      case 8:
        one->GetComboBoxValueCount(field, &number, &number);
        break;
      case 9:
        one->GetComboBoxValueAt(field, pick(12), &text);
        break;
      case 10:
        one->SetStringValue(field, pick(4) == 0 ? nullptr : L"typed");
        break;
      case 11:
        one->SetCheckboxValue(field, TRUE);
        break;
      case 12:
        one->SetComboBoxSelectedValue(field, pick(12));
        break;
      case 13:
      case 14:
        one->CommandLinkClicked(field);
        break;
      case 15:
        one->ReportResult(static_cast<NTSTATUS>(pick(2) == 0 ? 0u : 0xC000006Du), 0, &text, &icon);
        break;
      case 16:
        EXPECT_TRUE(Serialize().bytes.empty());
        break;
      case 17:
        // A real helper each time, so not too often.
        if (resets >= kMostResets || pick(8) != 0) break;
        ++resets;
        one->QueryInterface(__uuidof(IConnectableCredentialProviderCredential),
                            reinterpret_cast<void**>(&connectable));
        EXPECT_EQ(connectable->Connect(pick(4) == 0 ? nullptr : &query), S_OK);
        connectable->Release();
        break;
      default:
        break;
    }
    CoTaskMemFree(text);
  }
  EXPECT_EQ(resets, kMostResets);
}

}  // namespace
}  // namespace sspr::test
