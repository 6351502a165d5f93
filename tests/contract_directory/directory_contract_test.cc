// SPDX-License-Identifier: Apache-2.0
// What service/directory/directory.h promises, held against the built-in directory on SQLite and
// on PostgreSQL, an LDAP directory on a real slapd, the same through an agent, Entra ID on a strict
// stand-in of Microsoft Graph, and the fake.
#include "tests/contract_directory/directory_contract.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

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

using Worlds =
    testing::Types<FakeWorld, BuiltInWorld<test::SqliteFile>, BuiltInWorld<test::PostgresqlSchema>,
                   LdapWorld, ThroughAnAgent<test::SqliteFile>,
                   ThroughAnAgent<test::PostgresqlSchema>, EntraWorld>;
INSTANTIATE_TYPED_TEST_SUITE_P(All, DirectoryContract, Worlds);

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
