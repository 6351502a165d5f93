// SPDX-License-Identifier: Apache-2.0
// Whole resets: with one gate and with two, and what the end of one does to everything else.
#include <gtest/gtest.h>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class ResetTest : public testing::Test {
 protected:
  EngineWorld world;
};

TEST_F(ResetTest, OneGate_SetsThePassword_AndTheOldOneFails) {
  world.AddUser("alice");
  ASSERT_TRUE(world.CanSignIn("alice", kOldPassword));
  const auto done = world.Reset("alice", kNewPassword);
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_EQ(Value(done)->status, TransactionStatus::kSucceeded);
  EXPECT_TRUE(Value(done)->permit.empty());
  EXPECT_FALSE(world.CanSignIn("alice", kOldPassword));
  EXPECT_TRUE(world.CanSignIn("alice", kNewPassword));
}

TEST_F(ResetTest, CodeHasEightDigits_WhereItIsTheOnlyGate_AndSixBesideAnother) {
  world.AddUser("alice");
  world.AddApp("alice");
  world.OpenEmail("alice");
  EXPECT_EQ(world.LastCode("alice@example.org").size(), 8U);
  world.SetPolicy("required_gates", "2");
  world.OpenEmail("alice");
  EXPECT_EQ(world.LastCode("alice@example.org").size(), 6U);
}

TEST_F(ResetTest, TwoGates_AsksForTheOtherKind_AndThenTakesThePassword) {
  world.AddUser("alice");
  world.AddApp("alice");
  world.SetPolicy("required_gates", "2");
  const std::string token = world.OpenEmail("alice");
  const auto first = world.engine().Continue(world.From(), token, MethodKind::kEmailCode,
                                             Hidden(world.LastCode("alice@example.org")));
  ASSERT_EQ(Outcome(first), "second_gate_required");
  const Refusal& due = *RefusalIn(first);
  EXPECT_TRUE(due.extended);
  ASSERT_TRUE(due.gates.has_value());
  EXPECT_EQ(due.gates->completed, 1);
  EXPECT_EQ(due.gates->required, 2);
  ASSERT_EQ(due.gates->methods.size(), 1U);
  EXPECT_EQ(due.gates->methods[0].kind, MethodKind::kAuthenticatorCode);

  const auto opened = world.engine().Challenge(world.From(), due.continuation_token, "");
  ASSERT_EQ(Outcome(opened), "ok");
  EXPECT_EQ(Value(opened)->code_length, 6);
  const auto second =
      world.engine().Continue(world.From(), Value(opened)->continuation_token,
                              MethodKind::kAuthenticatorCode, Hidden(world.AppCode("alice")));
  ASSERT_EQ(Outcome(second), "ok");
  EXPECT_EQ(Value(second)->policy.min_length, 8);
  EXPECT_LE(Value(second)->expires_in_seconds, 600);
  const auto done = world.engine().Submit(world.From(), Value(second)->continuation_token,
                                          Hidden("Kraut8!q"), "");
  EXPECT_EQ(Outcome(done), "ok");
  EXPECT_TRUE(world.CanSignIn("alice", "Kraut8!q"));
}

TEST_F(ResetTest, TwoGates_ClientThatKnowsOne_IsRedirectedAfterTheFirst) {
  world.AddUser("alice");
  world.AddApp("alice");
  world.SetPolicy("required_gates", "2");
  const auto started = world.engine().Start(world.From(), world.For("alice", Capabilities{}));
  ASSERT_EQ(Outcome(started), "ok");
  const auto opened =
      world.engine().Challenge(world.From(), Value(started)->continuation_token, "");
  ASSERT_EQ(Outcome(opened), "ok");
  const auto first =
      world.engine().Continue(world.From(), Value(opened)->continuation_token,
                              MethodKind::kEmailCode, Hidden(world.LastCode("alice@example.org")));
  EXPECT_EQ(Outcome(first), "redirect");
}

TEST_F(ResetTest, WrongCode_KeepsTheToken_AndCountsDown) {
  world.AddUser("alice");
  const std::string token = world.OpenEmail("alice");
  const auto wrong =
      world.engine().Continue(world.From(), token, MethodKind::kEmailCode, Hidden("00000000"));
  ASSERT_EQ(Outcome(wrong), "wrong_code");
  EXPECT_EQ(RefusalIn(wrong)->attempts_left, 4);
  EXPECT_EQ(RefusalIn(wrong)->continuation_token, token);
  const auto right = world.engine().Continue(world.From(), token, MethodKind::kEmailCode,
                                             Hidden(world.LastCode("alice@example.org")));
  EXPECT_EQ(Outcome(right), "ok");
}

TEST_F(ResetTest, CodeWithSpacesAndHyphens_IsTaken_OtherCharactersAreNot) {
  world.AddUser("alice");
  const std::string token = world.OpenEmail("alice");
  const std::string code = world.LastCode("alice@example.org");
  for (const std::string& typed :
       {code + "0", code.substr(1), "+" + code.substr(1), std::string("1e5"), std::string(),
        std::string("\xEF\xBC\x91") + code.substr(1), std::string(400, '1')}) {
    const auto refused =
        world.engine().Continue(world.From(), token, MethodKind::kEmailCode, Hidden(typed));
    ASSERT_EQ(Outcome(refused), "wrong_code") << typed;
    EXPECT_EQ(RefusalIn(refused)->attempts_left, 5) << "nothing was compared";
  }
  const std::string typed = code.substr(0, 4) + " -" + code.substr(4);
  EXPECT_EQ(
      Outcome(world.engine().Continue(world.From(), token, MethodKind::kEmailCode, Hidden(typed))),
      "ok");
}

TEST_F(ResetTest, Success_TellsEveryAddress_AndTheNoticeHoldsNoSecret) {
  world.AddUser("alice");
  world.clock().Advance(1);
  ASSERT_TRUE(world.admin().AddEmail("alice", "second@example.net").ok());
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  std::vector<std::string> told;
  for (const SentMail& mail : world.Mails()) {
    if (mail.subject.find("changed") == std::string::npos) continue;
    told.push_back(mail.to);
    EXPECT_EQ(mail.text.find(kNewPassword), std::string::npos);
  }
  EXPECT_EQ(told, (std::vector<std::string>{"alice@example.org", "second@example.net"}));
}

TEST_F(ResetTest, Success_EndsTheUsersOtherFlowsAndCodes) {
  world.AddUser("alice");
  world.AddUser("bob");
  const std::string other = world.OpenEmail("alice");
  const std::string code = world.LastCode("alice@example.org");
  const std::string proved = world.Prove("alice");
  const std::string of_bob = world.OpenEmail("bob");
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  EXPECT_EQ(
      Outcome(world.engine().Continue(world.From(), other, MethodKind::kEmailCode, Hidden(code))),
      "expired_token");
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), proved, Hidden("another long one 42"), "")),
            "expired_token");
  EXPECT_EQ(Outcome(world.engine().Continue(world.From(), of_bob, MethodKind::kEmailCode,
                                            Hidden(world.LastCode("bob@example.org")))),
            "ok");
}

TEST_F(ResetTest, Poll_GivesATokenThatSignsInOnce_AndOnlyItsUser) {
  world.AddUser("alice");
  world.AddUser("bob");
  const auto done = world.Reset("alice", kNewPassword);
  ASSERT_EQ(Outcome(done), "ok");
  const auto polled = world.engine().Poll(world.From(), Value(done)->continuation_token);
  ASSERT_EQ(Outcome(polled), "ok");
  EXPECT_EQ(Value(polled)->status, TransactionStatus::kSucceeded);
  const std::string token = Value(polled)->continuation_token;
  EXPECT_NE(token, Value(done)->continuation_token);
  EXPECT_EQ(Outcome(world.engine().SignInWithContinuation(world.From(), token, "bob")),
            "invalid_request");
  const auto signed_in = world.engine().SignInWithContinuation(world.From(), token, "Alice");
  ASSERT_EQ(Outcome(signed_in), "ok");
  EXPECT_EQ(Value(signed_in)->username, "alice");
  EXPECT_EQ(Outcome(world.engine().SignInWithContinuation(world.From(), token, "alice")),
            "expired_token");
}

TEST_F(ResetTest, RejectedPassword_KeepsTheTokenForAnother) {
  world.AddUser("alice");
  const std::string token = world.Prove("alice");
  const auto submit = [&](std::string_view password) {
    return Outcome(world.engine().Submit(world.From(), token, Hidden(password), ""));
  };
  EXPECT_EQ(submit("too short"), "password_too_short");
  EXPECT_EQ(submit(std::string(257, 'x')), "password_too_long");
  EXPECT_EQ(submit("my name is Alice, really"), "password_too_weak");
  EXPECT_EQ(submit("another PERSON in the list"), "password_too_weak");
  EXPECT_EQ(submit("QwertyuiopAsdfgh"), "password_banned");
  EXPECT_EQ(submit("with a \x07 bell inside it"), "password_invalid");
  EXPECT_EQ(submit("decomposed e\xCC\x81 is not typed twice"), "password_invalid");
  EXPECT_EQ(submit(kOldPassword), "password_recently_used");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
  EXPECT_EQ(submit(kNewPassword), "ok");
}

TEST_F(ResetTest, PolicyIsReadAgainAtSubmit) {
  world.AddUser("alice");
  world.AddApp("alice");
  const std::string token = world.Prove("alice");
  world.SetPolicy("required_gates", "2");
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), token, Hidden(kNewPassword), "")),
            "expired_token");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
}

TEST_F(ResetTest, UserDisabledMeanwhile_IsRefusedAtSubmit_AndStaysDisabled) {
  world.AddUser("alice");
  const std::string token = world.Prove("alice");
  ASSERT_TRUE(world.admin().SetEnabled("alice", false).ok());
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), token, Hidden(kNewPassword), "")),
            "expired_token");
  EXPECT_FALSE(world.admin().ShowUser("alice")->enabled);
}

TEST_F(ResetTest, MethodRemovedMeanwhile_VoidsItsCode_AndItsGate) {
  world.AddUser("alice");
  world.clock().Advance(1);
  ASSERT_TRUE(world.admin().AddEmail("alice", "second@example.net").ok());
  const std::string first = world.admin().ListMethods("alice")->front().id;
  const std::string proved = world.Prove("alice");
  const std::string waiting = world.OpenEmail("alice");
  const std::string code = world.LastCode("alice@example.org");
  ASSERT_TRUE(world.admin().RemoveMethod("alice", first).ok());
  EXPECT_EQ(
      Outcome(world.engine().Continue(world.From(), waiting, MethodKind::kEmailCode, Hidden(code))),
      "wrong_code");
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), proved, Hidden(kNewPassword), "")),
            "expired_token");
}

TEST_F(ResetTest, PasswordChangedByTheAdministratorMeanwhile_EndsTheFlow) {
  world.AddUser("alice");
  const std::string token = world.Prove("alice");
  ASSERT_TRUE(world.admin().SetPassword("alice", Hidden("set by the administrator")).ok());
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), token, Hidden(kNewPassword), "")),
            "expired_token");
}

}  // namespace
}  // namespace sspr::service
