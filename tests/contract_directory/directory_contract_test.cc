// SPDX-License-Identifier: Apache-2.0
// What service/directory/directory.h promises, held against the built-in directory on SQLite and
// on PostgreSQL, an LDAP directory on a real slapd, the same through an agent, and the
// fake.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include "service/directory/built_in_directory.h"
#include "service/directory/ldap_directory.h"
#include "service/store/sql_store.h"
#include "tests/contract_directory/slapd.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_directory.h"
#include "tests/fakes/memory_store.h"
#include "tests/postgresql/test_database.h"
#include "tests/writeback/agent_world.h"

namespace sspr::service {
namespace {

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

DirectoryUser Alice() {
  return {.id = kAliceId,
          .username = "alice",
          .display_name = "Alice Example",
          .local_account = "asmith",
          .language = "de",
          .enabled = true,
          .has_password = false,
          .password_generation = 0};
}

struct FakeWorld {
  static constexpr bool kCountsPasswords = true;
  FakeWorld() { fake.Add(Alice(), ""); }
  Directory& directory() { return fake; }
  FakeDirectory fake;
};

template <typename Database>
struct BuiltInWorld {
  static constexpr bool kCountsPasswords = true;
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

// Without a policy of its own: it takes every password. Its generations are the seconds of the
// change.
struct LdapWorld {
  static constexpr bool kCountsPasswords = false;
  LdapWorld() : slapd(Slapd::Policy::kNone) {
    auto opened = SqlDatabase::Open(folder.File("x.db"), 4);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database = std::move(*opened);
    store = std::make_unique<SqlStore>(database, random);
    auto made = LdapDirectory::Make(slapd.Settings(), database, *store, clock);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    ldap = std::move(*made);
  }
  Directory& directory() { return *ldap; }
  test::ScratchFolder folder;
  SystemRandom random;
  FakeClock clock;
  Slapd slapd;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<LdapDirectory> ldap;
};

template <typename Database>
struct ThroughAnAgent {
  static constexpr bool kCountsPasswords = false;
  ThroughAnAgent() : slapd(Slapd::Policy::kNone), agent(slapd.Settings(), database.Target()) {}
  Directory& directory() { return agent.directory(); }
  Database database;
  Slapd slapd;
  AgentWorld agent;
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
    testing::Types<FakeWorld, BuiltInWorld<test::SqliteFile>, BuiltInWorld<test::PostgresqlSchema>,
                   LdapWorld, ThroughAnAgent<test::SqliteFile>,
                   ThroughAnAgent<test::PostgresqlSchema>>;
TYPED_TEST_SUITE(DirectoryContract, Worlds);

TYPED_TEST(DirectoryContract, UserIsFoundByNameAndById) {
  for (const auto& user : {this->directory().Find("alice"), this->directory().Get(kAliceId)}) {
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->id, kAliceId);
    EXPECT_EQ(user->display_name, "Alice Example");
    EXPECT_EQ(user->local_account, "asmith");
    EXPECT_EQ(user->language, "de");
    EXPECT_EQ(user->has_password, !TypeParam::kCountsPasswords) << "LDAP does not tell";
  }
  EXPECT_FALSE(this->directory().Find("Alice").has_value());
  EXPECT_FALSE(this->directory().Find("").has_value());
  EXPECT_FALSE(this->directory().Get("").has_value());
}

TYPED_TEST(DirectoryContract, NobodyAndUsersWithoutAPasswordAreNeverRight) {
  for (const char* id : {"", "nobody", kAliceId}) {
    EXPECT_FALSE(this->Right(id, ""));
    EXPECT_FALSE(this->Right(id, "password"));
  }
}

TYPED_TEST(DirectoryContract, PasswordThatWasSetIsRight_OnlyThatOne) {
  EXPECT_EQ(this->directory().SetPassword("t1", kAliceId, Hidden("first")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right(kAliceId, "first"));
  for (const char* wrong : {"", "First", "first ", "firs"}) {
    EXPECT_FALSE(this->Right(kAliceId, wrong)) << wrong;
  }
  EXPECT_TRUE(this->directory().Get(kAliceId)->has_password);
  if (TypeParam::kCountsPasswords) {
    EXPECT_EQ(this->directory().Get(kAliceId)->password_generation, 1);
  }
}

TYPED_TEST(DirectoryContract, LongAndForeignPasswordsAreComparedToTheLastByte) {
  const std::string longest(511, '\xC3');
  this->directory().SetPassword("t1", kAliceId, Hidden(longest));
  EXPECT_TRUE(this->Right(kAliceId, longest));
  EXPECT_FALSE(this->Right(kAliceId, longest.substr(0, 510)));
  EXPECT_FALSE(this->Right(kAliceId, longest.substr(0, 510) + "x"));
}

TYPED_TEST(DirectoryContract, OneTransactionSetsOnePassword) {
  EXPECT_EQ(this->directory().SetPassword("t1", kAliceId, Hidden("first")), SetOutcome::kSet);
  EXPECT_EQ(this->directory().SetPassword("t1", kAliceId, Hidden("second")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right(kAliceId, "first"));
  EXPECT_EQ(this->directory().SetPassword("t2", kAliceId, Hidden("second")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right(kAliceId, "second"));
}

TYPED_TEST(DirectoryContract, OneTransactionFromManyThreads_SetsOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> sets = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const Secret password = Hidden("password number " + std::to_string(i));
      sets += this->directory().SetPassword("t1", kAliceId, password) == SetOutcome::kSet;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sets, 4) << "all are told the truth";
  if (TypeParam::kCountsPasswords) {
    EXPECT_EQ(this->directory().Get(kAliceId)->password_generation, 1);
  }
}

TYPED_TEST(DirectoryContract, SettleTellsWhatHappened) {
  this->directory().SetPassword("t1", kAliceId, Hidden("first"));
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kSet);
  EXPECT_EQ(this->directory().Settle("t2"), SetOutcome::kNotSet);
}

TYPED_TEST(DirectoryContract, SettledAsNotSet_NeverIsSet) {
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kNotSet);
  EXPECT_EQ(this->directory().SetPassword("t1", kAliceId, Hidden("late")), SetOutcome::kNotSet);
  EXPECT_FALSE(this->Right(kAliceId, "late"));
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
