// SPDX-License-Identifier: Apache-2.0
// What sql_database.h promises of sessions and transactions, on SQLite and on PostgreSQL.
#include "service/store/sql_database.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "service/crypto/random.h"
#include "service/store/database_target.h"
#include "service/store/sql_access.h"
#include "service/store/sql_store.h"
#include "tests/postgresql/test_database.h"

namespace sspr::service {
namespace {

using std::chrono::milliseconds;

constexpr UnixSeconds kNow = 1767225600;

template <typename Database>
class SqlDatabaseTest : public testing::Test {
 protected:
  std::unique_ptr<SqlDatabase> Open(unsigned connections = 4, DatabaseOptions options = {}) {
    Result<std::unique_ptr<SqlDatabase>> made =
        SqlDatabase::Open(place.Target(), connections, std::move(options));
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    return std::move(*made);
  }
  // Runs work(child's number) in processes of its own, all let go at once; how many of them
  // returned true.
  template <typename Work>
  static int TrueInProcesses(int count, Work work) {
    int gate[2];
    if (pipe(gate) != 0) return -1;
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        close(gate[1]);
        char opened = 0;
        while (read(gate[0], &opened, 1) > 0) {
        }
        _exit(work(i) ? 0 : 1);
      }
      children.push_back(child);
    }
    close(gate[0]);
    close(gate[1]);
    int successes = 0;
    for (const pid_t child : children) {
      int status = 0;
      waitpid(child, &status, 0);
      successes += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 1 : 0;
    }
    return successes;
  }

  Database place;
};

using Databases = testing::Types<test::SqliteFile, test::PostgresqlSchema>;
TYPED_TEST_SUITE(SqlDatabaseTest, Databases);

void SetNumber(soci::session& sql, long long number) {
  const std::string text = std::to_string(number);
  sql << "INSERT INTO settings (name, value) VALUES ('n', :v) ON CONFLICT (name) DO UPDATE SET "
         "value = excluded.value",
      soci::use(text, "v");
}

long long Number(soci::session& sql) {
  std::string text = "0";
  sql << "SELECT value FROM settings WHERE name = 'n'", soci::into(text);
  return std::stoll(text);
}

// Reads, lets others have a chance, and writes one more.
template <typename... Keys>
void AddOne(SqlDatabase& database, const Keys&... keys) {
  database.Write(keys..., [](soci::session& sql) {
    const long long number = Number(sql);
    std::this_thread::yield();
    SetNumber(sql, number + 1);
  });
}

TYPED_TEST(SqlDatabaseTest, ProcessesThatStartAtOnce_MakeTheSchemaOnce) {
  for (int round = 0; round < 4; ++round) {
    const TypeParam fresh;
    EXPECT_EQ(
        this->TrueInProcesses(8, [&](int) { return SqlDatabase::Open(fresh.Target(), 1).ok(); }),
        8);
    const auto database = SqlDatabase::Open(fresh.Target(), 1);
    ASSERT_TRUE(database.ok()) << database.error().detail;
    const auto versions = (*database)->Read([](soci::session& sql) {
      long long rows = 0;
      long long highest = 0;
      sql << "SELECT COUNT(*), MAX(version) FROM schema_version", soci::into(rows),
          soci::into(highest);
      return std::pair{rows, highest};
    });
    EXPECT_EQ(versions.first, versions.second);
  }
}

TYPED_TEST(SqlDatabaseTest, WritesThatShareAKey_AndThoseWithout_NeverDecideOnTheSameState) {
  const auto database = this->Open(8);
  const LockKeys keys{"n", "another"};
  const LockKeys others{"yet another", "n"};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 10; ++j) {
        if (i % 3 == 0) {
          AddOne(*database);
        } else {
          AddOne(*database, i % 3 == 1 ? keys : others);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(database->Read(Number), 80);
}

TYPED_TEST(SqlDatabaseTest, WorkThatThrows_LeavesNothingBehind_AndTheSessionGood) {
  const auto database = this->Open(1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(database->Write([](soci::session& sql) -> int {
      SetNumber(sql, 7);
      throw std::logic_error("of the caller");
    }),
                 std::logic_error);
    EXPECT_THROW(
        database->Write({},
                        [](soci::session& sql) {
                          SetNumber(sql, 7);
                          sql << "INSERT INTO settings (name, value) VALUES ('n', 'again')";
                        }),
        StoreFailure);
  }
  EXPECT_EQ(database->Read(Number), 0);
  AddOne(*database);
  EXPECT_EQ(database->Read(Number), 1);
}

TYPED_TEST(SqlDatabaseTest, BriefRead_WaitsForNoWrite_AndSeesWhatIsCommitted) {
  const auto database = this->Open();
  AddOne(*database);
  std::promise<void> changed;
  std::promise<void> released;
  std::thread writer([&] {
    database->Write([&](soci::session& sql) {
      SetNumber(sql, 2);
      EXPECT_EQ(database->ReadBriefly(Number), 2) << "within the work it is part of it";
      changed.set_value();
      released.get_future().wait();
    });
  });
  changed.get_future().wait();
  EXPECT_EQ(database->ReadBriefly(Number), 1);
  released.set_value();
  writer.join();
  EXPECT_EQ(database->ReadBriefly(Number), 2);
  EXPECT_THROW(
      database->ReadBriefly([](soci::session& sql) { sql << "SELECT 1 FROM no_such_table"; }),
      StoreFailure);
  AddOne(*database);
  EXPECT_EQ(database->ReadBriefly(Number), 3) << "a read that failed spoils no session";
}

TYPED_TEST(SqlDatabaseTest, FailureTellsNoValue) {
  const auto database = this->Open(1);
  const std::string canary = "canary value";
  const auto insert = [&](soci::session& sql) {
    sql << "INSERT INTO settings (name, value) VALUES (:n, '')", soci::use(canary, "n");
  };
  database->Write(insert);
  try {
    database->Write(insert);
    ADD_FAILURE() << "the name was taken";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(std::string(failure.what()).find("canary"), std::string::npos) << failure.what();
  }
}

TYPED_TEST(SqlDatabaseTest, NoFreeSession_IsAnErrorAfterThePatience_NotAHang) {
  const auto database = this->Open(1, {.patience = milliseconds(1)});
  std::promise<void> entered;
  std::promise<void> enough;
  std::thread holder([&] {
    database->Read([&](soci::session&) {
      entered.set_value();
      enough.get_future().wait();
      return 0;
    });
  });
  entered.get_future().wait();
  EXPECT_THROW(database->Read(Number), StoreFailure);
  enough.set_value();
  holder.join();
  EXPECT_EQ(database->Read(Number), 0);
}

TYPED_TEST(SqlDatabaseTest, LimitHoldsAcrossProcesses) {
  ASSERT_TRUE(this->Open());
  std::vector<int> reserved;
  const int full = this->TrueInProcesses(3, [&](int) {
    SystemRandom random;
    const auto store = SqlStore::Open(this->place.Target(), 1, random);
    const std::vector<LimitRule> rules = {{.bucket = "b", .max = 7, .window_seconds = 3600},
                                          {.bucket = "a", .max = 9, .window_seconds = 3600}};
    for (int i = 0; store.ok() && i < 20; ++i) (*store)->Reserve(rules, kNow);
    return store.ok();
  });
  EXPECT_EQ(full, 3);
  EXPECT_EQ(this->Open()->Read([](soci::session& sql) {
    long long counted = 0;
    sql << "SELECT COUNT(*) FROM attempts WHERE bucket = 'b'", soci::into(counted);
    return counted;
  }),
            7);
}

class PostgresqlTest : public SqlDatabaseTest<test::PostgresqlSchema> {
 protected:
  static void EndOwnBackend(soci::session& sql) {
    // The server ends the connection: what follows on it fails.
    sql << "SELECT pg_terminate_backend(pg_backend_pid())";
  }
};

TEST_F(PostgresqlTest, LostConnection_IsMadeAnew_AndWhatWasNotCommittedIsDoneAgain) {
  const auto database = Open(1);
  int runs = 0;
  database->Write([&](soci::session& sql) {
    SetNumber(sql, Number(sql) + 1);
    if (++runs == 1) EndOwnBackend(sql);
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(database->Read(Number), 1);
  runs = 0;
  EXPECT_EQ(database->Read([&](soci::session& sql) {
    if (++runs == 1) EndOwnBackend(sql);
    return Number(sql);
  }),
            1);
}

TEST_F(PostgresqlTest, Collision_IsTriedAgain_AndInTheEndRefused) {
  const auto database = Open(1);
  const auto collide = [](soci::session& sql) {
    sql << "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$";
  };
  int runs = 0;
  database->Write({"n"}, [&](soci::session& sql) {
    SetNumber(sql, Number(sql) + 1);
    if (++runs < 3) collide(sql);
  });
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(database->Read(Number), 1);
  runs = 0;
  EXPECT_THROW(database->Write({"n"},
                               [&](soci::session& sql) {
                                 ++runs;
                                 SetNumber(sql, 100);
                                 collide(sql);
                               }),
               StoreFailure);
  EXPECT_GT(runs, 3);
  EXPECT_LT(runs, 20);
  EXPECT_EQ(database->Read(Number), 1);
}

// Two that take rows in opposite order: the server ends one of them, and it is done again.
TEST_F(PostgresqlTest, Deadlock_IsResolved_BothHappen) {
  const auto database = Open(2);
  database->Write([](soci::session& sql) {
    sql << "INSERT INTO settings (name, value) VALUES ('a', '')";
    sql << "INSERT INTO settings (name, value) VALUES ('b', '')";
  });
  std::atomic<int> first_taken = 0;
  const auto take = [&](const char* first, const char* second) {
    database->Write({}, [&, first, second](soci::session& sql) {
      sql << "SET LOCAL deadlock_timeout TO 20";
      sql << std::string("UPDATE settings SET value = value || 'x' WHERE name = '") + first + "'";
      ++first_taken;
      while (first_taken < 2) std::this_thread::yield();
      sql << std::string("UPDATE settings SET value = value || 'x' WHERE name = '") + second + "'";
    });
  };
  std::thread other([&] { take("b", "a"); });
  take("a", "b");
  other.join();
  EXPECT_GE(first_taken, 3) << "one was done again";
  std::string value;
  database->Read([&](soci::session& sql) {
    sql << "SELECT value FROM settings WHERE name = 'a'", soci::into(value);
    return 0;
  });
  EXPECT_EQ(value, "xx");
}

// COMMIT of such a transaction is a ROLLBACK that calls itself a success.
TEST_F(PostgresqlTest, FailureThatTheWorkSwallowed_IsNoSuccess) {
  const auto database = Open(1);
  EXPECT_THROW(database->Write([](soci::session& sql) {
    SetNumber(sql, 5);
    try {
      sql << "SELECT 1 / 0";
    } catch (const soci::soci_error&) {
    }
  }),
               StoreFailure);
  EXPECT_EQ(database->Read(Number), 0);
}

TEST_F(PostgresqlTest, CommitsAreSynced_WhateverTheServerSays) {
  const std::string target = place.Target();
  std::string lazy = target;
  lazy.insert(lazy.rfind('\''), " -c synchronous_commit=off");
  const auto opened = SqlDatabase::Open(lazy, 1);
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  std::string commit;
  (*opened)->Read([&](soci::session& sql) {
    sql << "SELECT current_setting('synchronous_commit')", soci::into(commit);
    return 0;
  });
  EXPECT_EQ(commit, "on");
}

TEST_F(PostgresqlTest, NamesAreSortedByteByByte) {
  SystemRandom random;
  const auto store = SqlStore::Open(place.Target(), 1, random);
  ASSERT_TRUE(store.ok());
  for (const char* name : {"b", "a-c", "\xC3\xA4", "ab", "B"}) {
    (*store)->PutSetting(name, "");
  }
  std::string names;
  for (const auto& [name, value] : (*store)->ListSettings()) names += name + " ";
  EXPECT_EQ(names, "B a-c ab b \xC3\xA4 ");
}

TEST_F(PostgresqlTest, NewerSchemaIsRefused_InASentence) {
  ASSERT_TRUE(Open());
  place.Run("INSERT INTO schema_version (version) VALUES (999)");
  const auto opened = SqlDatabase::Open(place.Target(), 1);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().detail.find("newer program"), std::string::npos);
}

TEST_F(PostgresqlTest, UnreachableServerIsRefused_InASentence) {
  const auto opened = SqlDatabase::Open("host=/nonexistent dbname=sspr", 1);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().detail.find("sspr at /nonexistent"), std::string::npos)
      << opened.error().detail;
}

TEST_F(PostgresqlTest, PasswordFileThatIsNotThere_IsNamed) {
  const auto opened = SqlDatabase::Open(place.Target(), 1, {.password_file = "/no/such/file"});
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().detail.find("/no/such/file"), std::string::npos);
}

TEST(DatabaseTarget, PathsAreFiles_UrlsAndKeysAreServers) {
  for (const char* path : {"/var/lib/sspr.db", "sspr.db", "/a/dbname=x", "./host=y", ""}) {
    EXPECT_EQ(DialectOf(path), Dialect::kSqlite) << path;
  }
  for (const char* server : {"postgresql://db/sspr", "postgres://u@db:1/sspr", "dbname=sspr",
                             "host=/run/postgresql dbname=sspr", "host = db dbname = x"}) {
    EXPECT_EQ(DialectOf(server), Dialect::kPostgresql) << server;
  }
}

TEST(DatabaseTarget, PasswordIsRefused_AndNotRepeated) {
  for (const char* target : {"postgresql://u:canary@db/sspr", "dbname=x password=canary",
                             "postgresql://u:canary@db:port/x", "dbname=x passwort=canary"}) {
    const auto read = ReadPostgresqlTarget(target);
    ASSERT_FALSE(read.ok()) << target;
    EXPECT_EQ(read.error().detail.find("canary"), std::string::npos) << read.error().detail;
  }
  EXPECT_FALSE(ReadPostgresqlTarget("host=db").ok()) << "names no database";
}

TEST(DatabaseTarget, ServerElsewhereMustProveItsName_UnlessToldOtherwise) {
  const auto mode = [](const std::string& target) {
    const auto read = ReadPostgresqlTarget(target);
    if (!read.ok()) return read.error().detail;
    const std::size_t at = read->connection.find("sslmode='") + 9;
    return read->connection.substr(at, read->connection.find('\'', at) - at);
  };
  EXPECT_EQ(mode("postgresql://db.example.org/sspr"), "verify-full");
  EXPECT_EQ(mode("host=localhost,db2 dbname=x"), "verify-full");
  EXPECT_EQ(mode("host=localhost hostaddr=192.0.2.1 dbname=x"), "verify-full");
  EXPECT_EQ(mode("host=db dbname=x sslmode=verify-ca"), "verify-ca");
  EXPECT_EQ(mode("host=/run/postgresql dbname=x"), "prefer");
  EXPECT_EQ(mode("postgresql:///sspr"), "prefer");
}

}  // namespace
}  // namespace sspr::service
