// SPDX-License-Identifier: Apache-2.0
// What service/directory/directory.h promises, as a suite of typed tests. A world is a directory
// with alice in it, who has no password yet:
//   static constexpr const char* kName;           // her user name
//   static constexpr const char* kAlice;          // her id; or
//   std::string Id();                             // where the server makes it
//   static constexpr bool kCountsPasswords;       // whether the generation is the number of them
//   static constexpr bool kTakesAllBytes;         // also what is no UTF-8
//   Directory& directory();
//   bool Holds(id, password);                     // only where nobody can ask the directory
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/secret.h"
#include "service/directory/directory.h"

namespace sspr::service {

inline Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

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
  std::string Alice() {
    if constexpr (requires { world.Id(); }) {
      return world.Id();
    } else {
      return World::kAlice;
    }
  }

  World world;
};

TYPED_TEST_SUITE_P(DirectoryContract);

TYPED_TEST_P(DirectoryContract, UserIsFoundByNameAndById) {
  for (const auto& user :
       {this->directory().Find(TypeParam::kName), this->directory().Get(this->Alice())}) {
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->id, this->Alice());
    EXPECT_EQ(user->display_name, "Alice Example");
    EXPECT_EQ(user->local_account, "asmith");
    EXPECT_EQ(user->language, "de");
    EXPECT_EQ(user->has_password, !TypeParam::kCountsPasswords) << "the others do not tell";
  }
  EXPECT_FALSE(this->directory().Find("Alice").has_value());
  EXPECT_FALSE(this->directory().Find("").has_value());
  EXPECT_FALSE(this->directory().Get("").has_value());
}

TYPED_TEST_P(DirectoryContract, NobodyAndUsersWithoutAPasswordAreNeverRight) {
  for (const std::string& id : {std::string(), std::string("nobody"), this->Alice()}) {
    EXPECT_FALSE(this->Right(id, ""));
    EXPECT_FALSE(this->Right(id, "password"));
  }
}

TYPED_TEST_P(DirectoryContract, PasswordThatWasSetIsRight_OnlyThatOne) {
  EXPECT_EQ(this->directory().SetPassword("t1", this->Alice(), Hidden("first")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right(this->Alice(), "first"));
  for (const char* wrong : {"", "First", "first ", "firs"}) {
    EXPECT_FALSE(this->Right(this->Alice(), wrong)) << wrong;
  }
  EXPECT_TRUE(this->directory().Get(this->Alice())->has_password);
  if (TypeParam::kCountsPasswords) {
    EXPECT_EQ(this->directory().Get(this->Alice())->password_generation, 1);
  }
}

TYPED_TEST_P(DirectoryContract, LongAndForeignPasswordsAreComparedToTheLastByte) {
  const std::string longest(511, '\xC3');
  if constexpr (!TypeParam::kTakesAllBytes) {
    const SetReply reply = this->directory().SetPassword("t1", this->Alice(), Hidden(longest));
    EXPECT_EQ(reply.refusal, RefusalCode::kPasswordInvalid) << "it is no UTF-8";
    return;
  }
  this->directory().SetPassword("t1", this->Alice(), Hidden(longest));
  EXPECT_TRUE(this->Right(this->Alice(), longest));
  EXPECT_FALSE(this->Right(this->Alice(), longest.substr(0, 510)));
  EXPECT_FALSE(this->Right(this->Alice(), longest.substr(0, 510) + "x"));
}

TYPED_TEST_P(DirectoryContract, OneTransactionSetsOnePassword) {
  EXPECT_EQ(this->directory().SetPassword("t1", this->Alice(), Hidden("first")), SetOutcome::kSet);
  EXPECT_EQ(this->directory().SetPassword("t1", this->Alice(), Hidden("second")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right(this->Alice(), "first"));
  EXPECT_EQ(this->directory().SetPassword("t2", this->Alice(), Hidden("second")), SetOutcome::kSet);
  EXPECT_TRUE(this->Right(this->Alice(), "second"));
}

TYPED_TEST_P(DirectoryContract, OneTransactionFromManyThreads_SetsOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> sets = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const Secret password = Hidden("password number " + std::to_string(i));
      sets += this->directory().SetPassword("t1", this->Alice(), password) == SetOutcome::kSet;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sets, 4) << "all are told the truth";
  if (TypeParam::kCountsPasswords) {
    EXPECT_EQ(this->directory().Get(this->Alice())->password_generation, 1);
  }
}

TYPED_TEST_P(DirectoryContract, SettleTellsWhatHappened) {
  this->directory().SetPassword("t1", this->Alice(), Hidden("first"));
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kSet);
  EXPECT_EQ(this->directory().Settle("t2"), SetOutcome::kNotSet);
}

TYPED_TEST_P(DirectoryContract, SettledAsNotSet_NeverIsSet) {
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kNotSet);
  EXPECT_EQ(this->directory().SetPassword("t1", this->Alice(), Hidden("late")),
            SetOutcome::kNotSet);
  EXPECT_FALSE(this->Right(this->Alice(), "late"));
}

TYPED_TEST_P(DirectoryContract, NobodysPasswordIsNotSet) {
  EXPECT_EQ(this->directory().SetPassword("t1", "nobody", Hidden("x")), SetOutcome::kNotSet);
  EXPECT_EQ(this->directory().Settle("t1"), SetOutcome::kNotSet);
}

REGISTER_TYPED_TEST_SUITE_P(DirectoryContract, UserIsFoundByNameAndById,
                            NobodyAndUsersWithoutAPasswordAreNeverRight,
                            PasswordThatWasSetIsRight_OnlyThatOne,
                            LongAndForeignPasswordsAreComparedToTheLastByte,
                            OneTransactionSetsOnePassword, OneTransactionFromManyThreads_SetsOnce,
                            SettleTellsWhatHappened, SettledAsNotSet_NeverIsSet,
                            NobodysPasswordIsNotSet);

}  // namespace sspr::service
