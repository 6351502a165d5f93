// SPDX-License-Identifier: Apache-2.0
// What is true of the database file alone: its mode and its schema.
#include "service/store/sql_store.h"

#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>

#include "service/crypto/random.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {
namespace {

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

}  // namespace
}  // namespace sspr::service
