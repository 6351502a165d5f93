// SPDX-License-Identifier: Apache-2.0
// sspr-setpw.exe as it ships, with a caller that says whatever it likes: which accounts, passwords
// and permits it takes, and that nothing else changes anything.
#include <array>
#include <optional>
#include <vector>

#include "common/base/frame.h"
#include "credprov_win/dll/unique_handle.h"
#include "tests/windows/local_machine.h"

namespace sspr::test {
namespace {

constexpr char kPassword[] = "correct horse \xC3\xA4\xE2\x82\xAC";
constexpr wchar_t kWidePassword[] = L"correct horse \x00E4\x20AC";
constexpr wchar_t kPolicies[] = L"SOFTWARE\\Policies\\SSPR Login";
constexpr wchar_t kProduct[] = L"SYSTEM\\CurrentControlSet\\Control\\ProductOptions";

// One process and its pipe.
class Setpw {
 public:
  Setpw() {
    static int number = 0;
    const std::wstring name = L"\\\\.\\pipe\\sspr-setpw-test-" +
                              std::to_wstring(GetCurrentProcessId()) + L"-" +
                              std::to_wstring(++number);
    SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
    pipe_.Reset(CreateNamedPipeW(name.c_str(), PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_WAIT, 1,
                                 8192, 8192, 0, nullptr));
    UniqueHandle childs(CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, &inherited,
                                    OPEN_EXISTING, 0, nullptr));
    wchar_t path[MAX_PATH] = {};
    GetModuleFileNameW(nullptr, path, MAX_PATH);
    const std::wstring own = path;
    std::wstring program = own.substr(0, own.find_last_of(L'\\') + 1) + L"sspr-setpw.exe";
    STARTUPINFOW start{};
    start.cb = sizeof start;
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = childs.get();
    PROCESS_INFORMATION made{};
    EXPECT_TRUE(CreateProcessW(program.c_str(), nullptr, nullptr, nullptr, TRUE, CREATE_NO_WINDOW,
                               nullptr, nullptr, &start, &made));
    CloseHandle(made.hThread);
    process_.Reset(made.hProcess);
  }

  void Write(std::string_view bytes) {
    DWORD sent = 0;
    EXPECT_TRUE(
        WriteFile(pipe_.get(), bytes.data(), static_cast<DWORD>(bytes.size()), &sent, nullptr));
  }
  // The answer; nothing when it went without one.
  std::optional<Frame> Call(FrameWriter frame) {
    Write(frame.Encoded());
    Frame answer;
    FrameDecoder decoder;
    for (;;) {
      std::array<char, 2048> bytes{};
      DWORD got = 0;
      if (!ReadFile(pipe_.get(), bytes.data(), bytes.size(), &got, nullptr) || got == 0) {
        return std::nullopt;
      }
      std::span<const char> input(bytes.data(), got);
      if (decoder.Feed(input, answer) == FrameDecoder::State::kFrame) return answer;
    }
  }
  DWORD ExitCode() {
    EXPECT_EQ(WaitForSingleObject(process_.get(), 60'000), WAIT_OBJECT_0);
    DWORD code = 99;
    GetExitCodeProcess(process_.get(), &code);
    return code;
  }
  void HangUp() { pipe_.Reset(nullptr); }
  HANDLE process() const { return process_.get(); }

 private:
  UniqueHandle pipe_;
  UniqueHandle process_;
};

FrameWriter Prepare(std::string_view account) {
  FrameWriter frame(FrameType::kPrepare);
  frame.PutString(account);
  return frame;
}

FrameWriter Propose(std::string_view password) {
  FrameWriter frame(FrameType::kPropose);
  frame.PutBytes(std::string(kTransactionIdBytes, 'T'));
  frame.PutBytes(password);
  return frame;
}

FrameWriter With(FrameType type, std::string_view bytes) {
  FrameWriter frame(type);
  frame.PutBytes(bytes);
  return frame;
}

// "Refused 1", "Committed": type and, where there is one, the reason.
std::string Said(const std::optional<Frame>& frame) {
  if (!frame) return "nothing";
  FieldReader fields(frame->payload.Reveal());
  switch (static_cast<int>(frame->type)) {
    case static_cast<int>(FrameType::kRefused):
      return "refused " + std::to_string(fields.U8());
    case static_cast<int>(FrameType::kRejected):
      return "rejected " + std::to_string(fields.U8());
    case static_cast<int>(FrameType::kFailed):
      return "failed " + std::to_string(fields.U8());
    case static_cast<int>(FrameType::kReady):
      return "ready";
    case static_cast<int>(FrameType::kProposed):
      return "proposed";
    case static_cast<int>(FrameType::kCommitted):
      return "committed";
    case static_cast<int>(FrameType::kAborted):
      return "aborted";
    case static_cast<int>(FrameType::kPending):
      return "pending " + std::to_string(fields.U8());
    case static_cast<int>(FrameType::kResolved):
      fields.Bytes(kTransactionIdBytes);
      return "resolved " + std::to_string(fields.U8());
    default:
      return "something else";
  }
}

class SetpwTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kTestKey);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kDeviceKey);
    AddAccount(L"carol", 1001);
    ASSERT_TRUE(WritePermitTrust({Filled<kDeviceIdBytes>('D'), signer_.half(), ""}).ok());
  }
  void TearDown() override {
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kTestKey);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kDeviceKey);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kPolicies);
  }

  // Up to the proposal; the permit then says what was really asked.
  void Begin(Setpw& setpw, std::string_view account = "carol") {
    const auto ready = setpw.Call(Prepare(account));
    ASSERT_EQ(Said(ready), "ready");
    FieldReader fields(ready->payload.Reveal());
    permit_.device_id = *FixedBytesFrom<kDeviceIdBytes>(fields.Bytes(kDeviceIdBytes));
    permit_.nonce = *FixedBytesFrom<kNonceBytes>(fields.Bytes(kNonceBytes));
    EXPECT_EQ(View(permit_.device_id), std::string(kDeviceIdBytes, 'D'));
    const auto proposed = setpw.Call(Propose(kPassword));
    ASSERT_EQ(Said(proposed), "proposed");
    permit_.commitment = *FixedBytesFrom<kCommitmentBytes>(proposed->payload.Reveal());
    permit_.account = std::string(account);
    permit_.transaction_id = Filled<kTransactionIdBytes>('T');
    permit_.issued_at = std::time(nullptr);
    permit_.expires_at = permit_.issued_at + 600;
  }
  std::string CommitWith(Setpw& setpw, const std::string& permit) {
    return Said(setpw.Call(With(FrameType::kCommit, permit)));
  }

  const TestSigner signer_ = TestSigner::First();
  const TestSigner other_ = TestSigner::Second();
  Permit permit_;
};

TEST_F(SetpwTest, SetsThePasswordThatThePermitIsAbout) {
  SetSam(L"carol", L"Flags", UF_NORMAL_ACCOUNT | UF_LOCKOUT);
  SetSam(L"carol", L"Expired", 1);
  Setpw setpw;
  EXPECT_EQ(Said(setpw.Call(FrameWriter(FrameType::kListPending))), "pending 0");
  Begin(setpw);
  EXPECT_EQ(PasswordOf(L"carol"), L"");
  EXPECT_EQ(CommitWith(setpw, signer_.Sign(permit_)), "committed");
  EXPECT_EQ(PasswordOf(L"carol"), kWidePassword);
  EXPECT_EQ(SamNumber(L"carol", L"Flags"), static_cast<DWORD>(UF_NORMAL_ACCOUNT));
  EXPECT_EQ(SamNumber(L"carol", L"Expired"), 0u);
  EXPECT_EQ(setpw.ExitCode(), 0u);
}

TEST_F(SetpwTest, RefusesEveryOtherPermit) {
  std::string earlier;
  {
    Setpw setpw;
    Begin(setpw);
    earlier = signer_.Sign(permit_);
    EXPECT_EQ(Said(setpw.Call(FrameWriter(FrameType::kAbort))), "aborted");
  }
  struct Case {
    const char* what;
    std::function<std::string()> permit;
  };
  const auto changed = [this](auto change) {
    return [this, change] {
      Permit permit = permit_;
      change(permit);
      return signer_.Sign(permit);
    };
  };
  const std::vector<Case> cases = {
      {"forged", [this] { return other_.Sign(permit_); }},
      {"spoilt",
       [this] {
         std::string bytes = signer_.Sign(permit_);
         bytes[100] ^= 1;
         return bytes;
       }},
      {"zeroes", [] { return std::string(kPermitBytes, '\0'); }},
      {"replayed", [&] { return earlier; }},
      {"another computer's", changed([](Permit& p) { p.device_id.fill('E'); })},
      {"another user's", changed([](Permit& p) { p.account = "dave"; })},
      {"another nonce", changed([](Permit& p) { p.nonce.fill('n'); })},
      {"another transaction", changed([](Permit& p) { p.transaction_id.fill('t'); })},
      {"another password's", changed([](Permit& p) { p.commitment.fill('c'); })},
      {"to unlock", changed([](Permit& p) { p.operation = PermitOperation::kUnlock; })},
      {"expired", changed([](Permit& p) { p.issued_at -= 1000, p.expires_at -= 1000; })},
      {"of the future", changed([](Permit& p) { p.issued_at += 1000, p.expires_at += 1000; })},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    Setpw setpw;
    Begin(setpw);
    EXPECT_EQ(CommitWith(setpw, one.permit()), "failed 0");
    EXPECT_EQ(PasswordOf(L"carol"), L"");
    EXPECT_EQ(setpw.ExitCode(), 0u);  // and cannot be asked again
  }
}

TEST_F(SetpwTest, BelievesASuccessorThatTheKeySignedFor) {
  const KeySuccession said{.old_id = 1, .new_id = 2, .made_at = 1, .new_key = other_.half()};
  const auto statement = SignSuccessionBy(signer_.signer(), said);
  ASSERT_TRUE(statement.ok());
  PermitTrust trust{Filled<kDeviceIdBytes>('D'), signer_.half(), std::string(View(*statement))};
  ASSERT_TRUE(WritePermitTrust(trust).ok());
  {
    Setpw setpw;
    Begin(setpw);
    EXPECT_EQ(CommitWith(setpw, other_.Sign(permit_)), "committed");
  }
  // One that does not verify is not passed over.
  trust.successions[60] ^= 1;
  ASSERT_TRUE(WritePermitTrust(trust).ok());
  EXPECT_EQ(Said(Setpw().Call(Prepare("carol"))), "refused 3");
}

TEST_F(SetpwTest, ServesNobodyOnAComputerThatIsNotEnrolled) {
  RegDeleteTreeW(HKEY_LOCAL_MACHINE, kDeviceKey);
  EXPECT_EQ(Said(Setpw().Call(Prepare("carol"))), "refused 3");
}

TEST_F(SetpwTest, RefusesAccountsByWhatSamSaysOfThem) {
  struct Case {
    const char* what;
    const wchar_t* value;
    DWORD number;
  };
  const DWORD person = UF_SCRIPT | UF_NORMAL_ACCOUNT;
  for (const Case& one :
       std::vector<Case>{{"the renamed Administrator", L"Rid", DOMAIN_USER_RID_ADMIN},
                         {"the renamed Guest", L"Rid", DOMAIN_USER_RID_GUEST},
                         {"the default account", L"Rid", 503},
                         {"disabled", L"Flags", person | UF_ACCOUNTDISABLE},
                         {"smart card only", L"Flags", person | UF_SMARTCARD_REQUIRED},
                         {"may not change it", L"Flags", person | UF_PASSWD_CANT_CHANGE},
                         {"a computer's", L"Flags", UF_SCRIPT | UF_WORKSTATION_TRUST_ACCOUNT},
                         {"expired", L"Expires", 1'000'000'000},
                         {"an administrator", L"Priv", USER_PRIV_ADMIN},
                         {"Microsoft's", L"Internet", 1}}) {
    AddAccount(L"dave", 1002);
    SetSam(L"dave", one.value, one.number);
    EXPECT_EQ(Said(Setpw().Call(Prepare("dave"))), "refused 1") << one.what;
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, SamKey(L"dave").c_str());
  }
  for (const char* name : {"nobody", "CORP\\carol", "carol@corp.example"}) {
    EXPECT_EQ(Said(Setpw().Call(Prepare(name))), "refused 0") << name;
  }
}

TEST_F(SetpwTest, ResetsAdministratorsWhereAPolicySaysSo) {
  SetSam(L"carol", L"Priv", USER_PRIV_ADMIN);
  const DWORD yes = 1;
  RegSetKeyValueW(HKEY_LOCAL_MACHINE, kPolicies, L"AllowLocalAdministrators", REG_DWORD, &yes,
                  sizeof yes);
  EXPECT_EQ(Said(Setpw().Call(Prepare("CAROL"))), "ready");  // SAM does not tell case apart
  SetSam(L"carol", L"Rid", DOMAIN_USER_RID_ADMIN);
  EXPECT_EQ(Said(Setpw().Call(Prepare("carol"))), "refused 1");
}

TEST_F(SetpwTest, ServesNobodyOnADomainController) {
  wchar_t before[16] = L"WinNT";
  DWORD size = sizeof before;
  RegGetValueW(HKEY_LOCAL_MACHINE, kProduct, L"ProductType", RRF_RT_REG_SZ, nullptr, before, &size);
  const auto put = [](const wchar_t* kind) {
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, kProduct, L"ProductType", REG_SZ, kind,
                    static_cast<DWORD>((std::wcslen(kind) + 1) * sizeof(wchar_t)));
  };
  put(L"LanmanNT");
  EXPECT_EQ(Said(Setpw().Call(Prepare("carol"))), "refused 1");
  put(before);
}

TEST_F(SetpwTest, HoldsNewPasswordsToTheRulesOfTheComputer) {
  Setpw setpw;
  ASSERT_EQ(Said(setpw.Call(Prepare("carol"))), "ready");
  EXPECT_EQ(Said(setpw.Call(Propose(""))), "rejected 2");
  EXPECT_EQ(Said(setpw.Call(Propose("short"))), "rejected 2");
  EXPECT_EQ(Said(setpw.Call(Propose("her name is carol"))), "rejected 2");
  EXPECT_EQ(Said(setpw.Call(Propose("a line\nof its own"))), "rejected 1");
  EXPECT_EQ(Said(setpw.Call(Propose("C1 \xC2\x85 controls"))), "rejected 1");
  EXPECT_EQ(Said(setpw.Call(Propose("no UTF-8 \xFF at all"))), "rejected 1");
  EXPECT_EQ(Said(setpw.Call(Propose(std::string(128, 'x')))), "rejected 0");
  EXPECT_EQ(Said(setpw.Call(Propose(std::string(600, 'x')))), "rejected 0");
  EXPECT_EQ(Said(setpw.Call(Propose(std::string(127, 'x')))), "proposed");
  EXPECT_EQ(PasswordOf(L"carol"), L"");
}

TEST_F(SetpwTest, LeavesAnAccountAloneThatChangedMeanwhile) {
  struct Case {
    const char* what;
    const wchar_t* value;
    DWORD number;
  };
  for (const Case& one : std::vector<Case>{
           {"somebody set its password", L"SetAt", static_cast<DWORD>(std::time(nullptr))},
           {"removed and made again", L"Rid", 1003},
           {"disabled", L"Flags", UF_NORMAL_ACCOUNT | UF_ACCOUNTDISABLE},
           {"Windows refuses the password", L"Refuse", NERR_PasswordHistConflict},
           {"SAM is ill", L"Refuse", ERROR_ACCESS_DENIED}}) {
    SCOPED_TRACE(one.what);
    AddAccount(L"dave", 1002);
    Setpw setpw;
    Begin(setpw, "dave");
    SetSam(L"dave", one.value, one.number);
    EXPECT_EQ(CommitWith(setpw, signer_.Sign(permit_)), "failed 1");
    EXPECT_EQ(PasswordOf(L"dave"), L"");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, SamKey(L"dave").c_str());
  }
  Setpw setpw;
  Begin(setpw);
  RegDeleteTreeW(HKEY_LOCAL_MACHINE, SamKey(L"carol").c_str());
  EXPECT_EQ(CommitWith(setpw, signer_.Sign(permit_)), "failed 1");
}

TEST_F(SetpwTest, OpensALockedAccountAndLeavesItsPassword) {
  SetSam(L"carol", L"Flags", UF_NORMAL_ACCOUNT | UF_LOCKOUT);
  for (const bool permitted : {false, true}) {
    Setpw setpw;
    const auto ready = setpw.Call(Prepare("carol"));
    ASSERT_EQ(Said(ready), "ready");
    EXPECT_EQ(ready->payload.Reveal()[kDeviceIdBytes + kNonceBytes], '\1');
    Permit permit;
    permit.operation = permitted ? PermitOperation::kUnlock : PermitOperation::kReset;
    permit.account = "carol";
    permit.device_id = Filled<kDeviceIdBytes>('D');
    permit.nonce =
        *FixedBytesFrom<kNonceBytes>(ready->payload.Reveal().substr(kDeviceIdBytes, kNonceBytes));
    permit.issued_at = std::time(nullptr);
    permit.expires_at = permit.issued_at + 60;
    EXPECT_EQ(Said(setpw.Call(With(FrameType::kUnlock, signer_.Sign(permit)))),
              permitted ? "committed" : "failed 0");
    EXPECT_EQ((SamNumber(L"carol", L"Flags") & UF_LOCKOUT) == 0, permitted);
  }
  EXPECT_EQ(PasswordOf(L"carol"), L"");
}

TEST_F(SetpwTest, EndsWithoutAnAnswerWhenAFrameIsOutOfOrder) {
  const std::string permit = signer_.Sign({.account = "carol"});
  const auto frames = [&] {
    std::vector<FrameWriter> all;
    all.push_back(With(FrameType::kCommit, permit));
    all.push_back(With(FrameType::kUnlock, permit));
    all.push_back(FrameWriter(FrameType::kAbort));
    all.push_back(Propose(kPassword));
    all.push_back(FrameWriter(FrameType::kCommitted));
    all.push_back(FrameWriter(FrameType::kBegin));
    all.push_back(With(FrameType::kPrepare, "x"));
    all.push_back(Prepare("-carol"));
    all.push_back(With(FrameType::kResolve, "x"));
    all.push_back(With(FrameType::kListPending, "x"));
    return all;
  };
  for (std::size_t i = 0; i < frames().size(); ++i) {
    Setpw setpw;
    EXPECT_EQ(Said(setpw.Call(std::move(frames()[i]))), "nothing") << i;
    EXPECT_EQ(setpw.ExitCode(), 1u) << i;
  }
  Setpw twice;
  ASSERT_EQ(Said(twice.Call(Prepare("carol"))), "ready");
  EXPECT_EQ(Said(twice.Call(Prepare("carol"))), "nothing");
  Setpw early;
  ASSERT_EQ(Said(early.Call(Prepare("carol"))), "ready");
  EXPECT_EQ(Said(early.Call(With(FrameType::kCommit, permit))), "nothing");
  Setpw late;
  Begin(late);
  EXPECT_EQ(Said(late.Call(With(FrameType::kUnlock, permit))), "nothing");
  EXPECT_EQ(PasswordOf(L"carol"), L"");
}

TEST_F(SetpwTest, GivesUpAProposalThatIsReplacedOrAborted) {
  Setpw setpw;
  Begin(setpw);
  const std::string first = signer_.Sign(permit_);
  EXPECT_EQ(Said(setpw.Call(Propose("another password"))), "proposed");
  EXPECT_EQ(CommitWith(setpw, first), "failed 0");
  EXPECT_EQ(PasswordOf(L"carol"), L"");
}

TEST_F(SetpwTest, GoesWhenTheCallerGoes) {
  Setpw setpw;
  Begin(setpw);
  setpw.HangUp();
  EXPECT_EQ(setpw.ExitCode(), 0u);
  Setpw torn;
  torn.Write(std::string_view("\x22", 1));
  torn.HangUp();
  EXPECT_EQ(torn.ExitCode(), 1u);
  EXPECT_EQ(PasswordOf(L"carol"), L"");
}

// What was left open elsewhere is none of this computer's: there is nothing to finish.
TEST_F(SetpwTest, HasNothingPending) {
  FrameWriter resolve(FrameType::kResolve);
  resolve.PutBytes(std::string(kTransactionIdBytes, 'T'));
  resolve.PutU8(static_cast<std::uint8_t>(Verdict::kFailed));
  EXPECT_EQ(Said(Setpw().Call(std::move(resolve))), "resolved 0");
}

}  // namespace
}  // namespace sspr::test
