// SPDX-License-Identifier: Apache-2.0
// Jobs between those who ask and agents that a test plays: order, retries, what is lost.
#include "service/writeback/job_hub.h"

#include <gtest/gtest.h>

#include <future>

#include "common/writeback/sealing.h"
#include "tests/writeback/hub_world.h"

namespace sspr::service {
namespace {

using std::chrono::milliseconds;

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

const std::string kFirst(64, 'a');
const std::string kSecond(64, 'b');
const JobTaker kTaker{.agent_id = kFirst, .session = std::string(32, '1'), .lane = 0};
const JobTaker kOther{.agent_id = kSecond, .session = std::string(32, '2'), .lane = 0};

class JobHubTest : public testing::Test {
 protected:
  JobHubTest() {
    auto first = SealingKey::Generate();
    auto second = SealingKey::Generate();
    key = std::make_unique<SealingKey>(std::move(*first));
    other_key = std::make_unique<SealingKey>(std::move(*second));
    world.Register(kFirst, *key);
    world.Register(kSecond, *other_key);
    world.hub().Start();
    (void)world.Ask(kTaker, std::nullopt, milliseconds(0));  // it was there
  }
  ~JobHubTest() override { world.hub().Stop(); }

  std::string Queue(const char* transaction, const char* user = "u1") {
    // One that is registered and was here: on one file only this process knows.
    keep = world.hub().Exchange(kIdle, std::nullopt);
    auto queued = world.hub().Queue({.kind = JobKind::kSet,
                                     .user_id = user,
                                     .transaction_id = transaction,
                                     .state_before = "before"},
                                    Hidden("the new password"));
    EXPECT_TRUE(queued.ok()) << queued.error().detail;
    keep.reset();
    return queued.ok() ? *queued : std::string();
  }
  WritebackAnswer Said(const WritebackJob& job, AnswerKind kind) {
    return {.job_id = job.id, .kind = kind};
  }
  JobState StateOf(const std::string& id) { return world.hub().jobs().Find(id)->state; }

  // It never takes the job: its client is gone at once, and asks again.
  const JobTaker kIdle{.agent_id = kFirst, .session = std::string(32, '1'), .lane = 9};
  HubWorld world;
  std::unique_ptr<SealingKey> key, other_key;
  std::shared_ptr<LaterBody> keep;
};

TEST_F(JobHubTest, PasswordRestsInTheOutboxSealed_AndIsGoneWhenItIsSet) {
  const std::string id = Queue("t1");
  const auto waiting = world.hub().jobs().Find(id);
  ASSERT_TRUE(waiting.has_value());
  EXPECT_NE(waiting->sealed.find(kFirst), std::string::npos);
  EXPECT_NE(waiting->sealed.find(kSecond), std::string::npos) << "any agent may do it";
  EXPECT_EQ(waiting->sealed.find("password"), std::string::npos);
  const auto job = world.Ask(kIdle, std::nullopt);
  ASSERT_TRUE(job.has_value());
  const auto sealed = BytesOfBase64Url(job->sealed);
  ASSERT_TRUE(sealed.has_value());
  const auto opened = Unseal(*key, kSealingInfo, SealingContext(*job, kFirst), *sealed);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->Reveal(), "the new password");
  (void)world.Ask(kIdle, Said(*job, AnswerKind::kDone), milliseconds(0));
  const auto over = world.hub().jobs().Find(id);
  EXPECT_EQ(over->state, JobState::kAnswered);
  EXPECT_EQ(over->sealed, "");
  EXPECT_EQ(world.directory->Settle("t1"), SetOutcome::kSet);
}

TEST_F(JobHubTest, JobThatTheAgentLost_IsGivenToItAgain_AndToAnotherOnlyToFindOut) {
  const std::string id = Queue("t1");
  auto job = world.Ask(kIdle, std::nullopt);
  ASSERT_TRUE(job.has_value());
  // The same thread asks, without an answer: what it was given it never had.
  job = world.Ask(kIdle, std::nullopt);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->id, id);
  EXPECT_FALSE(job->settle_only) << "its ledger knows whether it was done";
  // It never comes back.
  world.clock.Advance(40);
  world.hub().jobs().ReturnUnanswered(world.clock.Now() - 30, world.clock.Now());
  job = world.Ask(kOther, std::nullopt);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->id, id);
  EXPECT_TRUE(job->settle_only);
  EXPECT_EQ(job->given_at, FakeClock::kStart);
  // Nor does that one, once it lost it in its turn, or could not find out.
  job = world.Ask(kOther, std::nullopt);
  ASSERT_TRUE(job.has_value());
  EXPECT_TRUE(job->settle_only) << "the first one may have done it";
  (void)world.Ask(kOther, Said(*job, AnswerKind::kUnavailable), milliseconds(0));
  world.clock.Advance(40);
  EXPECT_EQ(StateOf(id), JobState::kWaiting);
  job = world.Ask(kOther, std::nullopt);
  ASSERT_TRUE(job.has_value());
  EXPECT_TRUE(job->settle_only);
  EXPECT_EQ(job->given_at, FakeClock::kStart);
  EXPECT_EQ(world.directory->Settle("t1"), SetOutcome::kUnknown);
  (void)world.Ask(kOther, Said(*job, AnswerKind::kDone), milliseconds(0));
  EXPECT_EQ(world.directory->Settle("t1"), SetOutcome::kSet);
  // What the first one says after that is not heard.
  (void)world.Ask(kIdle, Said(*job, AnswerKind::kNotSet), milliseconds(0));
  EXPECT_EQ(world.directory->Settle("t1"), SetOutcome::kSet);
}

TEST_F(JobHubTest, ThreadThatComesForTheFirstTimeIsAnsweredAtOnce_AfterThatItWaits) {
  const JobTaker fresh{.agent_id = kSecond, .session = std::string(32, '3'), .lane = 0};
  EXPECT_EQ(world.hub().Exchange(fresh, std::nullopt)->TakeBody(), "{}");
  EXPECT_EQ(world.hub().Exchange(fresh, std::nullopt)->TakeBody(), std::nullopt);
}

TEST_F(JobHubTest, QuestionOfAThreadThatHungUp_GoesToAnother) {
  auto gone = world.hub().Exchange(kTaker, std::nullopt);
  EXPECT_EQ(world.hub().Exchange(kOther, std::nullopt)->TakeBody(), "{}");
  auto asked = std::async(std::launch::async, [&] {
    return world.hub().Ask({.kind = JobKind::kFind, .user_id = "u1"}, nullptr);
  });
  gone.reset();
  const auto job = world.Ask(kOther, std::nullopt);
  ASSERT_TRUE(job.has_value());
  (void)world.Ask(kOther, Said(*job, AnswerKind::kNobody), milliseconds(0));
  const auto answer = asked.get();
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->kind, AnswerKind::kNobody);
}

TEST_F(JobHubTest, PasswordThatWasNotSentToAThreadBeforeItHungUp_GoesToAnother_ToBeSet) {
  keep = world.hub().Exchange(kTaker, std::nullopt);
  const auto id = world.hub().Queue(
      {.kind = JobKind::kSet, .user_id = "u1", .transaction_id = "t1"}, Hidden("x"));
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(StateOf(*id), JobState::kTaken);
  keep.reset();
  const auto job = world.Ask(kOther, std::nullopt);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->id, *id);
  EXPECT_FALSE(job->settle_only) << "nobody had it";
}

TEST_F(JobHubTest, AgentThatStartedAgain_IsAsked_NotItsProcessThatDied) {
  const auto dead = world.hub().Exchange(kTaker, std::nullopt);  // its hanging up is not seen yet
  JobTaker again = kTaker;
  again.session = std::string(32, '3');
  EXPECT_EQ(world.hub().Exchange(again, std::nullopt)->TakeBody(), "{}");
  auto asked = std::async(std::launch::async, [&] {
    return world.hub().Ask({.kind = JobKind::kFind, .user_id = "u1"}, nullptr);
  });
  const auto job = world.Ask(again, std::nullopt);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(dead->TakeBody(), std::nullopt);
  (void)world.Ask(again, Said(*job, AnswerKind::kNobody), milliseconds(0));
  EXPECT_TRUE(asked.get().ok());
}

TEST_F(JobHubTest, PasswordsOfOneUserAreSetInTheirOrder) {
  const std::string first = Queue("t1");
  const auto job = world.Ask(kIdle, std::nullopt);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->id, first);
  world.clock.Advance(1);
  keep = world.hub().Exchange(kTaker, std::nullopt);
  const auto second = world.hub().Queue(
      {.kind = JobKind::kSet, .user_id = "u1", .transaction_id = "t2"}, Hidden("later"));
  ASSERT_TRUE(second.ok());
  keep.reset();
  EXPECT_EQ(StateOf(*second), JobState::kWaiting);
  EXPECT_FALSE(world.Ask(kOther, std::nullopt, milliseconds(400)).has_value());
  const auto next = world.Ask(kIdle, Said(*job, AnswerKind::kDone));
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->transaction_id, "t2");
}

TEST_F(JobHubTest, WhatNoAgentTookInTime_Dies_AndIsNeverDone) {
  (void)Queue("t1");
  const auto first = world.Ask(kIdle, std::nullopt);
  ASSERT_TRUE(first.has_value());
  world.clock.Advance(1);
  const std::string late = Queue("t2");  // behind the first of this user
  EXPECT_EQ(world.directory->Settle("t2"), SetOutcome::kUnknown);
  world.clock.Advance(61);
  EXPECT_EQ(world.directory->Settle("t2"), SetOutcome::kNotSet);
  EXPECT_EQ(StateOf(late), JobState::kDead);
  EXPECT_EQ(world.hub().jobs().Find(late)->sealed, "");
  EXPECT_FALSE(world.Ask(kIdle, Said(*first, AnswerKind::kDone), milliseconds(400)).has_value());
  EXPECT_EQ(world.directory->SetPassword("t2", "u1", Hidden("x")), SetOutcome::kNotSet);
}

TEST_F(JobHubTest, AgentThatWasRevoked_IsUnknown) {
  ASSERT_TRUE(world.directory->desk().registry.Revoke(kFirst, "a test").ok());
  EXPECT_FALSE(world.directory->desk().registry.Known(kFirst).has_value());
  const auto job = Queue("t1");
  EXPECT_EQ(world.hub().jobs().Find(job)->sealed.find(kFirst), std::string::npos);
}

TEST_F(JobHubTest, CodeRegistersOneAgent) {
  AgentRegistry& registry = world.directory->desk().registry;
  const auto code = registry.IssueCode(5, "a test");
  ASSERT_TRUE(code.ok());
  const auto registration = [&](const std::string& id) {
    return AgentRegistration{.code = code->text,
                             .key = {id, "{}", ""},
                             .sealing_key = Hex(key->Public()),
                             .name = "agent",
                             .versions = "1",
                             .address = "127.0.0.1",
                             .correlation_id = {}};
  };
  EXPECT_FALSE(registry.Register(registration("c1")).has_value());
  EXPECT_FALSE(registry.Register(registration("c1")).has_value()) << "its own code, again";
  EXPECT_EQ(registry.Register(registration("c2")), RegisterRefusal::kBadCode);
  world.clock.Advance(301);
  EXPECT_EQ(registry.Register(registration("c1")), RegisterRefusal::kBadCode) << "it is too old";
  EXPECT_FALSE(registry.IssueCode(0, "a test").ok());
}

TEST(JobHub, WithoutAnAgent_NothingIsAskedAndNothingIsWritten) {
  HubWorld world;
  world.hub().Start();
  EXPECT_FALSE(world.hub().HasAgent());
  EXPECT_THROW((void)world.directory->Find("alice"), StoreFailure);
  const auto queued = world.hub().Queue(
      {.kind = JobKind::kSet, .user_id = "u1", .transaction_id = "t1"}, Hidden("x"));
  ASSERT_FALSE(queued.ok());
  EXPECT_EQ(queued.error().code, Errc::kUnreachable);
  EXPECT_FALSE(world.hub().jobs().FindByTransaction("t1").has_value());
  world.hub().Stop();
}

}  // namespace
}  // namespace sspr::service
