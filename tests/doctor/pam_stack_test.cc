// SPDX-License-Identifier: Apache-2.0
// PAM service files as the doctor reads them.
#include "pam_module/doctor/pam_stack.h"

#include <gtest/gtest.h>

namespace sspr::doctor {
namespace {

using Kind = PamAction::Kind;
using Texts = std::map<std::string, std::string>;

std::optional<PamStack> Read(const Texts& texts, const std::string& service = "login") {
  return ReadStack(
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = texts.find(name);
        if (found == texts.end()) return std::nullopt;
        return found->second;
      },
      service, "auth");
}

std::string Modules(const PamStack& stack) {
  std::string all;
  for (const PamRule& rule : stack.rules) all += rule.Where() + "=" + rule.ModuleName() + " ";
  return all;
}

TEST(PamStackTest, LinesOfOneKindAreReadInOrderWithTheirPlace) {
  const auto stack = Read({{"login",
                            "# comment\n"
                            "auth required pam_a.so x=1 [two words] y # more\n"
                            "\n"
                            "account required pam_b.so\n"
                            "AUTH optional \\\n   /lib/security/pam_c.so\n"
                            "-auth [success=2 default=ignore] pam_d.so"}});
  ASSERT_TRUE(stack);
  EXPECT_TRUE(stack->faults.empty());
  EXPECT_EQ(Modules(*stack), "login:2=pam_a.so login:5=pam_c.so login:7=pam_d.so ");
  EXPECT_EQ(stack->rules[0].arguments, (std::vector<std::string>{"x=1", "two words", "y"}));
  EXPECT_TRUE(stack->rules[0].Has("y"));
  EXPECT_FALSE(stack->rules[0].silent);
  EXPECT_TRUE(stack->rules[2].silent);
  EXPECT_EQ(stack->rules[2].control.at("success").jump, 2);
}

TEST(PamStackTest, IncludesAreFollowedAndSubstacksCounted) {
  const auto stack = Read({{"login",
                            "auth required pam_a.so\n@include common-auth\n"
                            "auth include more\nauth substack deep\nauth required pam_z.so\n"},
                           {"common-auth", "auth required pam_b.so\naccount required pam_x.so\n"},
                           {"more", "auth required pam_c.so\n"},
                           {"deep", "auth required pam_d.so\n"}});
  EXPECT_EQ(Modules(*stack),
            "login:1=pam_a.so common-auth:1=pam_b.so more:1=pam_c.so deep:1=pam_d.so "
            "login:5=pam_z.so ");
  EXPECT_EQ(stack->rules[3].substacks.size(), 1U);
  EXPECT_TRUE(stack->rules[4].substacks.empty());
}

TEST(PamStackTest, WhatLibpamCannotUseIsAFaultWithItsPlace) {
  const auto stack = Read({{"login",
                            "auth required\n"
                            "auth sometimes pam_a.so\n"
                            "aut required pam_a.so\n"
                            "auth [success=x] pam_a.so\n"
                            "@include\n"
                            "@include absent\n"
                            "auth include login\n"}});
  EXPECT_TRUE(stack->rules.empty());
  ASSERT_GE(stack->faults.size(), 7U);
  EXPECT_EQ(stack->faults[0], "login:1: the line has too few words");
  EXPECT_EQ(stack->faults[1], "login:2: 'sometimes' is no control");
  EXPECT_EQ(stack->faults[2], "login:3: 'aut' is no kind of line");
  EXPECT_EQ(stack->faults[5], "login:6: 'absent' is not there");
  EXPECT_EQ(stack->faults.back(), "login:7: includes go round in circles");
  EXPECT_FALSE(Read({}));
}

TEST(PamStackTest, AFileThatIncludesItselfSeveralTimesEnds) {
  const auto stack = Read({{"login",
                            "auth include login\nauth include login\nauth substack login\n"
                            "auth required pam_a.so\n"}});
  EXPECT_LT(stack->rules.size(), 1000U);
  EXPECT_FALSE(stack->faults.empty());
}

TEST(PamStackTest, ControlsAreReadAsLibpamDoes) {
  EXPECT_EQ(ParseControl("required")->at("default").kind, Kind::kBad);
  EXPECT_EQ(ParseControl("requisite")->at("default").kind, Kind::kDie);
  EXPECT_EQ(ParseControl("sufficient")->at("success").kind, Kind::kDone);
  EXPECT_EQ(ParseControl("optional")->at("default").kind, Kind::kIgnore);
  const auto mixed =
      ParseControl("[success=done new_authtok_reqd = ok default= die user_unknown =3]");
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->at("success").kind, Kind::kDone);
  EXPECT_EQ(mixed->at("new_authtok_reqd").kind, Kind::kOk);
  EXPECT_EQ(mixed->at("default").kind, Kind::kDie);
  EXPECT_EQ(mixed->at("user_unknown").jump, 3);
  for (const char* bad : {"", "[]", "[success]", "[=ok]", "[success=0]", "[success=-1]",
                          "[success=ok", "Required "}) {
    EXPECT_FALSE(ParseControl(bad)) << bad;
  }
}

}  // namespace
}  // namespace sspr::doctor
