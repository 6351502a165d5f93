// SPDX-License-Identifier: Apache-2.0
// The rules of a new password, as the person meets them before anything is sent.
#include "common/flow/password_rules.h"

#include <gtest/gtest.h>

namespace sspr {
namespace {

std::optional<RuleBroken> Check(std::string_view password, PasswordRules rules = {}) {
  return FirstBroken(rules, *Secret::CopyOf(password));
}

TEST(PasswordRules, LengthIsCountedInCodePoints) {
  EXPECT_EQ(Check("seven77"), RuleBroken::kTooShort);
  EXPECT_EQ(Check("eight888"), std::nullopt);
  EXPECT_EQ(Check("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"), RuleBroken::kTooShort) << "four letters";
  EXPECT_EQ(Check(std::string(256, 'x')), std::nullopt);
  EXPECT_EQ(Check(std::string(257, 'x')), RuleBroken::kTooLong);
}

TEST(PasswordRules, BytesAreLimitedToo) {
  std::string euros;
  for (int i = 0; i < 150; ++i) euros += "\xE2\x82\xAC";
  PasswordRules rules;
  EXPECT_EQ(Check(euros, rules), std::nullopt);
  rules.max_bytes = 400;
  EXPECT_EQ(Check(euros, rules), RuleBroken::kTooLong);
}

TEST(PasswordRules, WhatCannotBeTypedAtEveryLoginIsRefused) {
  for (const char* text : {"tab\tinside it", "escape\x1b[31mhere", "c1 \xC2\x9B control",
                           "broken \xFF\xFE bytes", "half \xC3", "cafe\xCC\x81 au lait",
                           "\xEF\xAC\x81ve and more \xE1\xBE\xBE", "line\xE2\x80\xA8separator"}) {
    EXPECT_EQ(Check(text), RuleBroken::kUntypable) << text;
  }
  EXPECT_EQ(Check("caf\xC3\xA9 au lait"), std::nullopt) << "composed";
  EXPECT_EQ(Check("\xF0\x9F\x90\xA7 penguins march"), std::nullopt);
}

TEST(PasswordRules, KindsAreCounted) {
  PasswordRules rules;
  rules.min_kinds = 3;
  EXPECT_EQ(Check("onlysmallones", rules), RuleBroken::kTooFewKinds);
  EXPECT_EQ(Check("Capital1andmore", rules), std::nullopt);
  EXPECT_EQ(Check("\xC3\x84pfel und 4", rules), std::nullopt) << "letters of any script";
}

TEST(PasswordRules, ForbiddenPartsAreFoundInAnyCase) {
  PasswordRules rules;
  rules.forbidden_parts = {"alice", "\xC3\xA4rger", ""};
  EXPECT_EQ(Check("xxALICExxx", rules), RuleBroken::kForbiddenPart);
  EXPECT_EQ(Check("viel \xC3\x84RGER heute", rules), RuleBroken::kForbiddenPart);
  EXPECT_EQ(Check("somebody else", rules), std::nullopt);
}

TEST(PasswordRules, ServiceCannotLoosenOurLimits) {
  const PasswordRules tight = Tightened({0, 100000, 100000, 0, {}});
  EXPECT_EQ(tight.min_length, 8);
  EXPECT_EQ(tight.max_length, 256);
  EXPECT_EQ(tight.max_bytes, 511);
  EXPECT_EQ(Tightened({20, 64, 100, 0, {}}).min_length, 20);
}

}  // namespace
}  // namespace sspr
