// SPDX-License-Identifier: Apache-2.0
// The help desk: a caller is proved, then served; nobody serves themselves; administrators'
// accounts need four eyes.
#include <gtest/gtest.h>

#include <thread>

#include "tests/operators/operator_world.h"

namespace sspr::service {
namespace {

class OperatorDeskTest : public testing::Test {
 protected:
  OperatorDeskTest() {
    world.SetPolicy("methods.temporary_pass", "on");
    world.SetPolicy("administrators.groups", "it");
    world.AddUser("alice@example.org");
    world.AddUser("boss@example.org");
    EXPECT_TRUE(world.admin().SetGroups("boss@example.org", "it").ok());
    world.AddUser("hal@example.org");
    world.Enrol("hal", OperatorRole::kHelpDesk);
    world.Enrol("olga", OperatorRole::kAdmin);
    world.Enrol("otto", OperatorRole::kAdmin, "boss@example.org");
    world.Enrol("anna", OperatorRole::kAuditor);
  }
  std::string EmailOf(OperatorDesk& desk, const std::string& user) {
    const auto methods = desk.CallerMethods(user);
    return methods.ok() && !methods->empty() ? methods->front().id : std::string();
  }
  // The six digits that the last mail begins with.
  std::string CodeIn(const std::string& address) {
    const auto mails = world.Mails();
    for (auto mail = mails.rbegin(); mail != mails.rend(); ++mail) {
      if (mail->to == address && mail->text.find("help desk, for") != std::string::npos) {
        return mail->text.substr(0, 6);
      }
    }
    return {};
  }
  OperatorWorld world;
};

TEST_F(OperatorDeskTest, ACallerIsProvedByACode_AndGetsAPassThatResets) {
  OperatorDesk desk = world.Desk("hal");
  EXPECT_EQ(desk.IssuePass("alice@example.org", "").error().code, Errc::kPolicy);
  ASSERT_TRUE(desk.BeginProof("alice@example.org", EmailOf(desk, "alice@example.org")).ok());
  EXPECT_EQ(desk.CheckProof("alice@example.org", Hidden("000000")).error().code, Errc::kDenied);
  EXPECT_FALSE((*desk.Proof("alice@example.org"))->proved);
  ASSERT_TRUE(desk.CheckProof("alice@example.org", Hidden(CodeIn("alice@example.org"))).ok());
  EXPECT_TRUE((*desk.Proof("alice@example.org"))->proved);
  const auto answer = desk.IssuePass("alice@example.org", "");
  ASSERT_TRUE(answer.ok());
  const auto* pass = std::get_if<TemporaryPass>(&*answer);
  ASSERT_NE(pass, nullptr);

  const auto opened = world.Open("alice@example.org", MethodKind::kTemporaryPass);
  ASSERT_NE(Value(opened), nullptr);
  const auto proved =
      world.engine().Continue(world.From(), Value(opened)->continuation_token,
                              MethodKind::kTemporaryPass, Hidden(pass->pass.Reveal()));
  EXPECT_EQ(Outcome(proved), "ok");
  EXPECT_EQ(desk.IssuePass("alice@example.org", "").error().code, Errc::kPolicy)
      << "a proof serves once";
  EXPECT_NE(world.AuditText().find("operator: hal; proof: code by email"), std::string::npos);
  EXPECT_EQ(world.AuditText().find(pass->pass.Reveal()), std::string::npos);
  EXPECT_EQ(world.Mails().back().to, "alice@example.org") << "and she is told";
  EXPECT_NE(world.Mails().back().subject.find("temporary pass"), std::string::npos);
}

TEST_F(OperatorDeskTest, AnotherWayToProveIsWrittenDown) {
  OperatorDesk desk = world.Desk("hal");
  EXPECT_EQ(desk.IssuePass("alice@example.org", "two\nlines").error().code, Errc::kPolicy);
  const auto answer = desk.IssuePass("alice@example.org", "identity card seen");
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(world.AuditText().find("proof: identity card seen"), std::string::npos);
}

TEST_F(OperatorDeskTest, FiveWrongCodesEndTheProof_AndCountAgainstTheMethod) {
  OperatorDesk desk = world.Desk("hal");
  const std::string method = EmailOf(desk, "alice@example.org");
  ASSERT_TRUE(desk.BeginProof("alice@example.org", method).ok());
  const std::string right = CodeIn("alice@example.org");
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      OperatorDesk other = world.Desk("hal");
      EXPECT_FALSE(other.CheckProof("alice@example.org", Hidden("000000")).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(desk.CheckProof("alice@example.org", Hidden(right)).ok());
  EXPECT_FALSE(desk.BeginProof("alice@example.org", method).ok()) << "five in an hour";
}

TEST_F(OperatorDeskTest, ACodeGrowsOld_AndSoDoesTheProof) {
  OperatorDesk desk = world.Desk("hal");
  ASSERT_TRUE(desk.BeginProof("alice@example.org", EmailOf(desk, "alice@example.org")).ok());
  world.clock().Advance(6 * 60);
  EXPECT_FALSE(desk.CheckProof("alice@example.org", Hidden(CodeIn("alice@example.org"))).ok());
  ASSERT_TRUE(desk.BeginProof("alice@example.org", EmailOf(desk, "alice@example.org")).ok());
  ASSERT_TRUE(desk.CheckProof("alice@example.org", Hidden(CodeIn("alice@example.org"))).ok());
  world.clock().Advance(16 * 60);
  EXPECT_EQ(desk.IssuePass("alice@example.org", "").error().code, Errc::kPolicy);
}

TEST_F(OperatorDeskTest, TheCodeOfOneOperatorIsNotAnothers_NorOfAnotherCaller) {
  OperatorDesk hal = world.Desk("hal");
  OperatorDesk olga = world.Desk("olga");
  ASSERT_TRUE(hal.BeginProof("alice@example.org", EmailOf(hal, "alice@example.org")).ok());
  const Secret code = Hidden(CodeIn("alice@example.org"));
  EXPECT_FALSE(olga.CheckProof("alice@example.org", code).ok());
  EXPECT_FALSE(hal.CheckProof("boss@example.org", code).ok());
  EXPECT_TRUE(hal.CheckProof("alice@example.org", code).ok());
  EXPECT_EQ(olga.IssuePass("alice@example.org", "").error().code, Errc::kPolicy);
}

TEST_F(OperatorDeskTest, AnAppsCodeProvesOnce_AndIsSpentForAReset) {
  world.AddApp("alice@example.org");
  OperatorDesk desk = world.Desk("hal");
  std::string app;
  const auto methods = desk.CallerMethods("alice@example.org");
  for (const CallerMethod& method : *methods) {
    if (method.kind == MethodKind::kAuthenticatorCode) app = method.id;
  }
  ASSERT_TRUE(desk.BeginProof("alice@example.org", app).ok());
  const std::string code = world.AppCode("alice@example.org");
  ASSERT_TRUE(desk.CheckProof("alice@example.org", Hidden(code)).ok());
  ASSERT_TRUE(desk.BeginProof("alice@example.org", app).ok());
  EXPECT_FALSE(desk.CheckProof("alice@example.org", Hidden(code)).ok());
}

TEST_F(OperatorDeskTest, NobodyServesThemselves) {
  OperatorDesk hal = world.Desk("hal");  // hal@example.org is the same name
  EXPECT_EQ(hal.IssuePass("hal@example.org", "it is me").error().code, Errc::kDenied);
  EXPECT_EQ(hal.Unlock("hal@example.org").error().code, Errc::kDenied);
  EXPECT_EQ(hal.BeginProof("hal@example.org", "x").error().code, Errc::kDenied);
  OperatorDesk otto = world.Desk("otto");  // by the person who is named
  EXPECT_EQ(otto.AddEmail("boss@example.org", "x@example.net").error().code, Errc::kDenied);
  EXPECT_EQ(otto.SetEnabled("boss@example.org", false).error().code, Errc::kDenied);
  EXPECT_EQ(otto.SetGroups("boss@example.org", "").error().code, Errc::kDenied);
}

TEST_F(OperatorDeskTest, APassForAnAdministratorIsApprovedByAnotherOperator) {
  OperatorDesk hal = world.Desk("hal");
  OperatorDesk olga = world.Desk("olga");
  OperatorDesk otto = world.Desk("otto");
  OperatorDesk anna = world.Desk("anna");
  const auto answer = hal.IssuePass("boss@example.org", "called back on the known number");
  ASSERT_TRUE(answer.ok());
  const auto* asked = std::get_if<AskedFor>(&*answer);
  ASSERT_NE(asked, nullptr);
  const std::string id = asked->request_id;
  EXPECT_FALSE(hal.CarryOut(id).ok()) << "before the approval";
  EXPECT_EQ(hal.Decide(id, true).error().code, Errc::kDenied) << "no administrator";
  EXPECT_EQ(anna.Decide(id, true).error().code, Errc::kDenied);
  EXPECT_EQ(otto.Decide(id, true).error().code, Errc::kDenied) << "it is about him";
  ASSERT_TRUE(olga.Decide(id, true).ok());
  EXPECT_FALSE(olga.Decide(id, false).ok()) << "decided once";
  EXPECT_FALSE(olga.CarryOut(id).ok()) << "she did not ask";
  const auto done = hal.CarryOut(id);
  ASSERT_TRUE(done.ok());
  EXPECT_NE(std::get_if<TemporaryPass>(&*done), nullptr);
  EXPECT_FALSE(hal.CarryOut(id).ok()) << "carried out once";
  EXPECT_NE(world.AuditText().find("approved by: olga"), std::string::npos);
}

TEST_F(OperatorDeskTest, NobodyApprovesTheirOwnRequest_AndOldOnesAreVoid) {
  OperatorDesk olga = world.Desk("olga");
  const auto answer = olga.IssuePass("boss@example.org", "seen");
  const std::string id = std::get<AskedFor>(*answer).request_id;
  EXPECT_EQ(olga.Decide(id, true).error().code, Errc::kDenied);
  world.Enrol("oscar", OperatorRole::kAdmin);
  world.clock().Advance(1 * 3600);
  EXPECT_EQ(world.Desk("oscar").Decide(id, true).error().code, Errc::kDenied);
}

TEST_F(OperatorDeskTest, WhatWouldLeadAroundTheFourEyesNeedsThemToo) {
  OperatorDesk olga = world.Desk("olga");
  EXPECT_TRUE(std::holds_alternative<AskedFor>(*olga.AddEmail("boss@example.org", "e@evil.test")));
  EXPECT_TRUE(std::holds_alternative<AskedFor>(
      *olga.AddPhone("boss@example.org", MethodKind::kSmsCode, "+491701234567")));
  EXPECT_TRUE(std::holds_alternative<AskedFor>(*olga.SetGroups("boss@example.org", "")));
  EXPECT_TRUE(std::holds_alternative<AskedFor>(*olga.SetGroups("alice@example.org", "it")));
  EXPECT_TRUE(std::holds_alternative<AskedFor>(
      *olga.AddOperator({.name = "eve", .role = OperatorRole::kAdmin})));
  EXPECT_EQ(olga.SetRole("hal", OperatorRole::kAdmin).error().code, Errc::kDenied);
  EXPECT_EQ(olga.Reinvite("otto").error().code, Errc::kDenied);
  EXPECT_EQ(world.admin().ShowUser("boss@example.org")->groups, "it");
  EXPECT_EQ(world.admin().ListMethods("boss@example.org")->size(), 1U);
  EXPECT_EQ(world.Accounts().List()->size(), 4U);

  world.Enrol("oscar", OperatorRole::kAdmin);
  OperatorDesk oscar = world.Desk("oscar");
  const auto requests = oscar.Requests();
  ASSERT_EQ(requests->size(), 5U);
  for (const OperatorRequestRecord& request : *requests) {
    ASSERT_TRUE(oscar.Decide(request.id, true).ok());
    ASSERT_TRUE(olga.CarryOut(request.id).ok()) << request.detail;
  }
  EXPECT_EQ(world.admin().ShowUser("boss@example.org")->groups, "");
  EXPECT_EQ(world.admin().ListMethods("boss@example.org")->size(), 3U);
  EXPECT_EQ(world.Accounts().Show("eve")->role, OperatorRole::kAdmin);
}

TEST_F(OperatorDeskTest, OtherUsersAreChangedAtOnce_AndToldAtEveryAddress) {
  OperatorDesk olga = world.Desk("olga");
  ASSERT_TRUE(olga.AddEmail("alice@example.org", "new@example.net").ok());
  EXPECT_EQ(world.Mails().back().to, "alice@example.org") << "the old address";
  const auto methods = *world.admin().ListMethods("alice@example.org");
  ASSERT_EQ(methods.size(), 2U);
  const std::size_t before = world.Mails().size();
  ASSERT_TRUE(olga.RemoveMethod("alice@example.org", methods[0].id).ok());
  EXPECT_EQ(world.Mails().size(), before + 2) << "also at the address that is gone";
  EXPECT_TRUE(olga.SetEnabled("alice@example.org", false).ok());
  EXPECT_TRUE(olga.SetRisk("alice@example.org", RiskLevel::kHigh, "seen elsewhere").ok());
  EXPECT_NE(world.AuditText().find("\"operator\":\"olga\""), std::string::npos);
}

TEST_F(OperatorDeskTest, RolesAreHeldTo_AndARefusalIsAudited) {
  OperatorDesk anna = world.Desk("anna");
  OperatorDesk hal = world.Desk("hal");
  for (OperatorDesk* desk : {&anna, &hal}) {
    EXPECT_EQ(desk->SetEnabled("alice@example.org", false).error().code, Errc::kDenied);
    EXPECT_EQ(desk->AddEmail("alice@example.org", "x@example.net").error().code, Errc::kDenied);
    EXPECT_EQ(desk->RemoveMethod("alice@example.org", "x").error().code, Errc::kDenied);
    EXPECT_EQ(desk->SetGroups("alice@example.org", "it").error().code, Errc::kDenied);
    EXPECT_EQ(desk->SetRisk("alice@example.org", RiskLevel::kLow, "").error().code, Errc::kDenied);
    EXPECT_FALSE(desk->For(OperatorAction::kChangePolicy).ok());
    EXPECT_FALSE(desk->Accounts(OperatorAction::kChangeOperators).ok());
    EXPECT_FALSE(desk->AddOperator({.name = "eve", .role = OperatorRole::kAuditor}).ok());
  }
  EXPECT_EQ(anna.IssuePass("alice@example.org", "seen").error().code, Errc::kDenied);
  EXPECT_EQ(anna.Unlock("alice@example.org").error().code, Errc::kDenied);
  EXPECT_EQ(anna.CallerMethods("alice@example.org").error().code, Errc::kDenied);
  EXPECT_TRUE(hal.Unlock("alice@example.org").ok());
  EXPECT_NE(world.AuditText().find("\"event\":\"operator.action\""), std::string::npos);
}

}  // namespace
}  // namespace sspr::service
