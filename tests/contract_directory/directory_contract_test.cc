// SPDX-License-Identifier: Apache-2.0
// What service/directory/directory.h promises, held against the built-in directory on SQLite and
// on PostgreSQL, an LDAP directory on a real slapd, the same through an agent, Entra ID on a strict
// stand-in of Microsoft Graph, and the fake.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include "service/directory/built_in_directory.h"
#include "service/directory/ldap_directory.h"
#include "service/store/sql_store.h"
#include "tests/contract_directory/slapd.h"
#include "tests/entra/entra_rig.h"
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
  static constexpr bool kTakesAllBytes = true;
  static constexpr const char* kAlice = kAliceId;
  static constexpr const char* kName = "alice";
  FakeWorld() { fake.Add(Alice(), ""); }
  Directory& directory() { return fake; }
  FakeDirectory fake;
};

template <typename Database>
struct BuiltInWorld {
  static constexpr bool kCountsPasswords = true;
  static constexpr bool kTakesAllBytes = true;
  static constexpr const char* kAlice = kAliceId;
  static constexpr const char* kName = "alice";
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
  static constexpr bool kTakesAllBytes = true;
  static constexpr const char* kAlice = kAliceId;
  static constexpr const char* kName = "alice";
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
  static constexpr bool kTakesAllBytes = true;
  static constexpr const char* kAlice = kAliceId;
  static constexpr const char* kName = "alice";
  ThroughAnAgent() : slapd(Slapd::Policy::kNone), agent(slapd.Settings(), database.Target()) {}
  Directory& directory() { return agent.directory(); }
  Database database;
  Slapd slapd;
  AgentWorld agent;
};

// Nobody can ask Graph whether a password is right: what it holds is asked of the stand-in.
struct EntraWorld : EntraRig {
  static constexpr bool kCountsPasswords = false;
  static constexpr bool kTakesAllBytes = false;
  static constexpr const char* kAlice = "11111111-2222-4333-8444-555555555555";
  static constexpr const char* kName = "alice@contoso.example";
  EntraWorld() {
    AddPerson(kAlice, kName,
              R"(,"displayName":"Alice Example","mailNickname":"ASmith","preferredLanguage":"de",)"
              R"("weak_allowed":true)");
  }
  ~EntraWorld() { EXPECT_EQ(Faults(), ""); }
  Directory& directory() { return *entra; }
};

template <typename World>
class DirectoryContract : public testing::Test {
 protected:
  Directory& directory() { return world.directory(); }
  bool Right(std::string_view id, std::string_view password) {
    if constexpr (requires { world.Holds(id, password); }) return world.Holds(id, password);
    const Result<bool> verdict = directory().Verify(id, Hidden(password));
    EXPECT_TRUE(verdict.ok());
    return verdict.ok() && *verdict;
  }
  World world;
};

using Worlds =
    testing::Types<FakeWorld, BuiltInWorld<test::SqliteFile>, BuiltInWorld<test::PostgresqlSchema>,
                   LdapWorld, ThroughAnAgent<test::SqliteFile>,
                   ThroughAnAgent<test::PostgresqlSchema>, EntraWorld>;
TYPED_TEST_SUITE(DirectoryContract, Worlds);

TYPED_TEST(DirectoryContract, UserIsFoundByNameAndById) {
  for (const auto& user :
       {this->directory().Find(TypeParam::kName), this->directory().Get(TypeParam::kAlice)}) {
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->id, TypeParam::kAlice);
    EXPECT_EQ(user->display_name, "Alice Example");
    EXPECT_EQ(user->local_account, "asmith");
    EXPECT_EQ(user->language, "de");
    EXPECT_EQ(user->has_password, !TypeParam::kCountsPasswords) << "the others do not tell";
  }
  EXPECT_FALSE(this->directory().Find("Alice").has_value());
  EXPECT_FALSE(this->directory().Find("").has_value());
  EXPECT_FALSE(this->directory().Get("").has_value());
}

TYPED_TEST(DirectoryContract, NobodyAndUsersWithoutAPasswordAreNeverRight) {
  for (const char* id : {"", "nobody", TypeParam::kAlice}) {
    EXPECT_FALSE(this->Right(id, ""));
    EXPECT_FALSE(this->Right(id, "password"));
  }
}

TYPED_TEST(DirectoryContract, PasswordThatWasSetIsRight_OnlyThatOne) {
  EXPECT_EQ(this->directory().SetPassword("t1", TypeParam::kAlice, Hidden("first")),
            SetOutcome::kSet);
  EXPECT_TRUE(this->Right(TypeParam::kAlice, "first"));
  for (const char* wrong : {"", "First", "first ", "firs"}) {
    EXPECT_FALSE(this->Right(TypeParam::kAlice, wrong)) << wrong;
  }
  EXPECT_TRUE(this->directory().Get(TypeParam::kAlice)->has_password);
  if (TypeParam::kCountsPasswords) {
    EXPECT_EQ(this->directory().Get(TypeParam::kAlice)->password_generation, 1);
  }
}

TYPED_TEST(DirectoryContract, LongAndForeignPasswordsAreComparedToTheLastByte) {
  const std::string longest(511, '\xC3');
  if constexpr (!TypeParam::kTakesAllBytes) {
    const SetReply reply = this->directory().SetPassword("t1", TypeParam::kAlice, Hidden(longest));
    EXPECT_EQ(reply.refusal, RefusalCode::kPasswordInvalid) << "it is no UTF-8";
    return;
  }
  this->directory().SetPassword("t1", TypeParam::kAlice, Hidden(longest));
  EXPECT_TRUE(this->Right(TypeParam::kAlice, longest));
  EXPECT_FALSE(this->Right(TypeParam::kAlice, longest.substr(0, 510)));
  EXPECT_FALSE(this->Right(TypeParam::kAlice, longest.substr(0, 510) + "x"));
}

TYPED_TEST(DirectoryContract, OneTransactionSetsOnePassword) {
  EXPECT_EQ(this->directory().SetPassword("t1", TypeParam::kAlice, Hidden("first")),
            SetOutcome::kSet);
  EXPECT_EQ(this->directory().SetPassword("t1", TypeParam::kAlice, Hidden("second")),
            SetOutcome::kSet);
  EXPECT_TRUE(this->Right(TypeParam::kAlice, "first"));
  EXPECT_EQ(this->directory().SetPassword("t2", TypeParam::kAlice, Hidden("second")),
            SetOutcome::kSet);
  EXPECT_TRUE(this->Right(TypeParam::kAlice, "second"));
}

TYPED_TEST(DirectoryContract, OneTransactionFromManyThreads_SetsOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> sets = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const Secret password = Hidden("password number " + std::to_string(i));
      sets += this->directory().SetPassword("t1", TypeParam::kAlice, password) == SetOutcome::kSet;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sets, 4) << "all are told the truth";
  if (TypeParam::kCountsPasswords) {
    EXPECT_EQ(this->directory().Get(TypeParam::kAlice)->password_generation, 1);
  }
}

TYPED_TEST(DirectoryContract, SettleTellsWhatHappened) {
  this->directory().SetPassword("t1", TypeParam::kAlice, Hidden("first"));
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kSet);
  EXPECT_EQ(this->directory().Settle("t2"), SetOutcome::kNotSet);
}

TYPED_TEST(DirectoryContract, SettledAsNotSet_NeverIsSet) {
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kNotSet);
  EXPECT_EQ(this->directory().SetPassword("t1", TypeParam::kAlice, Hidden("late")),
            SetOutcome::kNotSet);
  EXPECT_FALSE(this->Right(TypeParam::kAlice, "late"));
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
