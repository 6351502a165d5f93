// SPDX-License-Identifier: Apache-2.0
// FlowStore::Atomically on SQLite and on PostgreSQL: what is done within it is one step.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "service/crypto/random.h"
#include "service/store/sql_store.h"
#include "tests/postgresql/test_database.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kNow = 1767225600;

template <typename Database>
class StepTest : public testing::Test {
 protected:
  StepTest() {
    auto made = SqlStore::Open(place.Target(), 4, random);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    store = std::move(*made);
  }
  static LimitRule Rule(const std::string& bucket) {
    return {.bucket = bucket, .max = 100, .window_seconds = 3600};
  }
  bool Allows(const std::string& bucket, int most) {
    LimitRule rule = Rule(bucket);
    rule.max = most;
    return store->Peek({rule}, kNow).allowed;
  }

  Database place;
  SystemRandom random;
  std::unique_ptr<SqlStore> store;
};

using Databases = testing::Types<test::SqliteFile, test::PostgresqlSchema>;
TYPED_TEST_SUITE(StepTest, Databases);

TYPED_TEST(StepTest, WhatIsDoneWithinIsSeenWithin_AndByOthersAfterwards) {
  SqlStore& opened = *this->store;
  opened.Atomically([&] {
    opened.PutSetting("a", "1");
    EXPECT_EQ(opened.ListSettings().size(), 1U);
    opened.Atomically([&] { opened.PutSetting("b", "2"); });
    EXPECT_TRUE(opened.Reserve({this->Rule("x")}, kNow).allowed);
    std::thread([&] { EXPECT_TRUE(opened.ListSettings().empty()); }).join();
  });
  EXPECT_EQ(opened.ListSettings().size(), 2U);
  EXPECT_FALSE(this->Allows("x", 1));
}

TYPED_TEST(StepTest, StepThatThrowsHasDoneNothing_AndTheNextOneIsFree) {
  SqlStore& opened = *this->store;
  const auto fail = [&] {
    opened.PutSetting("a", "1");
    EXPECT_TRUE(opened.Reserve({this->Rule("x")}, kNow).allowed);
    opened.Atomically([] { throw std::runtime_error("no"); });
  };
  EXPECT_THROW(opened.Atomically(fail), std::runtime_error);
  EXPECT_TRUE(opened.ListSettings().empty());
  EXPECT_TRUE(this->Allows("x", 1));
  opened.PutSetting("b", "2");
  EXPECT_EQ(opened.ListSettings().size(), 1U);
}

// In the opposite order, so that on a server they wait for each other's keys.
TYPED_TEST(StepTest, StepsThatNeedTheSameTwoThings_AllComeToTheirEnd) {
  constexpr int kSteps = 3;
  std::vector<std::thread> threads;
  for (const bool first : {true, false}) {
    threads.emplace_back([this, first] {
      for (int i = 0; i < kSteps; ++i) {
        this->store->Atomically([&] {
          (void)this->store->Reserve({this->Rule(first ? "x" : "y")}, kNow);
          (void)this->store->Reserve({this->Rule(first ? "y" : "x")}, kNow);
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const char* bucket : {"x", "y"}) {
    EXPECT_FALSE(this->Allows(bucket, 2 * kSteps)) << bucket;
    EXPECT_TRUE(this->Allows(bucket, 2 * kSteps + 1)) << bucket;
  }
}

}  // namespace
}  // namespace sspr::service
