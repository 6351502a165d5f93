// SPDX-License-Identifier: Apache-2.0
// Unlocking an account without a new password: behind the same gates as a reset, and nothing more.
#include <gtest/gtest.h>

#include "common/permit/fixed_bytes.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class UnlockTest : public testing::Test {
 protected:
  UnlockTest() { world.AddUser("alice"); }

  void LockOut() {
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(world.CanSignIn("alice", "wrong"));
    EXPECT_FALSE(world.CanSignIn("alice", kOldPassword));
  }
  std::string Prove(std::optional<LocalSet> local_set = {}) {
    StartRequest request = world.For("alice", kEveryMethod);
    request.operation = Operation::kUnlock;
    request.local_set = std::move(local_set);
    const auto started = world.engine().Start(world.From(), request);
    const auto opened = world.OpenNext(Value(started)->continuation_token, MethodKind::kEmailCode);
    const auto passed = world.engine().Continue(world.From(), Value(opened)->continuation_token,
                                                MethodKind::kEmailCode,
                                                Hidden(world.LastCode("alice@example.org")));
    return Value(passed) != nullptr ? Value(passed)->continuation_token : Outcome(passed);
  }

  EngineWorld world;
};

TEST_F(UnlockTest, OpensSignInAgain_WithThePasswordAsItWas) {
  LockOut();
  const auto unlocked = world.engine().Unlock(world.From(), Prove());
  ASSERT_EQ(Outcome(unlocked), "ok");
  EXPECT_EQ(Value(unlocked)->status, TransactionStatus::kSucceeded);
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
  EXPECT_EQ(world.Mails().back().subject, "Your account was unlocked");
  EXPECT_NE(world.AuditText().find("unlock.finish"), std::string::npos);
}

TEST_F(UnlockTest, IsNoSignIn) {
  LockOut();
  const auto unlocked = world.engine().Unlock(world.From(), Prove());
  const auto polled = world.engine().Poll(world.From(), Value(unlocked)->continuation_token);
  ASSERT_EQ(Outcome(polled), "ok");
  EXPECT_EQ(Value(polled)->status, TransactionStatus::kSucceeded);
  EXPECT_EQ(Outcome(world.engine().SignInWithContinuation(
                world.From(), Value(polled)->continuation_token, "alice")),
            "invalid_request");
}

TEST_F(UnlockTest, SaysWhenThereIsNothingToUnlock_BehindTheGatesOnly) {
  const auto refused = world.engine().Unlock(world.From(), Prove());
  EXPECT_EQ(Outcome(refused), "account_not_locked");
  EXPECT_NE(RefusalIn(refused)->continuation_token, "");
  EXPECT_EQ(Outcome(world.engine().Unlock(world.From(), world.OpenEmail("alice"))),
            "invalid_request")
      << "before the gates";
}

TEST_F(UnlockTest, CanBeSwitchedOff) {
  LockOut();
  world.SetPolicy("unlock.enabled", "off");
  EXPECT_EQ(Outcome(world.engine().Unlock(world.From(), Prove())), "unlock_disabled");
  EXPECT_FALSE(world.CanSignIn("alice", kOldPassword));
}

TEST_F(UnlockTest, AndAReset_DoNotCross) {
  LockOut();
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), Prove(), Hidden(kNewPassword), "")),
            "invalid_request");
  EXPECT_EQ(Outcome(world.engine().Unlock(world.From(), world.Prove("alice"))), "invalid_request");
  EXPECT_FALSE(world.CanSignIn("alice", kNewPassword));
}

TEST_F(UnlockTest, OfAMachinesAccount_IsPermitted_AndSaysSo) {
  const auto unlocked = world.engine().Unlock(world.From(), Prove(world.SetAt('d')));
  ASSERT_EQ(Outcome(unlocked), "ok") << "whether it is locked is the machine's to know";
  const auto verifying = world.permit_key.Public();
  ASSERT_TRUE(verifying.ok());
  const auto permit = VerifyPermit(*verifying, Value(unlocked)->permit);
  ASSERT_TRUE(permit.ok());
  EXPECT_EQ(permit->operation, PermitOperation::kUnlock);
  EXPECT_EQ(permit->account, "alice");
}

}  // namespace
}  // namespace sspr::service
