// SPDX-License-Identifier: Apache-2.0
#include "common/base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>

namespace sspr {
namespace {

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

bool Holds(const void* memory, std::size_t size, std::string_view needle) {
  const char* begin = static_cast<const char*>(memory);
  return std::search(begin, begin + size, needle.begin(), needle.end()) != begin + size;
}

TEST(Secret, NeverTruncates) {
  EXPECT_TRUE(Secret::CopyOf(std::string(511, 'x')).has_value());
  EXPECT_FALSE(Secret::CopyOf(std::string(512, 'x')).has_value());
  Secret secret;
  ASSERT_TRUE(secret.Append(std::string(500, 'x')));
  EXPECT_FALSE(secret.Append(std::string(12, 'y')));
  EXPECT_EQ(secret.Reveal(), std::string(500, 'x'));
}

TEST(Secret, LeavesNothingBehindWhenMovedFromClearedShrunkOrDestroyed) {
  alignas(Secret) unsigned char memory[sizeof(Secret)] = {};
  Secret* secret = new (memory) Secret;
  ASSERT_TRUE(secret->Append("correct horse"));
  ASSERT_TRUE(Holds(memory, sizeof memory, "correct"));
  Secret other = std::move(*secret);
  EXPECT_FALSE(Holds(memory, sizeof memory, "correct"));
  EXPECT_EQ(other.Reveal(), "correct horse");
  *secret = std::move(other);
  ASSERT_TRUE(secret->Resize(3));
  EXPECT_FALSE(Holds(memory, sizeof memory, "rect"));
  secret->Clear();
  EXPECT_FALSE(Holds(memory, sizeof memory, "cor"));
  ASSERT_TRUE(secret->Append("battery staple"));
  std::destroy_at(secret);
  EXPECT_FALSE(Holds(memory, sizeof memory, "battery"));
}

TEST(Secret, IsTerminatedWhateverWasDone) {
  Secret secret;
  EXPECT_STREQ(secret.RevealTerminated(), "");
  ASSERT_TRUE(secret.Append("abc"));
  EXPECT_STREQ(secret.RevealTerminated(), "abc");
  ASSERT_TRUE(secret.Resize(1));
  EXPECT_STREQ(secret.RevealTerminated(), "a");
  EXPECT_FALSE(secret.Resize(512));
}

TEST(Secret, SameAsComparesWhole) {
  const auto a = Secret::CopyOf("abc");
  EXPECT_TRUE(a->SameAs(*Secret::CopyOf("abc")));
  EXPECT_FALSE(a->SameAs(*Secret::CopyOf("abd")));
  EXPECT_FALSE(a->SameAs(*Secret::CopyOf("ab")));
  EXPECT_TRUE(Secret().SameAs(SecretBody()));
}

}  // namespace
}  // namespace sspr
