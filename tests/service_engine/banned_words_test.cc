// SPDX-License-Identifier: Apache-2.0
// Banned words, as Microsoft's documentation scores them, and as a reset meets them.
#include <gtest/gtest.h>

#include "service/policy/banned_terms.h"
#include "service/policy/common_terms.h"
#include "service/policy/password_rules.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

const std::vector<std::string> kContoso = {"contoso", "blank"};

bool IsBanned(const std::vector<std::string>& custom, std::string_view password) {
  return JudgeWords(custom, Hidden(password)).has_value();
}

// The worked examples of "Eliminate bad passwords using Microsoft Entra Password Protection".
TEST(BannedWords, ScoreAsTheWorkedExamplesSay) {
  EXPECT_TRUE(IsBanned(kContoso, "C0ntos0Blank12")) << "4 points";
  EXPECT_FALSE(IsBanned(kContoso, "ContoS0Bl@nkf9!")) << "5 points";
  for (const char* one_away : {"abcdeg", "abcdefg", "abcde", "abcdef", "ABCDEF", "@bcdef"}) {
    EXPECT_TRUE(IsBanned({"abcdef"}, one_away)) << one_away;
  }
}

TEST(BannedWords, NameIsFoundInItsNormalForm) {
  Policy policy;
  policy.forbid_names = 1;
  policy.max_length = 256;
  policy.min_length = 8;
  const PasswordPolicyReply rules = PasswordPolicyFor(policy, "poll@example.org", "Poll");
  EXPECT_EQ(JudgePassword(rules, Hidden("p0LL23fb xx")), RefusalCode::kPasswordTooWeak);
  EXPECT_EQ(JudgePassword(rules, Hidden("po1123fb xx")), RefusalCode::kPasswordTooWeak);
  policy.organisation = "Contoso Ltd";
  EXPECT_EQ(JudgePassword(PasswordPolicyFor(policy, "a", ""), Hidden("my c0nt0s0 place")),
            RefusalCode::kPasswordTooWeak);
}

TEST(BannedWords, CheapestReadingCounts) {
  EXPECT_TRUE(IsBanned({"blank", "blankcheck"}, "blankcheckxyz")) << "1 + 3, not 1 + 8";
  EXPECT_TRUE(IsBanned({}, "Password26!")) << "password, 2, 6, !";
  EXPECT_TRUE(IsBanned({}, "Sommer!Sommer!"));
  EXPECT_FALSE(IsBanned({}, kNewPassword));
  EXPECT_FALSE(IsBanned({}, "tZ8#qLw2 vN"));
}

TEST(BannedWords, ListThatIsShippedIsInItsNormalForm_Sorted) {
  std::string_view before;
  for (const std::string_view term : CommonTerms()) {
    EXPECT_LT(before, term);
    const Result<std::string> normal = BannedTermOf(term);
    ASSERT_TRUE(normal.ok()) << term;
    EXPECT_EQ(*normal, term);
    before = term;
  }
  EXPECT_GT(CommonTerms().size(), 500U);
}

TEST(BannedWords, TermsAreKeptInTheirNormalForm) {
  EXPECT_EQ(*BannedTermOf("C0NT0$0"), "contoso");
  EXPECT_EQ(*BannedTermOf("Straße"), "strasse");
  for (const std::string& bad :
       {std::string(), std::string("abc"), std::string(33, 'x'), std::string("two words"),
        std::string("a\nbcd"), std::string("abc\xff"), std::string("\xEF\xB7\xBA")}) {  // U+FDFA
    EXPECT_FALSE(BannedTermOf(bad).ok()) << bad;
  }
}

class PasswordsTest : public testing::Test {
 protected:
  PasswordsTest() { world.AddUser("alice"); }
  EngineWorld world;
};

TEST_F(PasswordsTest, WordOfTheOrganisation_IsRefused_UntilItIsTakenOut) {
  ASSERT_TRUE(world.admin().AddBannedTerms({"Zaphodbeeblebrox"}).ok());
  EXPECT_EQ(*world.admin().ListBannedTerms(), std::vector<std::string>{"zaphodbeeblebrox"});
  EXPECT_EQ(Outcome(world.Reset("alice", "Z@ph0dbeeblebr0x42")), "password_banned");
  ASSERT_TRUE(world.admin().RemoveBannedTerm("ZAPHODBEEBLEBROX").ok());
  EXPECT_FALSE(world.admin().RemoveBannedTerm("zaphodbeeblebrox").ok());
  EXPECT_EQ(Outcome(world.Reset("alice", "Z@ph0dbeeblebr0x42")), "ok");
}

TEST_F(PasswordsTest, AtMostAThousandWords_AllOrNone) {
  std::vector<std::string> words;
  for (int i = 0; i < 1001; ++i) words.push_back("word" + std::to_string(1000 + i) + "x");
  EXPECT_FALSE(world.admin().AddBannedTerms(words).ok());
  EXPECT_TRUE(world.admin().ListBannedTerms()->empty());
  words.pop_back();
  EXPECT_TRUE(world.admin().AddBannedTerms(words).ok());
  EXPECT_FALSE(world.admin().AddBannedTerms({"good", "bad one"}).ok());
}

TEST_F(PasswordsTest, HistoryIsAsLongAsThePolicySays) {
  world.SetPolicy("limits.emails_per_ten_minutes", "10");
  world.SetPolicy("password.history", "2");
  for (const char* password : {"river stone lantern one", "river stone lantern two"}) {
    ASSERT_EQ(Outcome(world.Reset("alice", password)), "ok");
  }
  EXPECT_EQ(Outcome(world.Reset("alice", kOldPassword)), "password_recently_used");
  EXPECT_EQ(Outcome(world.Reset("alice", "river stone lantern one")), "password_recently_used");
  ASSERT_EQ(Outcome(world.Reset("alice", "river stone lantern three")), "ok");
  EXPECT_EQ(Outcome(world.Reset("alice", kOldPassword)), "ok") << "three passwords ago";
  world.SetPolicy("password.history", "0");
  EXPECT_EQ(Outcome(world.Reset("alice", "river stone lantern three")), "ok");
}

TEST_F(PasswordsTest, TooYoungAPassword_IsSaidSo_WhateverTheNewOneIs) {
  world.SetPolicy("password.min_age_hours", "24");
  EXPECT_EQ(Outcome(world.Reset("alice", kNewPassword)), "password_too_young");
  world.clock().Advance(24 * 3600);
  EXPECT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
}

}  // namespace
}  // namespace sspr::service
