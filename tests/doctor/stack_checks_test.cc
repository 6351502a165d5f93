// SPDX-License-Identifier: Apache-2.0
// The stacks of docs/pam-stack.md are good; each way to get one wrong is found, and named with what
// would be right.
#include "pam_module/doctor/stack_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace sspr::doctor {
namespace {

using ::testing::HasSubstr;

constexpr char kOurs[] = "-auth [success=ignore ignore=ignore default=ignore] pam_sspr.so ";

Report Check(const std::string& text) {
  const auto stack = ReadStack([&](const std::string&) { return text; }, "login", "auth");
  Report report;
  CheckStack("login", *stack, report);
  return report;
}

std::string Prompt(const std::string& unix_line, const std::string& ours = kOurs) {
  return ours + "\n" + unix_line + "\nauth requisite pam_deny.so\nauth required pam_permit.so\n";
}

std::string Failure(const std::string& first, const std::string& second) {
  return first + "\n" + kOurs + "trigger=failure\n" + second +
         "\nauth requisite pam_deny.so\nauth required pam_permit.so\n";
}

const Finding* Of(const Report& report, FindingId id, Level level) {
  for (const Finding& finding : report.findings()) {
    if (finding.id == id && finding.level == level) return &finding;
  }
  return nullptr;
}

// The stacks of the document, between ``` and ```.
std::vector<std::string> DocumentedStacks() {
  std::ifstream file(DOCUMENT);
  std::vector<std::string> stacks;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) stacks.emplace_back();
    } else if (inside) {
      stacks.back() += line + "\n";
    }
  }
  return stacks;
}

TEST(StackChecksTest, TheDocumentedStacksAreGood) {
  int checked = 0;
  for (const std::string& stack : DocumentedStacks()) {
    if (stack.find("pam_sspr.so") == std::string::npos) continue;
    if (stack.find("auth") == std::string::npos) continue;
    EXPECT_EQ(Check(stack).code(), 0) << stack << Check(stack).AsText();
    ++checked;
  }
  EXPECT_GE(checked, 2);
}

TEST(StackChecksTest, WhoStandsBehindOneThatAsksMayTakeWhatThatOneAskedFor) {
  const std::string unix_line = "auth [success=2 default=ignore] pam_unix.so try_first_pass\n";
  const std::string sss_line = "auth [success=1 default=ignore] pam_sss.so";
  EXPECT_EQ(Check(Prompt(unix_line + sss_line + " use_first_pass")).code(), 0);
  const Report twice = Check(Prompt(unix_line + sss_line));
  const Finding* const found = Of(twice, FindingId::kTriggerOutOfPlace, Level::kWarning);
  ASSERT_NE(found, nullptr) << twice.AsText();
  EXPECT_THAT(found->text, HasSubstr("pam_sss.so at login:3 asks for the password a second time"));
}

TEST(StackChecksTest, BehindAWrongPasswordTheDirectoryHasToBeAskedAgainToo) {
  const std::string before =
      "auth [success=5 default=ignore] pam_unix.so\n"
      "auth [success=4 default=ignore] pam_sss.so use_first_pass";
  const std::string unix_again = "auth [success=2 default=ignore] pam_unix.so use_first_pass\n";
  EXPECT_EQ(Check(Failure(before, unix_again + "auth [success=1 default=ignore] pam_sss.so "
                                               "use_first_pass"))
                .code(),
            0);
  const Report once = Check(Failure(before, unix_again + "auth optional pam_cap.so"));
  const Finding* const found = Of(once, FindingId::kTriggerOutOfPlace, Level::kWarning);
  ASSERT_NE(found, nullptr) << once.AsText();
  EXPECT_THAT(found->text, HasSubstr("no pam_sss.so behind login:3"));
  EXPECT_THAT(found->remedy, HasSubstr("a second line of pam_sss.so with use_first_pass"));
}

TEST(StackChecksTest, AJumpThatDoesNotCountOurLineRefusesTheRightPassword) {
  const Report two = Check(Failure("auth [success=2 default=ignore] pam_unix.so",
                                   "auth [success=1 default=ignore] pam_unix.so use_first_pass"));
  const Finding* const refused = Of(two, FindingId::kStackRefuses, Level::kFault);
  ASSERT_NE(refused, nullptr) << two.AsText();
  EXPECT_THAT(refused->text, HasSubstr("pam_deny.so at login:4"));
  EXPECT_THAT(refused->remedy, HasSubstr("write success=3 instead of success=2 at login:1"));
  EXPECT_EQ(two.code(), 2);
}

TEST(StackChecksTest, AJumpPastTheEndIsNamed) {
  const Report report = Check(Prompt("auth [success=3 default=ignore] pam_unix.so try_first_pass"));
  const Finding* const found = Of(report, FindingId::kStackRefuses, Level::kFault);
  ASSERT_NE(found, nullptr) << report.AsText();
  EXPECT_THAT(found->text, HasSubstr("the jump at login:2 leads past the end"));
  EXPECT_THAT(found->remedy, HasSubstr("success=1 instead of success=3"));
}

TEST(StackChecksTest, AStackThatLetsEverybodyInIsTheWorst) {
  const Report report = Check(std::string(kOurs) +
                              "\nauth [success=1 default=ignore] pam_unix.so try_first_pass\n"
                              "auth optional pam_deny.so\nauth required pam_permit.so\n");
  const Finding* const found = Of(report, FindingId::kStackLetsIn, Level::kFault);
  ASSERT_NE(found, nullptr) << report.AsText();
  EXPECT_THAT(found->text, HasSubstr("a wrong password lets in"));
  EXPECT_THAT(found->remedy, HasSubstr("at once"));
}

TEST(StackChecksTest, SeveralPasswordModulesEachLetInByTheirOwn) {
  EXPECT_EQ(Check(std::string(kOurs) +
                  "\nauth [success=2 default=ignore] pam_unix.so nullok try_first_pass\n"
                  "auth [success=1 default=ignore] pam_sss.so use_first_pass try_first_pass\n"
                  "auth requisite pam_deny.so\nauth required pam_permit.so\n"
                  "auth optional pam_cap.so\n")
                .code(),
            0);
  const Report report = Check(std::string(kOurs) +
                              "\nauth [success=1 default=ignore] pam_unix.so try_first_pass\n"
                              "auth [success=1 default=ignore] pam_sss.so try_first_pass\n"
                              "auth requisite pam_deny.so\nauth required pam_permit.so\n");
  const Finding* const found = Of(report, FindingId::kStackRefuses, Level::kFault);
  ASSERT_NE(found, nullptr) << report.AsText();
  EXPECT_THAT(found->text, HasSubstr("pam_unix.so is refused"));
  EXPECT_THAT(found->remedy, HasSubstr("success=2 instead of success=1 at login:2"));
}

TEST(StackChecksTest, ALineThatALoginDependsOnIsWarnedOf) {
  for (const char* control : {"required", "requisite", "[ignore=ignore default=bad]"}) {
    const Report report = Check(Prompt("auth [success=1 default=ignore] pam_unix.so try_first_pass",
                                       std::string("-auth ") + control + " pam_sspr.so"));
    EXPECT_NE(Of(report, FindingId::kStackNeedsModule, Level::kWarning), nullptr)
        << control << report.AsText();
  }
  const Report refused = Check(Prompt("auth [success=1 default=ignore] pam_unix.so try_first_pass",
                                      "-auth [default=die] pam_sspr.so"));
  EXPECT_NE(Of(refused, FindingId::kStackRefuses, Level::kFault), nullptr) << refused.AsText();
  EXPECT_EQ(Check(Prompt("auth [success=1 default=ignore] pam_unix.so try_first_pass",
                         "-auth optional pam_sspr.so"))
                .code(),
            0);
  EXPECT_EQ(Check(Prompt("auth [success=1 default=ignore] pam_unix.so try_first_pass",
                         "auth optional pam_sspr.so"))
                .code(),
            1);
}

TEST(StackChecksTest, PromptBehindThePasswordNeverAsks) {
  const Report report = Check("auth [success=2 default=ignore] pam_unix.so\n" + std::string(kOurs) +
                              "\nauth requisite pam_deny.so\nauth required pam_permit.so\n");
  const Finding* const found = Of(report, FindingId::kTriggerOutOfPlace, Level::kFault);
  ASSERT_NE(found, nullptr) << report.AsText();
  EXPECT_THAT(found->text, HasSubstr("pam_unix.so at login:1 asks for the password before"));
}

TEST(StackChecksTest, APasswordModuleThatAsksAgainOrNeverIsWarnedOf) {
  const Report again = Check(Prompt("auth [success=1 default=ignore] pam_unix.so nullok"));
  EXPECT_THAT(Of(again, FindingId::kTriggerOutOfPlace, Level::kWarning)->text,
              HasSubstr("a second time"));
  const Report never = Check(Prompt("auth [success=1 default=ignore] pam_unix.so use_first_pass"));
  EXPECT_THAT(Of(never, FindingId::kTriggerOutOfPlace, Level::kWarning)->text,
              HasSubstr("never asks itself"));
}

TEST(StackChecksTest, FailureNeedsToBeComeToAndASecondDecision) {
  const Report unreached =
      Check("auth requisite pam_unix.so\n" + std::string(kOurs) +
            "trigger=failure\nauth [success=1 default=ignore] pam_unix.so use_first_pass\n"
            "auth requisite pam_deny.so\nauth required pam_permit.so\n");
  EXPECT_THAT(Of(unreached, FindingId::kTriggerOutOfPlace, Level::kFault)->text,
              HasSubstr("does not come to the line"));
  const Report undecided =
      Check("auth [success=2 default=ignore] pam_unix.so\n" + std::string(kOurs) +
            "trigger=failure\nauth requisite pam_deny.so\n"
            "auth required pam_permit.so\n");
  EXPECT_THAT(Of(undecided, FindingId::kTriggerOutOfPlace, Level::kFault)->text,
              HasSubstr("the new password of a reset does not log in"));
  const Report miscounted =
      Check(Failure("auth [success=3 default=ignore] pam_unix.so",
                    "auth [success=2 default=ignore] pam_unix.so use_first_pass"));
  EXPECT_THAT(Of(miscounted, FindingId::kTriggerOutOfPlace, Level::kFault)->remedy,
              HasSubstr("success=1 instead of success=2 at login:3"));
}

TEST(StackChecksTest, AWordThatTheModuleRefusesIsNamed) {
  const Report report = Check(Prompt("auth [success=1 default=ignore] pam_unix.so try_first_pass",
                                     std::string(kOurs) + "triger=prompt"));
  EXPECT_THAT(Of(report, FindingId::kModuleWords, Level::kFault)->text,
              HasSubstr("'triger=prompt'"));
}

// As on each Debian with GDM, whose gdm-smartcard-* files include common-auth behind a module of
// their own.
TEST(StackChecksTest, WhatPamAuthUpdateWritesIsSoundInEachFileThatIncludesIt) {
  const PamFiles files = [](const std::string& name) -> std::optional<std::string> {
    if (name == "login") return "@include common-auth\n";
    if (name == "smartcard") {
      return "auth [success=1 default=ignore] pam_sss.so\n@include common-auth\n";
    }
    return Prompt("auth [success=1 default=ignore] pam_unix.so try_first_pass",
                  "auth [default=ignore] pam_sspr.so trigger=prompt");
  };
  for (const std::string service : {"login", "smartcard"}) {
    const auto stack = ReadStack(files, service, "auth");
    ASSERT_TRUE(stack);
    Report report;
    CheckStack(service, *stack, report);
    EXPECT_EQ(Of(report, FindingId::kTriggerOutOfPlace, Level::kFault), nullptr) << report.AsText();
    EXPECT_EQ(Of(report, FindingId::kStackNeedsModule, Level::kWarning), nullptr)
        << report.AsText();
  }
}

TEST(StackChecksTest, SubstacksEndByThemselves) {
  const auto stack = ReadStack(
      [](const std::string& name) -> std::optional<std::string> {
        if (name == "login") return "auth substack inner\nauth required pam_permit.so\n";
        return std::string(kOurs) +
               "\nauth sufficient pam_unix.so try_first_pass\nauth required pam_deny.so\n";
      },
      "login", "auth");
  Report report;
  CheckStack("login", *stack, report);
  EXPECT_EQ(report.code(), 0) << report.AsText();
}

TEST(ReportTest, TheSameOfSeveralSubjectsIsSaidOnce) {
  Report report;
  report.Add(FindingId::kFrontEnd, Level::kNote, "a", "text");
  report.Add(FindingId::kFrontEnd, Level::kNote, "b", "text");
  report.Add(FindingId::kFrontEnd, Level::kNote, "b", "text");
  report.Add(FindingId::kFrontEnd, Level::kNote, "b", "other");
  ASSERT_EQ(report.findings().size(), 2U);
  EXPECT_EQ(report.findings()[0].subjects, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(report.code(), 0);
  report.Add(FindingId::kClock, Level::kWarning, "x", "y");
  EXPECT_EQ(report.code(), 1);
  report.Add(FindingId::kService, Level::kFault, "x", "y", "z");
  EXPECT_EQ(report.code(), 2);
  EXPECT_THAT(report.AsText(), HasSubstr("fault   SSPR-D020 x: y\n        What to do: z\n"));
  EXPECT_THAT(report.AsText(), HasSubstr("1 fault, 1 warning.\n"));
  EXPECT_THAT(report.AsJson(), HasSubstr(R"("code":2)"));
}

}  // namespace
}  // namespace sspr::doctor
