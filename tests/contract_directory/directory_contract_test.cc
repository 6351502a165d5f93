// SPDX-License-Identifier: Apache-2.0
// What service/directory/directory.h promises, held against the built-in directory on SQLite and
// on PostgreSQL, and the fake.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include "service/directory/built_in_directory.h"
#include "service/store/sql_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_directory.h"
#include "tests/fakes/memory_store.h"
#include "tests/postgresql/test_database.h"

namespace sspr::service {
namespace {

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

DirectoryUser Alice() {
  return {.id = "id-alice",
          .username = "alice",
          .display_name = "Alice Example",
          .local_account = "asmith",
          .language = "de",
          .enabled = true,
          .has_password = false,
          .password_generation = 0};
}

struct FakeWorld {
  FakeWorld() { fake.Add(Alice(), ""); }
  Directory& directory() { return fake; }
  FakeDirectory fake;
};

template <typename Database>
struct BuiltInWorld {
  BuiltInWorld() : hasher(random, 2) {
    Result<std::unique_ptr<SqlStore>> made = SqlStore::Open(database.Target(), 4, random);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    store = std::move(*made);
    const DirectoryUser user = Alice();
    store->InsertUser({.id = user.id,
                       .username = user.username,
                       .display_name = user.display_name,
                       .local_account = user.local_account,
                       .language = user.language,
                       .password_hash = {}});
    built_in = std::make_unique<BuiltInDirectory>(*store, hasher, clock);
  }
  Directory& directory() { return *built_in; }
  Database database;
  SystemRandom random;
  FakeClock clock;
  PasswordHasher hasher;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<BuiltInDirectory> built_in;
};

template <typename World>
class DirectoryContract : public testing::Test {
 protected:
  Directory& directory() { return world.directory(); }
  bool Right(std::string_view id, std::string_view password) {
    const Result<bool> verdict = directory().Verify(id, Hidden(password));
    EXPECT_TRUE(verdict.ok());
    return verdict.ok() && *verdict;
  }
  World world;
};

using Worlds =
    testing::Types<FakeWorld, BuiltInWorld<test::SqliteFile>, BuiltInWorld<test::PostgresqlSchema>>;
TYPED_TEST_SUITE(DirectoryContract, Worlds);

TYPED_TEST(DirectoryContract, UserIsFoundByNameAndById) {
  for (const auto& user : {this->directory().Find("alice"), this->directory().Get("id-alice")}) {
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->id, "id-alice");
    EXPECT_EQ(user->display_name, "Alice Example");
    EXPECT_EQ(user->local_account, "asmith");
    EXPECT_EQ(user->language, "de");
    EXPECT_FALSE(user->has_password);
  }
  EXPECT_FALSE(this->directory().Find("Alice").has_value());
  EXPECT_FALSE(this->directory().Find("").has_value());
  EXPECT_FALSE(this->directory().Get("").has_value());
}

TYPED_TEST(DirectoryContract, NobodyAndUsersWithoutAPasswordAreNeverRight) {
  for (const char* id : {"", "nobody", "id-alice"}) {
    EXPECT_FALSE(this->Right(id, ""));
    EXPECT_FALSE(this->Right(id, "password"));
  }
}

TYPED_TEST(DirectoryContract, PasswordThatWasSetIsRight_OnlyThatOne) {
  EXPECT_EQ(this->directory().SetPassword("t1", "id-alice", Hidden("first")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right("id-alice", "first"));
  for (const char* wrong : {"", "First", "first ", "firs"}) {
    EXPECT_FALSE(this->Right("id-alice", wrong)) << wrong;
  }
  EXPECT_TRUE(this->directory().Get("id-alice")->has_password);
  EXPECT_EQ(this->directory().Get("id-alice")->password_generation, 1);
}

TYPED_TEST(DirectoryContract, LongAndForeignPasswordsAreComparedToTheLastByte) {
  const std::string longest(511, '\xC3');
  this->directory().SetPassword("t1", "id-alice", Hidden(longest));
  EXPECT_TRUE(this->Right("id-alice", longest));
  EXPECT_FALSE(this->Right("id-alice", longest.substr(0, 510)));
  EXPECT_FALSE(this->Right("id-alice", longest.substr(0, 510) + "x"));
}

TYPED_TEST(DirectoryContract, OneTransactionSetsOnePassword) {
  EXPECT_EQ(this->directory().SetPassword("t1", "id-alice", Hidden("first")), SetOutcome::kSet);
  EXPECT_EQ(this->directory().SetPassword("t1", "id-alice", Hidden("second")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right("id-alice", "first"));
  EXPECT_EQ(this->directory().SetPassword("t2", "id-alice", Hidden("second")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right("id-alice", "second"));
}

TYPED_TEST(DirectoryContract, OneTransactionFromManyThreads_SetsOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> sets = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const Secret password = Hidden("password number " + std::to_string(i));
      sets += this->directory().SetPassword("t1", "id-alice", password) == SetOutcome::kSet;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sets, 4) << "all are told the truth";
  EXPECT_EQ(this->directory().Get("id-alice")->password_generation, 1);
}

TYPED_TEST(DirectoryContract, SettleTellsWhatHappened) {
  this->directory().SetPassword("t1", "id-alice", Hidden("first"));
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kSet);
  EXPECT_EQ(this->directory().Settle("t2"), SetOutcome::kNotSet);
}

TYPED_TEST(DirectoryContract, SettledAsNotSet_NeverIsSet) {
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kNotSet);
  EXPECT_EQ(this->directory().SetPassword("t1", "id-alice", Hidden("late")), SetOutcome::kNotSet);
  EXPECT_FALSE(this->Right("id-alice", "late"));
}

TYPED_TEST(DirectoryContract, NobodysPasswordIsNotSet) {
  EXPECT_EQ(this->directory().SetPassword("t1", "nobody", Hidden("x")), SetOutcome::kNotSet);
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kNotSet);
}

TEST(BuiltInDirectory, DatabaseThatFailsAtTheSet_LeavesTheOutcomeUnknown) {
  SystemRandom random;
  FakeClock clock;
  PasswordHasher hasher(random, 1);
  MemoryStore store;
  BuiltInDirectory directory(store, hasher, clock);
  store.InsertUser({.id = "id",
                    .username = "a",
                    .display_name = {},
                    .local_account = {},
                    .language = {},
                    .password_hash = {}});
  store.FailNext(1);
  EXPECT_EQ(directory.SetPassword("t", "id", Hidden("x")), SetOutcome::kUnknown);
  EXPECT_EQ(directory.Settle("t"), SetOutcome::kNotSet);
}

}  // namespace
}  // namespace sspr::service
