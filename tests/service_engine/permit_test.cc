// SPDX-License-Identifier: Apache-2.0
// Resets that also set a local password: the permit, the state of a transaction, going on after a
// cut, and a service that dies in the middle.
#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

const std::string kCommitment(32, 'c');
const std::string kResumeKey(32, 'k');

class PermitTest : public testing::Test {
 protected:
  PermitTest() { world.AddUser("alice"); }

  StartRequest AtTheMachine(const std::string& name = "alice") {
    StartRequest request = world.For(name);
    request.local_set = world.SetAt('d');
    request.resume_key = kResumeKey;
    return request;
  }
  StartReply Start(const StartRequest& request) {
    const auto started = world.engine().Start(world.From(), request);
    EXPECT_EQ(Outcome(started), "ok");
    return *Value(started);
  }
  std::string Challenge(const std::string& token) {
    const auto opened = world.engine().Challenge(world.From(), token, "");
    EXPECT_EQ(Outcome(opened), "ok");
    return Value(opened)->continuation_token;
  }
  Reply<ContinueReply> Enter(const std::string& token) {
    return world.engine().Continue(world.From(), token, MethodKind::kEmailCode,
                                   Hidden(world.LastCode("alice@example.org")));
  }
  // A flow at the machine with the gate behind it; its start and the token for /submit.
  std::pair<StartReply, std::string> ProveAtTheMachine(const StartRequest& request) {
    const StartReply start = Start(request);
    const auto passed = Enter(Challenge(start.continuation_token));
    EXPECT_EQ(Outcome(passed), "ok");
    return {start, Value(passed)->continuation_token};
  }
  Reply<SubmitReply> Submit(const std::string& token, const std::string& commitment = kCommitment) {
    return world.engine().Submit(world.From(), token, Hidden(kNewPassword), commitment);
  }
  TransactionReply Ask(const std::string& transaction_id) {
    const auto reply = world.engine().Transaction(world.From(), transaction_id);
    EXPECT_EQ(Outcome(reply), "ok");
    return *Value(reply);
  }
  Permit Verified(const std::string& bytes) {
    const Result<VerifyingKey> key = world.permit_key.Public();
    const Result<Permit> permit = VerifyPermit(*key, bytes);
    EXPECT_TRUE(permit.ok());
    return permit.ok() ? *permit : Permit{};
  }

  EngineWorld world;
};

TEST_F(PermitTest, SaysWhatWasVerified_AndNothingElse) {
  const auto [start, token] = ProveAtTheMachine(AtTheMachine());
  const auto done = Submit(token);
  ASSERT_EQ(Outcome(done), "ok");
  const Permit permit = Verified(Value(done)->permit);
  EXPECT_EQ(permit.operation, PermitOperation::kReset);
  EXPECT_EQ(permit.key_id, 7);
  EXPECT_EQ(permit.account, "alice");
  EXPECT_EQ(View(permit.device_id), std::string(32, 'd'));
  EXPECT_EQ(View(permit.nonce), std::string(32, 'n'));
  EXPECT_EQ(View(permit.commitment), kCommitment);
  EXPECT_EQ(View(permit.transaction_id), start.transaction_id);
  EXPECT_EQ(permit.issued_at, world.clock().Now());
  EXPECT_EQ(permit.expires_at, world.clock().Now() + 600);
}

TEST_F(PermitTest, IsGivenAgainForADay_FreshlyDated) {
  const auto [start, token] = ProveAtTheMachine(AtTheMachine());
  ASSERT_EQ(Outcome(Submit(token)), "ok");
  world.Restart();
  world.clock().Advance(23 * 3600);
  const TransactionReply reply = Ask(start.transaction_id);
  EXPECT_EQ(reply.status, TransactionStatus::kSucceeded);
  const Permit permit = Verified(reply.permit);
  EXPECT_EQ(permit.issued_at, world.clock().Now());
  EXPECT_EQ(View(permit.nonce), std::string(32, 'n'));
  EXPECT_EQ(View(permit.commitment), kCommitment);
  world.clock().Advance(2 * 3600);
  EXPECT_EQ(Ask(start.transaction_id).status, TransactionStatus::kNone);
}

TEST_F(PermitTest, AccountThatIsNotTheUsers_IsRefusedBeforeAnythingIsSet) {
  ASSERT_TRUE(world.admin().SetLocalAccount("alice", "asmith").ok());
  EXPECT_EQ(Outcome(Submit(ProveAtTheMachine(AtTheMachine()).second)), "invalid_request");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
  StartRequest request = AtTheMachine();
  request.local_set->account = "asmith";
  request.resume_key.clear();
  const auto done = Submit(ProveAtTheMachine(request).second);
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_EQ(Verified(Value(done)->permit).account, "asmith");
}

TEST_F(PermitTest, CommitmentIsNeededWithALocalSet_AndRefusedWithoutOne) {
  const std::string token = ProveAtTheMachine(AtTheMachine()).second;
  EXPECT_EQ(Outcome(Submit(token, "")), "invalid_request");
  EXPECT_EQ(Outcome(Submit(token, "short")), "invalid_request");
  EXPECT_EQ(Outcome(Submit(world.Prove("alice"), kCommitment)), "invalid_request");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
  EXPECT_EQ(Outcome(Submit(token)), "ok");
}

// An account of the directory, of which the machine has no password.
const std::string kNoPassword(32, '\0');

TEST_F(PermitTest, CommitmentOfZeroes_GivesAPermitToUnlock) {
  const auto [start, token] = ProveAtTheMachine(AtTheMachine());
  const auto done = Submit(token, kNoPassword);
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_TRUE(world.CanSignIn("alice", kNewPassword));
  for (const std::string& bytes : {Value(done)->permit, Ask(start.transaction_id).permit}) {
    const Permit permit = Verified(bytes);
    EXPECT_EQ(permit.operation, PermitOperation::kUnlock);
    EXPECT_EQ(permit.account, "alice");
    EXPECT_EQ(View(permit.device_id), std::string(32, 'd'));
    EXPECT_EQ(View(permit.nonce), std::string(32, 'n'));
    EXPECT_EQ(View(permit.commitment), kNoPassword);
  }
}

TEST_F(PermitTest, CommitmentOfZeroes_ForAnotherAccountSetsThePasswordAndPermitsNothing) {
  StartRequest request = AtTheMachine();
  request.local_set->account = "bob";
  const auto [start, token] = ProveAtTheMachine(request);
  const auto done = Submit(token, kNoPassword);
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_EQ(Value(done)->permit, "");
  EXPECT_EQ(Ask(start.transaction_id).permit, "");
  EXPECT_TRUE(world.CanSignIn("alice", kNewPassword));
}

TEST_F(PermitTest, CommitmentOfZeroes_AfterARefusedPasswordIsTakenAgain) {
  StartRequest request = AtTheMachine();
  request.local_set->account = "bob";
  const std::string token = ProveAtTheMachine(request).second;
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), token, Hidden("short"), kNoPassword)),
            "password_too_short");
  EXPECT_EQ(Outcome(Submit(token, kNoPassword)), "ok");
}

TEST_F(PermitTest, LocalSetMustBeWellFormed) {
  for (const LocalSet& bad :
       {LocalSet{.account = "al/ice", .device_id = std::string(32, 'd'), .nonce = kResumeKey},
        LocalSet{.account = "", .device_id = std::string(32, 'd'), .nonce = kResumeKey},
        LocalSet{.account = "alice", .device_id = "short", .nonce = kResumeKey},
        LocalSet{.account = "alice", .device_id = std::string(32, 'd'), .nonce = ""},
        LocalSet{.account = std::string(65, 'a'),
        .device_id = std::string(32, 'd'),
        .nonce = kResumeKey}}) {
    StartRequest request = world.For("alice");
    request.local_set = bad;
    EXPECT_EQ(Outcome(world.engine().Start(world.From(), request)), "invalid_request");
  }
}

TEST_F(PermitTest, ParallelSubmits_OneIsBegun) {
  const auto [start, token] = ProveAtTheMachine(AtTheMachine());
  ASSERT_EQ(Outcome(Submit(token)), "ok");
  EXPECT_EQ(Outcome(Submit(token)), "invalid_request");
  EXPECT_EQ(world.admin().ShowUser("alice")->password_changed_at, world.clock().Now());
}

TEST_F(PermitTest, QuestionBeforeTheSubmit_VoidsIt) {
  const auto [start, token] = ProveAtTheMachine(AtTheMachine());
  EXPECT_EQ(Ask(start.transaction_id).status, TransactionStatus::kFailed);
  EXPECT_EQ(Outcome(Submit(token)), "expired_token");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
  EXPECT_EQ(Ask(start.transaction_id).status, TransactionStatus::kFailed);
}

TEST_F(PermitTest, TransactionOfNobodyOrOfAnotherClient_IsNone) {
  EXPECT_EQ(Ask(std::string(16, 'x')).status, TransactionStatus::kNone);
  EXPECT_EQ(Ask("").status, TransactionStatus::kNone);
  const auto [start, token] = ProveAtTheMachine(AtTheMachine());
  const auto foreign =
      world.engine().Transaction(world.From("192.0.2.1", kOpenClient), start.transaction_id);
  EXPECT_EQ(Value(foreign)->status, TransactionStatus::kNone);
  EXPECT_EQ(Outcome(Submit(token)), "ok") << "and it voids nothing";
  EXPECT_EQ(Outcome(world.engine().Transaction(world.From("192.0.2.1", "unknown"), "")),
            "invalid_client");
}

TEST_F(PermitTest, CutOffWhileTheCodeIsOut_GoesOnWithTheSameCode) {
  const StartReply first = Start(AtTheMachine());
  const std::string old_token = Challenge(first.continuation_token);
  world.clock().Advance(60);
  const StartReply second = Start(AtTheMachine());
  EXPECT_TRUE(second.resumed);
  EXPECT_NE(second.transaction_id, first.transaction_id);
  ASSERT_TRUE(second.live_challenge.has_value());
  EXPECT_EQ(second.live_challenge->continuation_token, second.continuation_token);
  EXPECT_EQ(second.live_challenge->code_length, 8);
  EXPECT_EQ(world.CodesSent(), 1U);
  EXPECT_EQ(Outcome(Enter(old_token)), "invalid_token") << "what was issued before is dead";
  const auto passed = Enter(second.continuation_token);
  ASSERT_EQ(Outcome(passed), "ok");
  EXPECT_EQ(Ask(first.transaction_id).status, TransactionStatus::kFailed);
  const auto done = Submit(Value(passed)->continuation_token);
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_EQ(View(Verified(Value(done)->permit).transaction_id), second.transaction_id);
}

TEST_F(PermitTest, CutOffAfterTheGate_GoesOn_WithTheNewNonce) {
  ProveAtTheMachine(AtTheMachine());
  world.clock().Advance(119);
  StartRequest request = AtTheMachine();
  request.local_set->nonce = std::string(32, 'm');
  const StartReply again = Start(request);
  EXPECT_TRUE(again.resumed);
  EXPECT_EQ(again.gates.completed, 1);
  const auto done = Submit(again.continuation_token);
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_EQ(View(Verified(Value(done)->permit).nonce), std::string(32, 'm'));
}

TEST_F(PermitTest, CutOffLongerThanTwoMinutes_TheGateCountsNoMore) {
  ProveAtTheMachine(AtTheMachine());
  world.clock().Advance(121);
  const StartReply again = Start(AtTheMachine());
  EXPECT_TRUE(again.resumed);
  EXPECT_EQ(again.gates.completed, 0);
  EXPECT_FALSE(again.live_challenge.has_value());
  EXPECT_EQ(Outcome(Submit(again.continuation_token)), "invalid_request");
}

TEST_F(PermitTest, FlowIsResumedByNobodyElse) {
  const StartReply first = Start(AtTheMachine());
  Challenge(first.continuation_token);
  StartRequest other_key = AtTheMachine();
  other_key.resume_key = std::string(32, 'x');
  EXPECT_FALSE(Start(other_key).resumed);
  StartRequest other_device = AtTheMachine();
  other_device.local_set = world.SetAt('e');
  EXPECT_FALSE(Start(other_device).resumed);
  StartRequest no_device = AtTheMachine();
  no_device.local_set.reset();
  EXPECT_FALSE(Start(no_device).resumed);
  world.AddUser("bob");
  EXPECT_FALSE(Start(AtTheMachine("bob")).resumed);
  const auto other_client =
      world.engine().Start(world.From("192.0.2.1", kOpenClient), AtTheMachine());
  EXPECT_FALSE(Value(other_client)->resumed);
  StartRequest bad_key = AtTheMachine();
  bad_key.resume_key = "short";
  EXPECT_EQ(Outcome(world.engine().Start(world.From(), bad_key)), "invalid_request");
}

TEST_F(PermitTest, FinishedFlowIsNotResumed_NorOneThatIsTooOld) {
  ASSERT_EQ(Outcome(Submit(ProveAtTheMachine(AtTheMachine()).second)), "ok");
  EXPECT_FALSE(Start(AtTheMachine()).resumed);
  world.clock().Advance(301);
  EXPECT_FALSE(Start(AtTheMachine()).resumed);
}

// The two halves of a crash between "pending" and "succeeded", made by putting the database back
// into the state that the crash would have left.
TEST_F(PermitTest, DiedBeforeThePasswordWasSet_IsFailed_AndItNeverIsSet) {
  const auto [start, token] = ProveAtTheMachine(AtTheMachine());
  ASSERT_EQ(Outcome(Submit(token)), "ok");
  {
    soci::session sql(soci::sqlite3, "dbname=" + world.settings().database);
    sql << "UPDATE transactions SET state = 1";
    sql << "DELETE FROM directory_changes";
  }
  world.Restart();
  const TransactionReply reply = Ask(start.transaction_id);
  EXPECT_EQ(reply.status, TransactionStatus::kFailed);
  EXPECT_TRUE(reply.permit.empty());
}

TEST_F(PermitTest, DiedAfterThePasswordWasSet_IsSucceeded_AndTheUserIsTold) {
  const auto [start, token] = ProveAtTheMachine(AtTheMachine());
  ASSERT_EQ(Outcome(Submit(token)), "ok");
  const std::size_t mails = world.Mails().size();
  {
    soci::session sql(soci::sqlite3, "dbname=" + world.settings().database);
    sql << "UPDATE transactions SET state = 1";
  }
  world.Restart();
  const TransactionReply reply = Ask(start.transaction_id);
  EXPECT_EQ(reply.status, TransactionStatus::kSucceeded);
  EXPECT_EQ(Verified(reply.permit).account, "alice");
  EXPECT_EQ(world.Mails().size(), mails + 1);
}

TEST_F(PermitTest, WithoutASigningKey_LocalSetsAreRefused_AndOthersWork) {
  EngineSettings settings = world.settings();
  settings.permit_key_file.clear();
  const auto foundation = LayFoundation(settings, {.clock = &world.clock(),
                                                   .deliver = [](Delivery) { return true; },
                                                   .log = [](std::string_view) {}});
  ASSERT_TRUE(foundation.ok());
  const auto keyless = MakeFlows(**foundation);
  ASSERT_TRUE(keyless.ok());
  const std::string token = ProveAtTheMachine(AtTheMachine()).second;
  EXPECT_EQ(Outcome((*keyless)->Submit(world.From(), token, Hidden(kNewPassword), kCommitment)),
            "invalid_request");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
}

}  // namespace
}  // namespace sspr::service
