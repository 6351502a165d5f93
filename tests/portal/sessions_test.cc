// SPDX-License-Identifier: Apache-2.0
// Sessions on a real database.
#include "service/pages/sessions.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "tests/fakes/fake_clock.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {
namespace {

class SessionsTest : public ::testing::Test {
 protected:
  SessionsTest() {
    const std::string path = folder_.File("secrets.key");
    EXPECT_TRUE(ServiceKeys::Create(path, random_).ok());
    auto keys = ServiceKeys::Load(path);
    keys_.emplace(std::move(*keys));
    auto database = SqlDatabase::Open(folder_.File("sspr.db"), 2);
    database_ = std::move(*database);
    table_.emplace(database_);
    people_.emplace(Make("people"));
  }

  Sessions Make(const char* purpose) {
    return {*table_, *keys_, random_, clock_,
            SessionRules{.purpose = purpose,
                         .absolute_seconds = 3600,
                         .idle_seconds = 900,
                         .generation_of = [this](const std::string& subject) {
                           return subject == "gone" ? std::nullopt : generation_;
                         }}};
  }

  test::ScratchFolder folder_;
  SystemRandom random_;
  FakeClock clock_;
  std::optional<ServiceKeys> keys_;
  std::shared_ptr<SqlDatabase> database_;
  std::optional<SessionTable> table_;
  std::optional<Sessions> people_;
  std::optional<std::int64_t> generation_ = 1;
};

TEST_F(SessionsTest, IsFoundByItsTokenAndByNothingElse) {
  Json::Value state(Json::objectValue);
  state["x"] = "ü";
  const std::string token = people_->Begin("alice", state, true);
  ASSERT_EQ(token.size(), 64U);
  const auto found = people_->Open(token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->subject(), "alice");
  EXPECT_EQ(found->state["x"].asString(), "ü");
  EXPECT_EQ(found->record.proved_at, clock_.Now());
  std::string other = token;
  other.back() = other.back() == '0' ? '1' : '0';
  EXPECT_FALSE(people_->Open(other));
  EXPECT_FALSE(people_->Open(""));
  EXPECT_FALSE(people_->Open(found->record.digest));
  EXPECT_FALSE(people_->Open(token.substr(1)));
}

TEST_F(SessionsTest, IsOfNoUseForAnotherPurpose) {
  const std::string token = people_->Begin("alice", {}, true);
  Sessions operators = Make("operator");
  EXPECT_FALSE(operators.Open(token));
  EXPECT_TRUE(people_->Open(token));
}

TEST_F(SessionsTest, EndsAfterItsPauseAndItsLongestLife) {
  const std::string idle = people_->Begin("alice", {}, true);
  clock_.Advance(901);
  EXPECT_FALSE(people_->Open(idle));
  const std::string busy = people_->Begin("alice", {}, true);
  for (int i = 0; i < 6; ++i) {
    clock_.Advance(590);
    EXPECT_TRUE(people_->Open(busy)) << i;
  }
  clock_.Advance(100);
  EXPECT_FALSE(people_->Open(busy));
}

TEST_F(SessionsTest, EndsWithThePasswordAndWithTheAccount) {
  const std::string token = people_->Begin("alice", {}, true);
  generation_ = 2;
  EXPECT_FALSE(people_->Open(token));
  generation_ = 1;
  EXPECT_FALSE(people_->Open(token)) << "it is forgotten, not asleep";
  const std::string next = people_->Begin("alice", {}, true);
  generation_ = std::nullopt;
  EXPECT_FALSE(people_->Open(next));
  EXPECT_TRUE(people_->Begin("gone", {}, true).empty());
}

TEST_F(SessionsTest, GetsANewTokenAtAProofAndTheOldOneIsDead) {
  const std::string token = people_->Begin("alice", {}, false);
  auto session = people_->Open(token);
  ASSERT_TRUE(session);
  auto parallel = people_->Open(token);
  const std::string renewed = people_->Renew(*session, true);
  ASSERT_FALSE(renewed.empty());
  EXPECT_FALSE(people_->Open(token));
  EXPECT_TRUE(people_->Open(renewed));
  EXPECT_TRUE(people_->Renew(*parallel, true).empty());
  EXPECT_FALSE(people_->Save(*parallel));
}

TEST_F(SessionsTest, OneOfTwoChangesAtTheSameTimeIsRefused) {
  const std::string token = people_->Begin("alice", {}, false);
  auto one = people_->Open(token);
  auto other = people_->Open(token);
  one->state["x"] = 1;
  other->state["x"] = 2;
  EXPECT_TRUE(people_->Save(*one));
  EXPECT_FALSE(people_->Save(*other));
  EXPECT_EQ(people_->Open(token)->state["x"].asInt(), 1);
  one->state["x"] = 3;
  EXPECT_TRUE(people_->Save(*one));
}

TEST_F(SessionsTest, EndsOnSignOutAndTheOthersOnDemand) {
  const std::string here = people_->Begin("alice", {}, true);
  const std::string there = people_->Begin("alice", {}, true);
  const std::string bob = people_->Begin("bob", {}, true);
  people_->EndOthers(*people_->Open(here));
  EXPECT_FALSE(people_->Open(there));
  EXPECT_TRUE(people_->Open(bob));
  people_->End(here);
  EXPECT_FALSE(people_->Open(here));
}

TEST_F(SessionsTest, SealsWhatIsSecretForThisPurposeAlone) {
  const std::string sealed = people_->Seal("a continuation token");
  EXPECT_EQ(sealed.find("token"), std::string::npos);
  EXPECT_EQ(people_->Unseal(sealed)->Reveal(), "a continuation token");
  EXPECT_FALSE(Make("operator").Unseal(sealed));
  EXPECT_FALSE(people_->Unseal("00"));
  EXPECT_FALSE(people_->Unseal(""));
}

}  // namespace
}  // namespace sspr::service
