// SPDX-License-Identifier: Apache-2.0
// Who may reset, with which methods and how many proofs; what a change would do; who has not
// registered.
#include <gtest/gtest.h>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class AudienceTest : public testing::Test {
 protected:
  AudienceTest() {
    world.AddUser("alice");
    world.AddUser("bob");
  }
  std::string Told(const std::string& name) {
    return Outcome(world.engine().Start(world.From("192.0.2.1", kOpenClient), world.For(name)));
  }
  EngineWorld world;
};

TEST_F(AudienceTest, NobodySomeOrAll) {
  EXPECT_EQ(Told("alice"), "ok");
  EXPECT_FALSE(world.admin().SetPolicy("reset.scope", "groups").ok()) << "which ones?";
  world.SetPolicy("reset.groups", "pilot");
  world.SetPolicy("reset.scope", "groups");
  ASSERT_TRUE(world.admin().SetGroups("alice", "staff pilot").ok());
  EXPECT_EQ(Told("alice"), "ok");
  EXPECT_EQ(Told("bob"), "user_not_found");
  world.SetPolicy("reset.scope", "nobody");
  EXPECT_EQ(Told("alice"), "user_not_found");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword)) << "the normal login is not affected";
}

TEST_F(AudienceTest, WhoLosesTheScopeOnTheWay_SetsNoPassword) {
  const std::string token = world.Prove("alice");
  world.SetPolicy("reset.scope", "nobody");
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), token, Hidden(kNewPassword), "")),
            "expired_token");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
}

TEST_F(AudienceTest, MethodOfAGroup_IsItsMembersAlone) {
  world.AddApp("alice");
  world.AddApp("bob");
  world.SetPolicy("methods.authenticator.groups", "admins");
  ASSERT_TRUE(world.admin().SetGroups("alice", "admins").ok());
  EXPECT_EQ(world.Offered("alice").methods.size(), 2U);
  EXPECT_EQ(world.Offered("bob").methods.size(), 1U);
}

TEST_F(AudienceTest, Administrators_NeedTwoProofs_WhichNobodySeesBeforeTheFirst) {
  world.SetPolicy("administrators.groups", "admins");
  ASSERT_TRUE(world.admin().SetGroups("alice", "admins").ok());
  EXPECT_EQ(Told("alice"), "user_not_found") << "one method is too few";
  world.AddApp("alice");
  world.AddApp("bob");
  const auto of_alice = world.Open("alice", MethodKind::kEmailCode);
  const std::string code = world.LastCode("alice@example.org");
  const auto of_bob = world.Open("bob", MethodKind::kEmailCode);
  EXPECT_EQ(world.Offered("alice").required, 1);
  EXPECT_EQ(Value(of_alice)->code_length, Value(of_bob)->code_length);
  const auto policy = world.engine().Policy(world.From(), Value(of_alice)->continuation_token);
  EXPECT_EQ(Value(policy)->min_length, 15) << "that of everybody";
  const auto passed = world.engine().Continue(world.From(), Value(of_alice)->continuation_token,
                                              MethodKind::kEmailCode, Hidden(code));
  ASSERT_EQ(Outcome(passed), "second_gate_required");
  EXPECT_EQ(RefusalIn(passed)->gates->required, 2);
  const auto plain = world.OpenEmail("bob");
  EXPECT_EQ(Outcome(world.engine().Continue(world.From(), plain, MethodKind::kEmailCode,
                                            Hidden(world.LastCode("bob@example.org")))),
            "ok");
}

TEST_F(AudienceTest, AdministratorWhoResets_IsReportedToTheOthers) {
  world.SetPolicy("administrators.groups", "admins");
  world.SetPolicy("helpdesk.text", "Call 4711.");
  world.SetPolicy("helpdesk.url", "https://help.example.org/");
  world.AddUser("carol");
  for (const char* name : {"alice", "bob"}) {
    ASSERT_TRUE(world.admin().SetGroups(name, "admins").ok());
  }
  world.AddApp("alice");
  const auto opened = world.Open("alice", MethodKind::kEmailCode);
  const auto first =
      world.engine().Continue(world.From(), Value(opened)->continuation_token,
                              MethodKind::kEmailCode, Hidden(world.LastCode("alice@example.org")));
  const auto app =
      world.OpenNext(RefusalIn(first)->continuation_token, MethodKind::kAuthenticatorCode);
  const auto second =
      world.engine().Continue(world.From(), Value(app)->continuation_token,
                              MethodKind::kAuthenticatorCode, Hidden(world.AppCode("alice")));
  ASSERT_EQ(Outcome(second), "ok");
  EXPECT_EQ(Value(second)->policy.min_length, 8) << "two proofs";
  const std::size_t before = world.Mails().size();
  ASSERT_EQ(Outcome(world.engine().Submit(world.From(), Value(second)->continuation_token,
                                          Hidden(kNewPassword), "")),
            "ok");
  const std::vector<SentMail> mails = world.Mails();
  ASSERT_EQ(mails.size(), before + 2);
  EXPECT_EQ(mails[before].to, "alice@example.org");
  EXPECT_NE(mails[before].text.find("Call 4711. https://help.example.org/"), std::string::npos);
  EXPECT_EQ(mails[before + 1].to, "bob@example.org");
  EXPECT_NE(mails[before + 1].text.find("administrator alice"), std::string::npos);
}

TEST_F(AudienceTest, ForecastNamesWhoWouldBeStranded_AndChangesNothing) {
  world.AddApp("alice");
  const auto forecast = world.admin().SimulatePolicy("required_gates", "2");
  ASSERT_TRUE(forecast.ok());
  EXPECT_EQ(forecast->users, 2);
  EXPECT_EQ(forecast->able_now, 2);
  EXPECT_EQ(forecast->able_then, 1);
  EXPECT_EQ(forecast->stranded, std::vector<std::string>{"bob"});
  EXPECT_EQ(world.admin().GetPolicy("required_gates")->value, "1");
  EXPECT_FALSE(world.admin().SimulatePolicy("required_gates", "9").ok());
}

TEST_F(AudienceTest, HistoryHasEveryChange_NewestFirst) {
  world.SetPolicy("required_gates", "2");
  world.SetPolicy("required_gates", "1");
  const auto history = world.admin().PolicyHistory();
  ASSERT_TRUE(history.ok());
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ(history->at(0).version, 2);
  EXPECT_EQ(history->at(0).old_value, "2");
  EXPECT_EQ(history->at(0).new_value, "1");
  EXPECT_EQ(history->at(1).old_value, "") << "the default";
  EXPECT_EQ(history->at(1).at, world.clock().Now());
}

TEST_F(AudienceTest, CampaignCountsWhoCanReset) {
  ASSERT_TRUE(
      world.admin()
          .AddUser({.username = "bare", .display_name = {}, .local_account = {}, .language = {}})
          .ok());
  auto report = world.admin().ReportCampaign();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->users, 3);
  EXPECT_EQ(report->in_scope, 3);
  EXPECT_EQ(report->registered, 2);
  EXPECT_EQ(report->to_confirm, 0);
  EXPECT_EQ(report->missing, std::vector<std::string>{"bare"});
  world.clock().Advance(181 * 24 * 3600);
  EXPECT_EQ(world.admin().ReportCampaign()->to_confirm, 2);
  world.SetPolicy("registration.reconfirm_days", "0");
  EXPECT_EQ(world.admin().ReportCampaign()->to_confirm, 0);
}

}  // namespace
}  // namespace sspr::service
