// SPDX-License-Identifier: Apache-2.0
// What may follow the password at sign-in: a second proof, a new method, a reset because of risk;
// and refresh tokens.
#include <gtest/gtest.h>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

constexpr Capabilities kMsal{.mfa = true, .registration = true};

class SecondFactorTest : public testing::Test {
 protected:
  SecondFactorTest() {
    world.AddUser("alice");
    world.SetPolicy("sign_in.gates", "2");
  }
  Reply<SignedIn> SignIn(const std::string& name, const Capabilities& capabilities = kMsal,
                         std::string_view password = kOldPassword) {
    const auto started = world.engine().SignInInitiate(world.From(), name, capabilities);
    const auto opened =
        world.engine().SignInChallenge(world.From(), Value(started)->continuation_token);
    return world.engine().SignInWithPassword(world.From(), Value(opened)->continuation_token,
                                             Hidden(password));
  }
  // A user with a password and no methods.
  void AddBare(const std::string& name) {
    EXPECT_TRUE(
        world.admin()
            .AddUser({.username = name, .display_name = {}, .local_account = {}, .language = {}})
            .ok());
    EXPECT_TRUE(world.admin().SetPassword(name, Hidden(kOldPassword)).ok());
  }
  std::string TokenIn(const Reply<SignedIn>& reply) {
    return RefusalIn(reply) != nullptr ? RefusalIn(reply)->continuation_token : std::string();
  }

  EngineWorld world;
};

TEST_F(SecondFactorTest, PasswordAlone_IsNotEnough_TheCodeIs) {
  const auto first = SignIn("alice");
  ASSERT_EQ(Outcome(first), "mfa_required");
  const auto listed = world.engine().SecondFactorMethods(world.From(), TokenIn(first));
  ASSERT_EQ(Outcome(listed), "ok");
  ASSERT_EQ(Value(listed)->gates.methods.size(), 1U);
  const auto opened = world.engine().SecondFactorChallenge(
      world.From(), Value(listed)->continuation_token, Value(listed)->gates.methods[0].id);
  ASSERT_EQ(Outcome(opened), "ok");
  const std::string token = Value(opened)->continuation_token;
  const auto wrong = world.engine().SignInWithSecondFactor(
      world.From(), token, MethodKind::kEmailCode, Hidden("00000000"));
  EXPECT_EQ(Outcome(wrong), "wrong_code");
  EXPECT_EQ(TokenIn(wrong), token) << "it may be tried again";
  const std::string code = world.LastCode("alice@example.org");
  const auto right = world.engine().SignInWithSecondFactor(world.From(), token,
                                                           MethodKind::kEmailCode, Hidden(code));
  ASSERT_EQ(Outcome(right), "ok");
  EXPECT_EQ(Value(right)->username, "alice");
  EXPECT_NE(Outcome(world.engine().SignInWithSecondFactor(world.From(), token,
                                                          MethodKind::kEmailCode, Hidden(code))),
            "ok")
      << "once";
}

TEST_F(SecondFactorTest, ClientThatCannot_IsSentElsewhere_BehindThePasswordOnly) {
  EXPECT_EQ(Outcome(SignIn("alice", Capabilities{})), "redirect");
  EXPECT_EQ(Outcome(SignIn("alice", Capabilities{}, "wrong")), "wrong_password");
  EXPECT_EQ(Outcome(SignIn("nobody", Capabilities{})), "wrong_password");
}

TEST_F(SecondFactorTest, GuessesAreLimitedAsThoseOfAReset_Together) {
  for (int i = 0; i < 5; ++i) {
    const auto first = SignIn("alice");
    const auto opened = world.engine().SecondFactorChallenge(world.From(), TokenIn(first), "");
    if (Value(opened) == nullptr) break;
    (void)world.engine().SignInWithSecondFactor(world.From(), Value(opened)->continuation_token,
                                                MethodKind::kEmailCode, Hidden("00000000"));
    world.clock().Advance(250);
  }
  EXPECT_EQ(Outcome(world.Open("alice", MethodKind::kEmailCode)), "too_many_attempts");
}

TEST_F(SecondFactorTest, ResetWithOneProof_NeedsAnotherOne_WithTwoNone) {
  world.AddApp("alice");
  const auto finish = [this](const std::string& token, const char* password) {
    const auto submitted = world.engine().Submit(world.From(), token, Hidden(password), "");
    const auto polled = world.engine().Poll(world.From(), Value(submitted)->continuation_token);
    return world.engine().SignInWithContinuation(world.From(), Value(polled)->continuation_token,
                                                 "alice");
  };
  // The flow of a client that knows Microsoft's word, with the app for its second proof.
  StartRequest request = world.For("alice");
  request.capabilities.mfa = true;
  const auto started = world.engine().Start(world.From(), request);
  const auto opened = world.OpenNext(Value(started)->continuation_token, MethodKind::kEmailCode);
  const auto proved =
      world.engine().Continue(world.From(), Value(opened)->continuation_token,
                              MethodKind::kEmailCode, Hidden(world.LastCode("alice@example.org")));
  const auto demanded = finish(Value(proved)->continuation_token, kNewPassword);
  ASSERT_EQ(Outcome(demanded), "mfa_required");
  const auto listed = world.engine().SecondFactorMethods(world.From(), TokenIn(demanded));
  ASSERT_EQ(Value(listed)->gates.methods.size(), 1U) << "not the mailbox again";
  const auto app = world.engine().SecondFactorChallenge(world.From(), TokenIn(demanded),
                                                        Value(listed)->gates.methods[0].id);
  EXPECT_EQ(Outcome(world.engine().SignInWithSecondFactor(
                world.From(), Value(app)->continuation_token, MethodKind::kAuthenticatorCode,
                Hidden(world.AppCode("alice")))),
            "ok");

  world.clock().Advance(3600);
  world.SetPolicy("required_gates", "2");
  const auto first = world.Open("alice", MethodKind::kEmailCode);
  const auto passed =
      world.engine().Continue(world.From(), Value(first)->continuation_token,
                              MethodKind::kEmailCode, Hidden(world.LastCode("alice@example.org")));
  const auto second =
      world.OpenNext(RefusalIn(passed)->continuation_token, MethodKind::kAuthenticatorCode);
  const auto both =
      world.engine().Continue(world.From(), Value(second)->continuation_token,
                              MethodKind::kAuthenticatorCode, Hidden(world.AppCode("alice")));
  EXPECT_EQ(Outcome(finish(Value(both)->continuation_token, "river stone lantern sand")), "ok");
}

TEST_F(SecondFactorTest, WhoHasNoMethod_RegistersOne_WhichCoolsBeforeAReset) {
  AddBare("bare");
  const auto first = SignIn("bare");
  ASSERT_EQ(Outcome(first), "registration_required");
  const auto registrable = world.engine().Registrable(world.From(), TokenIn(first));
  ASSERT_EQ(Outcome(registrable), "ok");
  EXPECT_EQ(Value(registrable)->kinds, std::vector<MethodKind>{MethodKind::kEmailCode});
  for (const char* bad : {"", "not an address", "a@b.org\r\nBcc: c@d.org"}) {
    EXPECT_EQ(Outcome(world.engine().RegistrationChallenge(world.From(), TokenIn(first),
                                                           MethodKind::kEmailCode, bad)),
              "bad_target");
  }
  EXPECT_EQ(Outcome(world.engine().RegistrationChallenge(world.From(), TokenIn(first),
                                                         MethodKind::kSmsCode, "+49301234567")),
            "bad_target")
      << "it is off";
  const auto opened = world.engine().RegistrationChallenge(
      world.From(), TokenIn(first), MethodKind::kEmailCode, "bare@example.org");
  ASSERT_EQ(Outcome(opened), "ok");
  EXPECT_EQ(Outcome(world.engine().SignInWithSecondFactor(
                world.From(), Value(opened)->continuation_token, MethodKind::kEmailCode,
                Hidden(world.LastCode("bare@example.org")))),
            "invalid_request")
      << "a code to a new address is no proof of an old one";
  EXPECT_EQ(Outcome(world.engine().Register(world.From(), Value(opened)->continuation_token,
                                            Hidden("00000000"))),
            "wrong_code");
  EXPECT_TRUE(world.admin().ListMethods("bare")->empty());
  const auto registered = world.engine().Register(world.From(), Value(opened)->continuation_token,
                                                  Hidden(world.LastCode("bare@example.org")));
  ASSERT_EQ(Outcome(registered), "ok");
  EXPECT_EQ(Outcome(world.engine().SignInWithContinuation(
                world.From(), Value(registered)->continuation_token, "bare")),
            "ok");
  EXPECT_EQ(world.admin().ListMethods("bare")->size(), 1U);
  EXPECT_EQ(Outcome(SignIn("bare")), "mfa_required") << "it serves at sign-in at once";
  const auto told = [this] {
    return Outcome(world.engine().Start(world.From("192.0.2.1", kOpenClient), world.For("bare")));
  };
  EXPECT_EQ(told(), "user_not_found") << "it cools";
  world.clock().Advance(24 * 3600 + 1);
  EXPECT_EQ(told(), "ok");
}

TEST_F(SecondFactorTest, WhoHasAMethod_RegistersNone) {
  const auto first = SignIn("alice");
  EXPECT_EQ(Outcome(world.engine().Registrable(world.From(), TokenIn(first))), "invalid_request");
  EXPECT_EQ(Outcome(world.engine().RegistrationChallenge(world.From(), TokenIn(first),
                                                         MethodKind::kEmailCode, "x@evil.example")),
            "invalid_request");
  AddBare("bare");
  world.SetPolicy("sign_in.registration", "off");
  EXPECT_EQ(Outcome(SignIn("bare")), "redirect");
}

class RefreshTest : public SecondFactorTest {
 protected:
  RefreshTest() { world.SetPolicy("sign_in.gates", "1"); }
  std::string Issue() {
    const auto signed_in = SignIn("alice");
    return *Value(world.engine().IssueRefreshToken(world.From(), *Value(signed_in), "openid"));
  }
  Reply<Refreshed> Redeem(const std::string& token, const char* client = kClient) {
    return world.engine().RedeemRefreshToken(world.From("192.0.2.7", client), Hidden(token));
  }
};

TEST_F(RefreshTest, WorksOnce_AndGivesTheNext) {
  const auto first = Redeem(Issue());
  ASSERT_EQ(Outcome(first), "ok");
  EXPECT_EQ(Value(first)->who.username, "alice");
  EXPECT_EQ(Value(first)->scope, "openid");
  EXPECT_EQ(Outcome(Redeem(Value(first)->refresh_token)), "ok");
}

TEST_F(RefreshTest, UsedTwice_EndsTheFamily) {
  const std::string stolen = Issue();
  const auto next = Redeem(stolen);
  EXPECT_EQ(Outcome(Redeem(stolen)), "refresh_refused");
  EXPECT_EQ(Outcome(Redeem(Value(next)->refresh_token)), "refresh_refused");
  EXPECT_EQ(Outcome(Redeem(Issue())), "ok") << "another sign-in is another family";
}

TEST_F(RefreshTest, EndsWithThePassword_TheUser_TheClient_AndItsTime) {
  const std::string of_old_password = Issue();
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  EXPECT_EQ(Outcome(Redeem(of_old_password)), "refresh_refused");
  ASSERT_TRUE(world.admin().SetPassword("alice", Hidden(kOldPassword)).ok());
  EXPECT_EQ(Outcome(Redeem(Issue(), kOpenClient)), "refresh_refused");
  const std::string of_disabled = Issue();
  ASSERT_TRUE(world.admin().SetEnabled("alice", false).ok());
  EXPECT_EQ(Outcome(Redeem(of_disabled)), "refresh_refused");
  ASSERT_TRUE(world.admin().SetEnabled("alice", true).ok());
  const std::string old = Issue();
  world.clock().Advance(14 * 24 * 3600);
  EXPECT_EQ(Outcome(Redeem(old)), "refresh_refused");
  EXPECT_EQ(Outcome(Redeem("no such token")), "refresh_refused");
}

class RiskReportTest : public SecondFactorTest {
 protected:
  RiskReportTest() { world.SetPolicy("sign_in.gates", "1"); }
  void SetRisk(RiskLevel level) {
    ASSERT_TRUE(world.admin().SetRisk("alice", level, "leaked credentials").ok());
  }
};

TEST_F(RiskReportTest, FromThatLevelOn_AResetComesFirst_AndEndsTheRisk) {
  world.SetPolicy("risk.reset_from", "medium");
  SetRisk(RiskLevel::kLow);
  EXPECT_EQ(Outcome(SignIn("alice")), "ok");
  SetRisk(RiskLevel::kHigh);
  EXPECT_EQ(Outcome(SignIn("alice", kMsal, "wrong")), "wrong_password") << "said to her alone";
  EXPECT_EQ(Outcome(SignIn("alice")), "password_reset_required");
  EXPECT_EQ(world.admin().ListRisks()->at(0).username, "alice");
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  EXPECT_TRUE(world.admin().ListRisks()->empty());
  EXPECT_EQ(Outcome(SignIn("alice", kMsal, kNewPassword)), "ok");
  EXPECT_NE(world.AuditText().find("risk.remediated"), std::string::npos);
}

TEST_F(RiskReportTest, FromThatLevelOn_AResetNeedsTwoProofs) {
  world.AddApp("alice");
  world.SetPolicy("risk.two_gates_from", "high");
  SetRisk(RiskLevel::kMedium);
  EXPECT_NE(world.Prove("alice"), "");
  SetRisk(RiskLevel::kHigh);
  EXPECT_EQ(world.Offered("alice").required, 1) << "nobody sees it before the first";
  const auto opened = world.Open("alice", MethodKind::kEmailCode);
  EXPECT_EQ(Outcome(world.engine().Continue(world.From(), Value(opened)->continuation_token,
                                            MethodKind::kEmailCode,
                                            Hidden(world.LastCode("alice@example.org")))),
            "second_gate_required");
  SetRisk(RiskLevel::kNone);
  EXPECT_NE(world.Prove("alice"), "") << "dismissed";
}

TEST_F(RiskReportTest, IsReportedByClientsWithASecret_AndSaysNothingOfUsers) {
  const auto secret = world.admin().MakeClientSecret(kClient);
  ASSERT_TRUE(secret.ok());
  const auto report = [&](std::string_view with, const std::string& name) {
    return Outcome(world.engine().ReportRisk(
        world.From(), Hidden(with),
        {.username = name, .level = RiskLevel::kHigh, .detail = "SIEM rule 7"}));
  };
  EXPECT_EQ(report("wrong", "alice"), "invalid_client");
  EXPECT_EQ(report("", "alice"), "invalid_client");
  EXPECT_TRUE(world.admin().ListRisks()->empty());
  EXPECT_EQ(report(secret->Reveal(), "nobody"), "ok");
  EXPECT_EQ(report(secret->Reveal(), "ALICE"), "ok");
  ASSERT_EQ(world.admin().ListRisks()->size(), 1U);
  EXPECT_EQ(world.admin().ListRisks()->at(0).detail, "SIEM rule 7");
  ASSERT_TRUE(world.admin().PutClient({.client_id = kClient, .concealment = false}).ok());
  EXPECT_EQ(report(secret->Reveal(), "alice"), "ok") << "a changed client keeps its secret";
  EXPECT_EQ(Outcome(world.engine().ReportRisk(world.From("192.0.2.1", kOpenClient), Hidden(""),
                                              {.username = "alice", .detail = {}})),
            "invalid_client");
}

}  // namespace
}  // namespace sspr::service
