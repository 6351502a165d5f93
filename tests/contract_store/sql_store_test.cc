// SPDX-License-Identifier: Apache-2.0
// What is true of the database file alone: its mode, its schema, several processes on it.
#include "service/store/sql_store.h"

#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/crypto/random.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kNow = 1767225600;

class SqlStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqlStore> Open() {
    Result<std::unique_ptr<SqlStore>> made = SqlStore::Open(Path(), 2, random);
    if (!made.ok()) {
      detail = made.error().detail;
      return nullptr;
    }
    return std::move(*made);
  }
  std::string Path() const { return folder.File("service.db"); }
  mode_t ModeOf(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }

  test::ScratchFolder folder;
  SystemRandom random;
  std::string detail;
};

TEST_F(SqlStoreTest, FileAndSideFilesAreTheOwnersAlone_WhateverTheUmask) {
  const mode_t before = umask(0);
  const auto store = Open();
  umask(before);
  ASSERT_TRUE(store) << detail;
  store->PutSetting("a", "1");
  EXPECT_EQ(ModeOf(Path()), 0600U);
  EXPECT_EQ(ModeOf(Path() + "-wal"), 0600U);
  EXPECT_EQ(ModeOf(Path() + "-shm"), 0600U);
}

TEST_F(SqlStoreTest, WhatWasWrittenIsThereAfterReopening) {
  ASSERT_TRUE(Open());
  Open()->PutSetting("a", "1");
  EXPECT_EQ(Open()->ListSettings().size(), 1U);
}

TEST_F(SqlStoreTest, NewerSchemaIsRefused_InASentence) {
  ASSERT_TRUE(Open());
  {
    soci::session sql(soci::sqlite3, "dbname=" + Path());
    sql << "INSERT INTO schema_version (version) VALUES (999)";
  }
  EXPECT_FALSE(Open());
  EXPECT_NE(detail.find("newer program"), std::string::npos) << detail;
}

TEST_F(SqlStoreTest, FileThatIsNoDatabaseIsRefused) {
  folder.Write("service.db", std::string(4096, 'x'));
  EXPECT_FALSE(Open());
  EXPECT_NE(detail.find("service.db"), std::string::npos) << detail;
}

TEST_F(SqlStoreTest, MissingFolderIsRefused) {
  EXPECT_FALSE(SqlStore::Open(folder.File("no/such/folder/x.db"), 1, random).ok());
}

// Attempts reserved by several processes at once on one file.
TEST_F(SqlStoreTest, LimitHoldsAcrossProcesses) {
  ASSERT_TRUE(Open());
  constexpr int kProcesses = 3;
  constexpr int kTriesEach = 20;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto store = Open();
      int reserved = 0;
      const std::vector<LimitRule> rules = {
          {.bucket = "b", .max = 7, .window_seconds = 3600, .off_seconds = 0}};
      for (int j = 0; store && j < kTriesEach; ++j) {
        reserved += store->Reserve(rules, kNow).allowed ? 1 : 0;
      }
      _exit(store ? reserved : 255);
    }
    children.push_back(child);
  }
  int total = 0;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    total += WEXITSTATUS(status);
  }
  EXPECT_EQ(total, 7);
}

}  // namespace
}  // namespace sspr::service
