// SPDX-License-Identifier: Apache-2.0
// Phone, recovery codes, temporary passes and questions as gates: what is right, what is used up,
// where each may stand.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

constexpr char kNumber[] = "+49301234567";

bool Has(const GateState& gates, MethodKind kind) {
  return std::any_of(gates.methods.begin(), gates.methods.end(),
                     [kind](const MethodOffer& offer) { return offer.kind == kind; });
}

class MethodsTest : public testing::Test {
 protected:
  MethodsTest() { world.AddUser("alice"); }

  std::string Try(const std::string& token, MethodKind kind, std::string_view typed) {
    return Outcome(world.engine().Continue(world.From(), token, kind, Hidden(typed)));
  }
  void AddPhone(const std::string& name, MethodKind kind, const std::string& number) {
    EXPECT_TRUE(world.admin().AddPhone(name, kind, number).ok());
  }
  std::vector<std::string> Codes(const std::string& name) {
    auto made = world.admin().MakeRecoveryCodes(name);
    EXPECT_TRUE(made.ok());
    std::vector<std::string> codes;
    for (const auto& code : made->codes) codes.emplace_back(code.Reveal());
    return codes;
  }
  std::string Pass(const std::string& name, const std::string& approver = {}) {
    const auto issued = world.admin().IssuePass(
        {.username = name, .operator_name = "Olga", .proof = "ID card seen", .approver = approver});
    return issued.ok() ? std::string(issued->pass.Reveal()) : issued.error().detail;
  }
  std::string OpenToken(const std::string& name, MethodKind kind) {
    const auto opened = world.Open(name, kind);
    return Value(opened) != nullptr ? Value(opened)->continuation_token : std::string();
  }

  EngineWorld world;
};

TEST_F(MethodsTest, TextMessage_GoesToTheNumber_AndItsCodePasses) {
  world.SetPolicy("methods.sms", "on");
  AddPhone("alice", MethodKind::kSmsCode, "+49 30 1234567");
  const auto opened = world.Open("alice", MethodKind::kSmsCode);
  ASSERT_EQ(Outcome(opened), "ok");
  EXPECT_EQ(Value(opened)->target_label, "***67");
  EXPECT_EQ(Value(opened)->code_length, 8);
  EXPECT_EQ(world.Mails().back().channel, Channel::kSms);
  const std::string code = world.LastTextCode(kNumber);
  EXPECT_EQ(code.size(), 8U);
  EXPECT_EQ(Try(Value(opened)->continuation_token, MethodKind::kEmailCode, code), "ok")
      << "the grant says that a code was sent, not how";
}

TEST_F(MethodsTest, PhoneOfNobody_LooksTheSame_AndNothingIsSent) {
  world.SetPolicy("methods.sms", "on");
  int with_phone = 0;
  for (int i = 0; i < 40; ++i) {
    const auto gates = world.Offered("visitor" + std::to_string(i));
    for (const MethodOffer& offer : gates.methods) {
      if (offer.kind != MethodKind::kSmsCode) continue;
      ++with_phone;
      EXPECT_EQ(offer.hint.size(), 5U) << offer.hint;
      EXPECT_TRUE(offer.hint.starts_with("***"));
    }
  }
  EXPECT_GT(with_phone, 15);
  EXPECT_LT(with_phone, 40);
  EXPECT_TRUE(world.Mails().empty());
}

TEST_F(MethodsTest, OneNumber_ThreeMessagesInTenMinutes_WhoeverItBelongsTo) {
  world.SetPolicy("methods.sms", "on");
  world.AddUser("bob");
  AddPhone("alice", MethodKind::kSmsCode, kNumber);
  AddPhone("bob", MethodKind::kSmsCode, kNumber);
  EXPECT_EQ(Outcome(world.Open("alice", MethodKind::kSmsCode)), "ok");
  EXPECT_EQ(Outcome(world.Open("bob", MethodKind::kSmsCode)), "ok");
  EXPECT_EQ(Outcome(world.Open("alice", MethodKind::kSmsCode)), "ok");
  EXPECT_EQ(Outcome(world.Open("bob", MethodKind::kSmsCode)), "too_many_attempts");
  EXPECT_EQ(Outcome(world.Open("bob", MethodKind::kEmailCode)), "ok") << "another way is open";
  world.clock().Advance(601);
  EXPECT_EQ(Outcome(world.Open("bob", MethodKind::kSmsCode)), "ok");
}

TEST_F(MethodsTest, NumbersOfOneBlock_AndOfTheWholeService_AreCapped) {
  world.SetPolicy("methods.sms", "on");
  world.SetPolicy("limits.phone_codes_per_prefix_per_hour", "2");
  for (const char* name : {"u1", "u2", "u3"}) {
    world.AddUser(name);
    AddPhone(name, MethodKind::kSmsCode, std::string("+4930123000") + name[1]);
  }
  EXPECT_EQ(Outcome(world.Open("u1", MethodKind::kSmsCode)), "ok");
  EXPECT_EQ(Outcome(world.Open("u2", MethodKind::kSmsCode)), "ok");
  EXPECT_EQ(Outcome(world.Open("u3", MethodKind::kSmsCode)), "too_many_attempts");
  AddPhone("alice", MethodKind::kSmsCode, "+33123456789");
  EXPECT_EQ(Outcome(world.Open("alice", MethodKind::kSmsCode)), "ok") << "another block";
}

TEST_F(MethodsTest, CountryThatIsNotAllowed_CanNeitherBeAddedNorUsed) {
  world.SetPolicy("methods.sms", "on");
  AddPhone("alice", MethodKind::kSmsCode, kNumber);
  world.SetPolicy("phone.countries", "+33");
  EXPECT_FALSE(world.admin().AddPhone("alice", MethodKind::kSmsCode, "+49301111111").ok());
  EXPECT_FALSE(Has(world.Offered("alice"), MethodKind::kSmsCode));
  world.SetPolicy("phone.countries", "+33 +49");
  EXPECT_TRUE(Has(world.Offered("alice"), MethodKind::kSmsCode));
}

TEST_F(MethodsTest, Call_IsForClientsThatKnowIt_AndOfOneClassWithTheTextMessage) {
  world.SetPolicy("methods.sms", "on");
  world.SetPolicy("methods.voice", "on");
  AddPhone("alice", MethodKind::kSmsCode, kNumber);
  AddPhone("alice", MethodKind::kVoiceCode, kNumber);
  const auto plain = world.engine().Start(world.From(), world.For("alice", Capabilities{}));
  EXPECT_FALSE(Has(Value(plain)->gates, MethodKind::kVoiceCode));
  EXPECT_TRUE(Has(Value(plain)->gates, MethodKind::kSmsCode));
  world.SetPolicy("required_gates", "2");
  const auto opened = world.Open("alice", MethodKind::kVoiceCode);
  ASSERT_EQ(Outcome(opened), "ok");
  EXPECT_EQ(world.Mails().back().channel, Channel::kVoice);
  const std::string spoken = world.Mails().back().text;
  std::string code;
  for (const char c : spoken.substr(0, spoken.find('.', spoken.find(':')))) {
    if (c >= '0' && c <= '9') code.push_back(c);
  }
  const auto passed = world.engine().Continue(world.From(), Value(opened)->continuation_token,
                                              MethodKind::kEmailCode, Hidden(code));
  ASSERT_EQ(Outcome(passed), "second_gate_required");
  EXPECT_FALSE(Has(*RefusalIn(passed)->gates, MethodKind::kSmsCode)) << "the same phone";
  EXPECT_TRUE(Has(*RefusalIn(passed)->gates, MethodKind::kEmailCode));
}

TEST_F(MethodsTest, RecoveryCode_WorksOnce_HoweverItIsTyped) {
  const std::vector<std::string> codes = Codes("alice");
  ASSERT_EQ(codes.size(), 10U);
  std::string typed = codes[3];
  for (char& c : typed) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_EQ(Try(OpenToken("alice", MethodKind::kRecoveryCode), MethodKind::kRecoveryCode, typed),
            "ok");
  EXPECT_EQ(Try(OpenToken("alice", MethodKind::kRecoveryCode), MethodKind::kRecoveryCode, typed),
            "wrong_code");
  EXPECT_EQ(world.admin().ListMethods("alice")->size(), 1U + 9U);
}

TEST_F(MethodsTest, RecoveryCode_IsItsOwnersAlone_AndANewSetReplacesTheOld) {
  world.AddUser("bob");
  const std::string of_alice = Codes("alice").front();
  (void)Codes("bob");
  EXPECT_EQ(Try(OpenToken("bob", MethodKind::kRecoveryCode), MethodKind::kRecoveryCode, of_alice),
            "wrong_code");
  const std::string newer = Codes("alice").front();
  EXPECT_EQ(Try(OpenToken("alice", MethodKind::kRecoveryCode), MethodKind::kRecoveryCode, of_alice),
            "wrong_code");
  EXPECT_EQ(Try(OpenToken("alice", MethodKind::kRecoveryCode), MethodKind::kRecoveryCode, newer),
            "ok");
}

TEST_F(MethodsTest, RecoveryCode_InManySessionsAtOnce_OneWins) {
  const std::string code = Codes("alice").front();
  constexpr int kSessions = 5;
  std::vector<std::string> tokens;
  for (int i = 0; i < kSessions; ++i) {
    tokens.push_back(OpenToken("alice", MethodKind::kRecoveryCode));
  }
  std::atomic<int> passed = 0;
  std::barrier start(kSessions);
  std::vector<std::thread> threads;
  for (const std::string& token : tokens) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      passed += Try(token, MethodKind::kRecoveryCode, code) == "ok" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed, 1);
}

TEST_F(MethodsTest, FlowThatARecoveryCodeOpened_EndsWithANewPassword) {
  const std::string token = OpenToken("alice", MethodKind::kRecoveryCode);
  EXPECT_EQ(token, "") << "she has none yet";
  const std::string code = Codes("alice").front();
  const auto passed =
      world.engine().Continue(world.From(), OpenToken("alice", MethodKind::kRecoveryCode),
                              MethodKind::kRecoveryCode, Hidden(code));
  ASSERT_EQ(Outcome(passed), "ok");
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), Value(passed)->continuation_token,
                                          Hidden(kNewPassword), "")),
            "ok");
  EXPECT_TRUE(world.CanSignIn("alice", kNewPassword));
}

TEST_F(MethodsTest, Pass_WorksOnce_AndNotLongerThanThePolicySays) {
  EXPECT_NE(Pass("alice").find("methods.temporary_pass"), std::string::npos) << "it is off";
  world.SetPolicy("methods.temporary_pass", "on");
  const std::string pass = Pass("alice");
  ASSERT_EQ(pass.size(), 16U) << pass;
  EXPECT_EQ(Try(OpenToken("alice", MethodKind::kTemporaryPass), MethodKind::kTemporaryPass, pass),
            "ok");
  EXPECT_EQ(Try(OpenToken("alice", MethodKind::kTemporaryPass), MethodKind::kTemporaryPass, pass),
            "wrong_code");
  const std::string late = Pass("alice");
  world.clock().Advance(30 * 60);
  EXPECT_EQ(Try(OpenToken("alice", MethodKind::kTemporaryPass), MethodKind::kTemporaryPass, late),
            "wrong_code");
  const std::string replaced = Pass("alice");
  (void)Pass("alice");
  EXPECT_EQ(
      Try(OpenToken("alice", MethodKind::kTemporaryPass), MethodKind::kTemporaryPass, replaced),
      "wrong_code");
}

TEST_F(MethodsTest, Pass_IsOfferedToEverybody_AndHelpsWhoHasNothingElse) {
  world.SetPolicy("methods.temporary_pass", "on");
  EXPECT_TRUE(
      world.admin()
          .AddUser({.username = "bare", .display_name = {}, .local_account = {}, .language = {}})
          .ok());
  for (const char* name : {"alice", "bare", "nobody-at-all"}) {
    EXPECT_TRUE(Has(world.Offered(name), MethodKind::kTemporaryPass)) << name;
  }
  EXPECT_EQ(Try(OpenToken("nobody-at-all", MethodKind::kTemporaryPass), MethodKind::kTemporaryPass,
                "ABCD-EFGH-IJKL-M"),
            "wrong_code");
  const std::string pass = Pass("bare");
  const auto gates = world.Offered("bare");
  EXPECT_EQ(gates.methods.size(), 1U);
  EXPECT_EQ(Try(OpenToken("bare", MethodKind::kTemporaryPass), MethodKind::kTemporaryPass, pass),
            "ok");
}

TEST_F(MethodsTest, Pass_IsAudited_AndForAnAdministratorNeedsASecondOperator) {
  world.SetPolicy("methods.temporary_pass", "on");
  world.SetPolicy("administrators.groups", "admins");
  ASSERT_TRUE(world.admin().SetGroups("alice", "admins").ok());
  EXPECT_NE(Pass("alice").find("second operator"), std::string::npos);
  EXPECT_NE(Pass("alice", "Olga").find("second operator"), std::string::npos) << "the same one";
  const std::string pass = Pass("alice", "Peter");
  EXPECT_EQ(pass.size(), 16U);
  EXPECT_NE(world.AuditText().find("approved by: Peter"), std::string::npos);
  EXPECT_EQ(world.AuditText().find(pass), std::string::npos);
}

class QuestionsTest : public MethodsTest {
 protected:
  QuestionsTest() {
    world.SetPolicy("methods.questions", "on");
    world.SetPolicy("required_gates", "2");
  }
  Status SetQuestions(const std::string& name, int count = 5) {
    std::vector<QuestionAndAnswer> questions;
    for (int i = 0; i < count; ++i) {
      questions.push_back(
          {"Question " + std::to_string(i), Hidden("Änswer number " + std::to_string(i))});
    }
    return world.admin().SetQuestions(name, questions);
  }
  // Behind the first gate, the questions.
  Reply<ChallengeReply> OpenQuestions(const std::string& name) {
    const auto opened = world.Open(name, MethodKind::kEmailCode);
    if (Value(opened) == nullptr) return opened;
    const auto passed = world.engine().Continue(world.From(), Value(opened)->continuation_token,
                                                MethodKind::kEmailCode,
                                                Hidden(world.LastCode(name + "@example.org")));
    if (Outcome(passed) != "second_gate_required") return Redirect{Outcome(passed)};
    return world.OpenNext(RefusalIn(passed)->continuation_token, MethodKind::kQuestions);
  }
  std::string Answer(const ChallengeReply& challenge, int wrong_ones = 0, int left_out = 0) {
    std::vector<Secret> answers;
    for (const Question& question : challenge.questions) {
      const bool wrong = wrong_ones-- > 0;
      answers.push_back(
          Hidden(wrong ? "something else" : "  änswer NUMBER  " + question.text.substr(9)));
    }
    answers.resize(answers.size() - static_cast<std::size_t>(left_out));
    return Outcome(
        world.engine().ContinueWithAnswers(world.From(), challenge.continuation_token, answers));
  }
};

TEST_F(QuestionsTest, StandBehindTheFirstGateOnly) {
  world.AddApp("alice");
  ASSERT_TRUE(SetQuestions("alice").ok());
  EXPECT_FALSE(Has(world.Offered("alice"), MethodKind::kQuestions));
  const auto opened = OpenQuestions("alice");
  ASSERT_EQ(Outcome(opened), "ok");
  EXPECT_EQ(Value(opened)->questions.size(), 3U);
  EXPECT_EQ(Value(opened)->code_length, 0);
}

TEST_F(QuestionsTest, RightAnswersPass_OneWrongOneFailsThemAll) {
  world.AddApp("alice");
  ASSERT_TRUE(SetQuestions("alice").ok());
  const auto opened = OpenQuestions("alice");
  ASSERT_EQ(Outcome(opened), "ok");
  EXPECT_EQ(Answer(*Value(opened), 1), "wrong_code");
  EXPECT_EQ(Answer(*Value(opened), 0, 1), "invalid_request") << "all are needed";
  EXPECT_EQ(Answer(*Value(opened)), "ok");
}

TEST_F(QuestionsTest, ThreeFailuresADay_AndTheSameQuestionsEachTime) {
  world.AddApp("alice");
  ASSERT_TRUE(SetQuestions("alice").ok());
  const auto first = OpenQuestions("alice");
  std::vector<std::string> asked;
  for (const Question& question : Value(first)->questions) asked.push_back(question.id);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Answer(*Value(first), 3), "wrong_code");
  EXPECT_EQ(Answer(*Value(first)), "too_many_attempts");
  world.clock().Advance(24 * 3600 + 1);
  const auto second = OpenQuestions("alice");
  ASSERT_EQ(Outcome(second), "ok");
  std::vector<std::string> again;
  for (const Question& question : Value(second)->questions) again.push_back(question.id);
  EXPECT_EQ(asked, again) << "nobody can wait for easier ones";
}

TEST_F(QuestionsTest, AreRegisteredAsThePolicyAsks_AndNeverByAdministrators) {
  EXPECT_FALSE(SetQuestions("alice", 4).ok()) << "five are needed";
  EXPECT_FALSE(SetQuestions("alice", 21).ok());
  std::vector<QuestionAndAnswer> same;
  for (int i = 0; i < 5; ++i) same.push_back({"Question " + std::to_string(i), Hidden("the same")});
  EXPECT_FALSE(world.admin().SetQuestions("alice", same).ok());
  world.SetPolicy("administrators.groups", "admins");
  ASSERT_TRUE(SetQuestions("alice").ok());
  world.AddApp("alice");
  ASSERT_TRUE(world.admin().SetGroups("alice", "admins").ok());
  EXPECT_FALSE(SetQuestions("alice").ok());
  EXPECT_NE(Outcome(OpenQuestions("alice")), "ok") << "she became one later";
}

TEST_F(QuestionsTest, OnlyAnswersAreKept_AsHashes) {
  ASSERT_TRUE(SetQuestions("alice").ok());
  for (const char* file : {"sspr.db", "sspr.db-wal", "audit.jsonl"}) {
    const std::string text = world.folder().Read(file);
    EXPECT_EQ(text.find("nswer number"), std::string::npos) << file;
  }
}

TEST_F(MethodsTest, AppWithEightDigitsAndSha256) {
  world.SetPolicy("authenticator.digits", "8");
  world.SetPolicy("authenticator.sha256", "on");
  const auto enrolled = world.admin().AddTotp("alice");
  ASSERT_TRUE(enrolled.ok());
  EXPECT_NE(enrolled->otpauth_uri.Reveal().find("&algorithm=SHA256&digits=8"),
            std::string_view::npos);
  EXPECT_EQ(enrolled->base32_secret.size(), 52U) << "32 bytes";
  const auto opened = world.Open("alice", MethodKind::kAuthenticatorCode);
  ASSERT_EQ(Outcome(opened), "ok");
  EXPECT_EQ(Value(opened)->code_length, 8);
  EXPECT_EQ(Try(Value(opened)->continuation_token, MethodKind::kAuthenticatorCode, "00000000"),
            "wrong_code");
}

}  // namespace
}  // namespace sspr::service
