// SPDX-License-Identifier: Apache-2.0
// Reports of risks: taken once, in the order of what happened, and never a trap.
#include <gtest/gtest.h>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class RiskTest : public ::testing::Test {
 protected:
  RiskTest() {
    world_.AddUser("alice");
    world_.SetPolicy("risk.reset_from", "medium");
    auto secret = world_.admin().MakeClientSecret(kClient);
    EXPECT_TRUE(secret.ok());
    secret_ = std::string(secret->Reveal());
  }

  std::string Report(RiskLevel level, UnixSeconds at = 0, const std::string& id = "",
                     const std::string& user = "alice") {
    return Outcome(world_.engine().ReportRisk(
        world_.From(), Hidden(secret_),
        {.username = user, .level = level, .detail = "test", .report_id = id, .occurred_at = at}));
  }
  // What a sign-in with the right password is answered.
  std::string SignIn(const Capabilities& capabilities = {}, const std::string& name = "alice") {
    const Caller caller = world_.From();
    const auto begun = world_.engine().SignInInitiate(caller, name, capabilities);
    if (Value(begun) == nullptr) return Outcome(begun);
    const auto opened = world_.engine().SignInChallenge(caller, Value(begun)->continuation_token);
    if (Value(opened) == nullptr) return Outcome(opened);
    return Outcome(world_.engine().SignInWithPassword(caller, Value(opened)->continuation_token,
                                                      Hidden(password_)));
  }
  void Reset() {
    password_ = "river stone lantern gravel " + std::to_string(++resets_);
    const auto done = world_.Reset("alice", password_);
    ASSERT_NE(Value(done), nullptr) << Outcome(done);
  }
  UnixSeconds Now() { return world_.clock().Now(); }

  EngineWorld world_;
  std::string secret_;
  std::string password_ = kOldPassword;
  int resets_ = 0;
};

TEST_F(RiskTest, AReportIsTakenOnceWhateverCameInBetween) {
  EXPECT_EQ(Report(RiskLevel::kHigh, 0, "r-1"), "ok");
  EXPECT_EQ(SignIn(), "password_reset_required");
  Reset();
  EXPECT_EQ(SignIn(), "ok");
  world_.clock().Advance(10);
  EXPECT_EQ(Report(RiskLevel::kHigh, 0, "r-1"), "ok") << "who repeats it hears no difference";
  EXPECT_EQ(SignIn(), "ok");
  EXPECT_EQ(Report(RiskLevel::kHigh, 0, "r-2"), "ok");
  EXPECT_EQ(SignIn(), "password_reset_required");
}

TEST_F(RiskTest, WhatHappenedBeforeTheResetIsOver) {
  const UnixSeconds before = Now();
  EXPECT_EQ(Report(RiskLevel::kMedium, before), "ok");
  world_.clock().Advance(100);
  Reset();
  world_.clock().Advance(100);
  EXPECT_EQ(Report(RiskLevel::kHigh, before + 50), "ok");
  EXPECT_EQ(SignIn(), "ok");
  EXPECT_EQ(Report(RiskLevel::kHigh, before + 150), "ok");
  EXPECT_EQ(SignIn(), "password_reset_required");
}

TEST_F(RiskTest, AReportFromTheFutureDoesNotOutliveAReset) {
  EXPECT_EQ(Report(RiskLevel::kHigh, Now() + 100'000), "ok");
  world_.clock().Advance(10);
  Reset();
  EXPECT_EQ(SignIn(), "ok");
  world_.clock().Advance(10);
  EXPECT_EQ(Report(RiskLevel::kHigh, Now()), "ok");
  EXPECT_EQ(SignIn(), "password_reset_required");
}

TEST_F(RiskTest, ReportsAndResetsDoNotGoRoundForEver) {
  for (int round = 0; round < 3; ++round) {
    world_.clock().Advance(3600);
    EXPECT_EQ(Report(RiskLevel::kHigh), "ok");
    EXPECT_EQ(SignIn(), "password_reset_required") << round;
    Reset();
  }
  world_.clock().Advance(3600);
  EXPECT_EQ(Report(RiskLevel::kHigh), "ok");
  EXPECT_EQ(SignIn(), "ok") << "the fourth in a day is left to an administrator";
  EXPECT_NE(world_.AuditText().find("\"loop\""), std::string::npos);
  ASSERT_TRUE(world_.admin().SetRisk("alice", RiskLevel::kHigh, "looked at").ok());
  EXPECT_EQ(SignIn(), "password_reset_required");
  Reset();
  world_.clock().Advance(24 * 3600 + 1);
  EXPECT_EQ(Report(RiskLevel::kHigh), "ok");
  EXPECT_EQ(SignIn(), "password_reset_required");
}

TEST_F(RiskTest, WhoHasNoWayToResetIsNotKeptOutUnlessTheHelpDeskIsNamed) {
  const auto methods = world_.admin().ListMethods("alice");
  ASSERT_TRUE(methods.ok());
  for (const MethodView& method : *methods) {
    ASSERT_TRUE(world_.admin().RemoveMethod("alice", method.id).ok());
  }
  EXPECT_EQ(Report(RiskLevel::kHigh), "ok");
  EXPECT_EQ(SignIn(), "ok");
  EXPECT_NE(world_.AuditText().find("reset waived"), std::string::npos);
  EXPECT_FALSE(world_.admin().SetPolicy("risk.block_without_methods", "on").ok());
  world_.SetPolicy("helpdesk.text", "Call 4711.");
  world_.SetPolicy("risk.block_without_methods", "on");
  EXPECT_EQ(SignIn(), "password_reset_required");
  world_.SetPolicy("methods.temporary_pass", "on");
  EXPECT_EQ(SignIn(), "password_reset_required") << "with a pass there is a way";
  world_.SetPolicy("risk.block_without_methods", "off");
  EXPECT_EQ(SignIn(), "password_reset_required");
}

TEST_F(RiskTest, AtRiskASignInNeedsTwoProofs) {
  world_.SetPolicy("risk.reset_from", "never");
  world_.SetPolicy("risk.two_gates_from", "medium");
  world_.AddApp("alice");
  const Capabilities with_factor{.totp = true, .mfa = true};
  EXPECT_EQ(SignIn(with_factor), "ok");
  EXPECT_EQ(Report(RiskLevel::kMedium), "ok");
  EXPECT_EQ(SignIn(with_factor), "mfa_required");
  EXPECT_EQ(SignIn(), "redirect") << "a client that cannot ask for it";
}

TEST_F(RiskTest, AResetThatGaveTooFewProofsDoesNotEndTheRisk) {
  world_.AddApp("alice");
  world_.SetPolicy("risk.two_gates_from", "high");
  const std::string token = world_.Prove("alice");
  EXPECT_EQ(Report(RiskLevel::kHigh), "ok");
  const auto done = world_.engine().Submit(world_.From(), token, Hidden(kNewPassword), "");
  EXPECT_NE(Outcome(done), "ok") << "the policy of now decides, not that of the start";
  EXPECT_EQ(SignIn(), "password_reset_required");
}

TEST_F(RiskTest, AnExternalIdIsOfOneUser) {
  world_.AddUser("bob");
  AdminService& admin = world_.admin();
  EXPECT_TRUE(admin.SetExternalId("alice", "04487ee0-f4f6-4e7f-8999-facc5a30e232").ok());
  EXPECT_FALSE(admin.SetExternalId("bob", "04487ee0-f4f6-4e7f-8999-facc5a30e232").ok());
  EXPECT_FALSE(admin.SetExternalId("bob", "no id; at all").ok());
  EXPECT_TRUE(admin.SetExternalId("alice", "").ok());
  EXPECT_TRUE(admin.SetExternalId("bob", "04487ee0-f4f6-4e7f-8999-facc5a30e232").ok());
}

}  // namespace
}  // namespace sspr::service
