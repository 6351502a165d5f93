// SPDX-License-Identifier: Apache-2.0
// A directory where the passwords are, and others that follow it: away, unwilling, too late.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

#include "common/system/system_clock.h"
#include "service/followers/followed_directory.h"
#include "service/store/sql_store.h"
#include "tests/fakes/fake_directory.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {
namespace {

constexpr char kAda[] = "11111111222243338444555555555555";
constexpr char kAdaThere[] = "99999999222243338444555555555555";
constexpr char kNew[] = "canary gravel lantern";
constexpr std::chrono::milliseconds kAtOnce{0};
constexpr std::chrono::minutes kVeryLong{10};

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

DirectoryUser Ada(const char* id) {
  return {.id = id, .username = "ada", .display_name = {}, .local_account = {}, .language = {}};
}

// A FakeDirectory that can be away, or slow until it is let go.
class FollowingDirectory final : public Directory {
 public:
  std::optional<DirectoryUser> Find(std::string_view name) override {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    if (away_) throw StoreFailure("the directory is away");
    return fake.Find(name);
  }
  std::optional<DirectoryUser> Get(std::string_view id) override { return fake.Get(id); }
  Result<bool> Verify(std::string_view id, const Secret& password) override {
    return fake.Verify(id, password);
  }
  Result<Proposal> Propose(std::string_view, const Secret&, int) override { return Proposal{}; }
  SetReply SetPassword(std::string_view transaction, std::string_view id, const Secret& password,
                       const Proposal&) override {
    const SetReply reply = fake.SetPassword(transaction, id, password);
    const std::lock_guard lock(mutex_);
    last_ = std::string(password.Reveal());
    changed_.notify_all();
    return reply;
  }
  SetOutcome Settle(std::string_view transaction) override { return fake.Settle(transaction); }

  void SetAway(bool away) {
    const std::lock_guard lock(mutex_);
    away_ = away;
  }
  void SetHeld(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  void WaitUntilAsked(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_ >= times; });
  }
  void WaitUntilSet(std::string_view password) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return last_ == password; });
  }
  bool Has(std::string_view password) {
    const Result<bool> right = fake.Verify(kAdaThere, Hidden(password));
    return right.ok() && *right;
  }

  FakeDirectory fake;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool away_ = false;
  bool held_ = false;
  int asked_ = 0;
  std::string last_;
};

class FollowersTest : public testing::Test {
 protected:
  FollowersTest() : keys(MakeKeys()) {
    auto opened = SqlDatabase::Open(folder.File("x.db"), 4);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database = std::move(*opened);
    store = std::make_unique<SqlStore>(database, random);
    audit = std::make_unique<AuditLog>(folder.File("audit"), *database, keys, random, clock);
    audit->SetListener([this](const std::vector<AuditEvent>& events) {
      const std::lock_guard lock(recorded_mutex);
      for (const AuditEvent& event : events) recorded.insert(event.outcome);
      recorded_changed.notify_all();
    });
    table = std::make_unique<FollowingTable>(database);
    Start({.waited_for = kVeryLong, .first_pause = kAtOnce, .longest_pause = kAtOnce});
  }

  ServiceKeys MakeKeys() {
    (void)ServiceKeys::Create(folder.File("key"), random);
    Result<ServiceKeys> loaded = ServiceKeys::Load(folder.File("key"));
    if (!loaded.ok()) throw std::runtime_error(loaded.error().detail);
    return std::move(*loaded);
  }

  void Start(FollowersSettings settings) {
    directory.reset();
    auto made_source = std::make_unique<FakeDirectory>();
    source = made_source.get();
    source->Add(Ada(kAda), "old");
    auto made_follower = std::make_unique<FollowingDirectory>();
    follower = made_follower.get();
    follower->fake.Add(Ada(kAdaThere), "old");
    std::vector<Follower> followers;
    followers.push_back({.name = "follower", .directory = std::move(made_follower)});
    auto behind = std::make_unique<Followers>(
        std::move(followers),
        Followers::Parts{.database = database,
                         .audit = *audit,
                         .clock = clock,
                         .log =
                             [](std::string_view line) {
                               EXPECT_EQ(line.find("canary"), std::string_view::npos) << line;
                             },
                         .tell =
                             [this](const std::string& id) {
                               EXPECT_EQ(id, kAda);
                               ++told;
                             }},
        settings);
    directory =
        std::make_unique<FollowedDirectory>(std::move(made_source), std::move(behind), clock);
  }

  SetReply Set(const char* transaction, const char* password = kNew) {
    return directory->SetPassword(transaction, kAda, Hidden(password));
  }
  // A record of directory.follow with that outcome; each is waited for once.
  void WaitUntilRecorded(const std::string& outcome) {
    std::unique_lock lock(recorded_mutex);
    recorded_changed.wait(lock, [&] { return recorded.contains(outcome); });
    recorded.erase(recorded.find(outcome));
  }
  FollowingRecord Row(const std::string& transaction) {
    return table->Find(transaction + ".follower").value_or(FollowingRecord{});
  }

  test::ScratchFolder folder;
  SystemRandom random;
  SystemClock clock;
  ServiceKeys keys;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<FollowingTable> table;
  std::mutex recorded_mutex;
  std::condition_variable recorded_changed;
  std::multiset<std::string> recorded;
  std::atomic<int> told = 0;
  FakeDirectory* source = nullptr;
  FollowingDirectory* follower = nullptr;
  std::unique_ptr<FollowedDirectory> directory;
};

TEST_F(FollowersTest, WhatTheSourceTook_TheFollowerHasBeforeThePersonGoesOn) {
  EXPECT_EQ(Set("a1"), SetOutcome::kSet);
  EXPECT_TRUE(follower->Has(kNew));
  EXPECT_EQ(Row("a1").state, FollowingState::kFollowed);
  EXPECT_EQ(told, 0);
  EXPECT_NE(folder.Read("audit").find("directory.follow"), std::string::npos);
  EXPECT_EQ(Set("a1", "canary other"), SetOutcome::kSet) << "as it was";
  EXPECT_TRUE(follower->Has(kNew));
}

TEST_F(FollowersTest, WhatTheSourceRefused_GoesNowhere) {
  source->RefuseNext(RefusalCode::kPasswordBanned);
  EXPECT_EQ(Set("a1").refusal, RefusalCode::kPasswordBanned);
  EXPECT_TRUE(follower->Has("old"));
  EXPECT_TRUE(table->List(FollowingState::kWaiting, 10).empty());
}

TEST_F(FollowersTest, WhatTheSourceDoesNotKnowYet_FollowsWhenItDoes) {
  source->OnNextSet(FakeDirectory::NextSet::kSetButUnknown);
  EXPECT_EQ(Set("a1"), SetOutcome::kUnknown);
  EXPECT_TRUE(follower->Has("old"));
  EXPECT_EQ(directory->Settle("a1"), SetOutcome::kSet);
  EXPECT_TRUE(follower->Has(kNew));
  source->OnNextSet(FakeDirectory::NextSet::kNotSetButUnknown);
  EXPECT_EQ(Set("a2", "canary other"), SetOutcome::kUnknown);
  EXPECT_EQ(directory->Settle("a2"), SetOutcome::kNotSet);
  EXPECT_TRUE(follower->Has(kNew));
}

TEST_F(FollowersTest, FollowerThatIsAway_IsTriedAgain_AndThePersonIsTold) {
  Start({.waited_for = kVeryLong, .first_pause = kAtOnce, .longest_pause = kAtOnce});
  follower->SetAway(true);
  EXPECT_EQ(Set("a1"), SetOutcome::kSet) << "the reset does not hang on it";
  EXPECT_EQ(told, 1);
  follower->WaitUntilAsked(3);
  EXPECT_EQ(Row("a1").state, FollowingState::kWaiting);
  for (const char* const file : {"x.db", "x.db-wal", "audit"}) {
    if (!folder.Has(file)) continue;
    EXPECT_EQ(folder.Read(file).find("canary"), std::string::npos) << file;
  }
  follower->SetAway(false);
  WaitUntilRecorded("followed");
  EXPECT_TRUE(follower->Has(kNew));
  EXPECT_EQ(Row("a1").state, FollowingState::kFollowed);
  EXPECT_EQ(told, 1);
}

TEST_F(FollowersTest, FollowerThatHangs_IsNotWaitedForForever) {
  Start({.waited_for = std::chrono::milliseconds(1),
         .first_pause = kAtOnce,
         .longest_pause = kAtOnce});
  follower->SetHeld(true);
  EXPECT_EQ(Set("a1"), SetOutcome::kSet);
  EXPECT_EQ(told, 1);
  // A newer password comes while the older one is on its way: the newer one is the last.
  follower->WaitUntilAsked(1);
  EXPECT_EQ(Set("a2", "canary newer"), SetOutcome::kSet);
  EXPECT_EQ(Row("a1").state, FollowingState::kReplaced);
  follower->SetHeld(false);
  follower->WaitUntilSet("canary newer");
  EXPECT_TRUE(follower->Has("canary newer"));
}

TEST_F(FollowersTest, FollowerThatRefuses_IsADeadLetter) {
  follower->fake.RefuseNext(RefusalCode::kPasswordTooWeak);
  EXPECT_EQ(Set("a1"), SetOutcome::kSet);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(Row("a1").state, FollowingState::kDead);
  EXPECT_NE(Row("a1").reason.find("refused there"), std::string::npos);
  EXPECT_EQ(Set("a2", "canary other"), SetOutcome::kSet);
  EXPECT_TRUE(follower->Has("canary other"));
}

TEST_F(FollowersTest, AnswerThatIsLost_IsAskedFor) {
  follower->fake.OnNextSet(FakeDirectory::NextSet::kSetButUnknown);
  EXPECT_EQ(Set("a1"), SetOutcome::kSet);
  WaitUntilRecorded("followed");
  EXPECT_EQ(Row("a1").state, FollowingState::kFollowed);
  EXPECT_EQ(follower->fake.sets(), 1);
  EXPECT_TRUE(follower->Has(kNew));
  follower->fake.OnNextSet(FakeDirectory::NextSet::kNotSetButUnknown);
  EXPECT_EQ(Set("a2", "canary other"), SetOutcome::kSet);
  follower->WaitUntilSet("canary other");
  WaitUntilRecorded("followed");
  EXPECT_TRUE(follower->Has("canary other"));
}

TEST_F(FollowersTest, NobodyThere_IsNobodysFault) {
  auto other = Ada(kAda);
  other.username = "grace";
  source->Add(other, "old");
  EXPECT_EQ(Set("a1"), SetOutcome::kSet);
  EXPECT_EQ(Row("a1").state, FollowingState::kNobody);
  EXPECT_EQ(told, 0);
}

TEST_F(FollowersTest, WhatTheProcessTakesWithIt_IsWrittenDownAsLost) {
  Start({.waited_for = kVeryLong, .first_pause = kVeryLong, .longest_pause = kVeryLong});
  follower->SetAway(true);
  EXPECT_EQ(Set("a1"), SetOutcome::kSet);
  directory.reset();
  EXPECT_EQ(Row("a1").state, FollowingState::kDead);
  EXPECT_NE(Row("a1").reason.find("the service ended"), std::string::npos);
}

TEST_F(FollowersTest, WhatAKilledProcessLeft_IsFoundAtTheNextStart) {
  const UnixSeconds now = clock.Now();
  FollowingRecord left{.id = "a1.follower",
                       .transaction_id = "a1",
                       .follower = "follower",
                       .user_id = kAda,
                       .username = "ada",
                       .queued_at = now - 60,
                       .gives_up_at = now + 60};
  ASSERT_TRUE(table->Insert(left));
  EXPECT_FALSE(table->Insert(left));
  directory->followers().BuryLost(false);
  EXPECT_EQ(Row("a1").state, FollowingState::kWaiting) << "another process may have it";
  directory->followers().BuryLost(true);
  EXPECT_EQ(Row("a1").state, FollowingState::kDead);
  EXPECT_NE(folder.Read("audit").find("directory.follow"), std::string::npos);
  EXPECT_TRUE(table->Remove("a1.follower"));
}

}  // namespace
}  // namespace sspr::service
