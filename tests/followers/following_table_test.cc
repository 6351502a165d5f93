// SPDX-License-Identifier: Apache-2.0
// The rows of what follows, on each database.
#include "service/store/following_table.h"

#include <gtest/gtest.h>

#include "service/crypto/random.h"
#include "service/store/sql_store.h"
#include "tests/postgresql/test_database.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kNow = 1'795'381'505;

template <typename Database>
class FollowingTableTest : public testing::Test {
 protected:
  FollowingTableTest() {
    auto opened = SqlDatabase::Open(place.Target(), 2);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database = std::move(*opened);
    store = std::make_unique<SqlStore>(database, random);
    table = std::make_unique<FollowingTable>(database);
  }
  FollowingRecord Row(const std::string& transaction, const std::string& user, UnixSeconds at) {
    return {.id = transaction + ".follower",
            .transaction_id = transaction,
            .follower = "follower",
            .user_id = user,
            .username = user + "@example.org",
            .queued_at = at,
            .gives_up_at = at + 60};
  }
  Database place;
  SystemRandom random;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<FollowingTable> table;
};

using Places = testing::Types<test::SqliteFile, test::PostgresqlSchema>;
TYPED_TEST_SUITE(FollowingTableTest, Places);

TYPED_TEST(FollowingTableTest, NewerPasswordOfOnePersonTakesTheOlderOnesPlace) {
  ASSERT_TRUE(this->table->Insert(this->Row("a1", "ada", kNow)));
  ASSERT_TRUE(this->table->Insert(this->Row("a2", "grace", kNow)));
  ASSERT_TRUE(this->table->Insert(this->Row("a3", "ada", kNow + 1)));
  EXPECT_FALSE(this->table->Insert(this->Row("a3", "ada", kNow + 2)));
  EXPECT_EQ(this->table->Find("a1.follower")->state, FollowingState::kReplaced);
  const auto waiting = this->table->List(FollowingState::kWaiting, 10);
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[0].user_id, "grace");
  EXPECT_EQ(waiting[1].transaction_id, "a3");
  EXPECT_EQ(waiting[1].gives_up_at, kNow + 61);
}

TYPED_TEST(FollowingTableTest, EndComesOnce) {
  ASSERT_TRUE(this->table->Insert(this->Row("a1", "ada", kNow)));
  this->table->NoteTry("a1.follower", 2, "away");
  EXPECT_EQ(this->table->Find("a1.follower")->tries, 2);
  EXPECT_FALSE(this->table->Remove("a1.follower")) << "it waits";
  EXPECT_TRUE(this->table->End("a1.follower", FollowingState::kDead, 3, "gone", kNow + 5));
  EXPECT_FALSE(this->table->End("a1.follower", FollowingState::kFollowed, 3, "", kNow + 6));
  const auto dead = this->table->List(FollowingState::kDead, 10);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].reason, "gone");
  EXPECT_EQ(dead[0].ended_at, kNow + 5);
  EXPECT_TRUE(this->table->Remove("a1.follower"));
  EXPECT_FALSE(this->table->Find("a1.follower").has_value());
}

TYPED_TEST(FollowingTableTest, OfOtherProcessesOnlyWhatShouldBeOverIsLost) {
  ASSERT_TRUE(this->table->Insert(this->Row("a1", "ada", kNow)));
  ASSERT_TRUE(this->table->Insert(this->Row("a2", "grace", kNow + 100)));
  const auto lost = this->table->BuryLost(kNow + 90, "lost", kNow + 90);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].user_id, "ada");
  EXPECT_EQ(this->table->BuryLost(std::nullopt, "lost", kNow + 90).size(), 1U);
  EXPECT_TRUE(this->table->List(FollowingState::kWaiting, 10).empty());
}

}  // namespace
}  // namespace sspr::service
