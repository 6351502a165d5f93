// SPDX-License-Identifier: Apache-2.0
// The INI reader: what it takes, and that each refusal names its line.
#include "common/config/ini_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sspr {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Result<IniFile> Parse(std::string_view text) { return IniFile::Parse(text, "x.conf"); }

TEST(IniFile, TrimsKeysAndValuesAndSkipsComments) {
  const auto file = Parse("# first\n; second\n\n[service]\nurl =  https://a/b  \nname=\n");
  ASSERT_TRUE(file.ok()) << file.error().detail;
  EXPECT_EQ(file->ValueOr("service", "url", ""), "https://a/b");
  EXPECT_EQ(file->ValueOr("service", "name", "other"), "");
  EXPECT_EQ(file->ValueOr("service", "absent", "other"), "other");
  EXPECT_EQ(file->Find("service", "url")->line, 5);
}

TEST(IniFile, TakesALastLineWithoutNewlineAndCarriageReturns) {
  const auto file = Parse("[a]\r\nb=1\r\nc=2");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->ValueOr("a", "b", ""), "1");
  EXPECT_EQ(file->ValueOr("a", "c", ""), "2");
}

struct Bad {
  const char* text;
  const char* line;
  const char* why;
};

class BadIniFile : public ::testing::TestWithParam<Bad> {};

TEST_P(BadIniFile, IsRefusedAndTheLineIsNamed) {
  const auto file = Parse(GetParam().text);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, Errc::kPolicy);
  EXPECT_THAT(file.error().detail, StartsWith(GetParam().line));
  EXPECT_THAT(file.error().detail, HasSubstr(GetParam().why));
}

const std::string kLongLine = "[a]\nb=" + std::string(300, 'x') + "\n";

INSTANTIATE_TEST_SUITE_P(Table, BadIniFile,
                         ::testing::Values(Bad{"[a]\nb=1\nb=2\n", "x.conf:3:", "line 2"},
                                           Bad{"[a]\nb=1\n[c]\n[a]\nb=2\n", "x.conf:5:", "line 2"},
                                           Bad{"b=1\n", "x.conf:1:", "before any"},
                                           Bad{"[a]\n\njust words\n", "x.conf:3:", "neither"},
                                           Bad{"[a\nb=1\n", "x.conf:1:", "']'"},
                                           Bad{"[a]\nb=1\n  c=2\n",
                                               "x.conf:3:", "begins with a space"},
                                           Bad{"[a]\n=2\n", "x.conf:2:", "no key"},
                                           Bad{"[a]\nb=\x1b[31m\n", "x.conf:2:", "UTF-8"},
                                           Bad{"[a]\nb=\xC2\x9B\n", "x.conf:2:", "UTF-8"},
                                           Bad{"[a]\nb=\xff\n", "x.conf:2:", "UTF-8"},
                                           Bad{"\xEF\xBB\xBF[a]\nb=1\n", "x.conf:1:", "byte-order"},
                                           Bad{kLongLine.c_str(), "x.conf:2:", "too long"}));

TEST(IniFile, RefusesANulByte) {
  const auto file = Parse(std::string_view("[a]\nb=1\0002\n", 10));
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().detail, StartsWith("x.conf:2:"));
}

TEST(IniFile, NamesUnknownKeysAndSections) {
  constexpr IniKey kKnown[] = {{"a", "b"}};
  EXPECT_TRUE(Parse("[a]\nb=1\n")->OnlyKnown(kKnown).ok());
  EXPECT_EQ(Parse("[a]\nb=1\nc=2\n")->OnlyKnown(kKnown).error().detail,
            "x.conf:3: unknown key 'c' in [a]");
  EXPECT_EQ(Parse("[a]\nb=1\n[z]\n")->OnlyKnown(kKnown).error().detail,
            "x.conf:3: unknown section [z]");
}

TEST(IniFile, ReadsNumbersSwitchesAndPathsStrictly) {
  const auto file = Parse(
      "[a]\nn=12\nbad=12x\nhuge=99999999999\ny=yes\nq=maybe\np=/a/b\nr=a/b\n"
      "s=/a/../b\n");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->NumberOr("a", "n", 1, 0, 12).value(), 12);
  EXPECT_EQ(file->NumberOr("a", "none", 7, 0, 12).value(), 7);
  EXPECT_FALSE(file->NumberOr("a", "n", 1, 0, 11).ok());
  EXPECT_FALSE(file->NumberOr("a", "bad", 1, 0, 99).ok());
  EXPECT_FALSE(file->NumberOr("a", "huge", 1, 0, 99).ok());
  EXPECT_TRUE(file->SwitchOr("a", "y", false).value());
  EXPECT_FALSE(file->SwitchOr("a", "q", false).ok());
  EXPECT_EQ(file->PathOr("a", "p", "").value(), "/a/b");
  EXPECT_FALSE(file->PathOr("a", "r", "").ok());
  EXPECT_FALSE(file->PathOr("a", "s", "").ok());
}

TEST(IniFile, SaysWhichFileCannotBeRead) {
  const auto file = IniFile::Load("/nonexistent/sspr.conf");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, Errc::kInternal);
  EXPECT_THAT(file.error().detail, HasSubstr("/nonexistent/sspr.conf"));
  EXPECT_FALSE(IniFile::Load("/").ok());
}

}  // namespace
}  // namespace sspr
