// SPDX-License-Identifier: Apache-2.0
// What may be shown, and what is made of the rest.
#include "common/base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace sspr {
namespace {

std::string Filtered(std::string_view text, Lines lines = Lines::kOne,
                     std::size_t room = kMaxTextBytes) {
  std::string out(room, '\0');
  out.resize(FilterForDisplay(text, lines, out));
  return out;
}

TEST(Text, Utf8IsWhatRfc3629Says) {
  for (const char* good : {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF",
                          "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xC2"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(Text, ControlsOfBothKindsAreNeverClean) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string text(1, static_cast<char>(c));
    EXPECT_FALSE(IsCleanText(text, Lines::kOne)) << c;
    EXPECT_EQ(IsCleanText(text, Lines::kMany), c == '\n') << c;
  }
  EXPECT_FALSE(IsCleanText("\x7F", Lines::kMany));
  for (int c = 0x80; c < 0xA0; ++c) {
    const std::string text = {'\xC2', static_cast<char>(c)};
    EXPECT_FALSE(IsCleanText(text, Lines::kMany)) << c;
  }
}

TEST(Text, BidirectionalControlsAndSeparatorsAreNeverClean) {
  for (const char* bad :
       {"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D",
        "\u202E", "\u2066", "\u2067", "\u2068", "\u2069", "\uFEFF"}) {
    EXPECT_FALSE(IsCleanText(bad, Lines::kMany)) << bad;
    EXPECT_EQ(Filtered(bad), "?");
  }
}

TEST(Text, FilterMakesEverythingClean) {
  EXPECT_EQ(Filtered("a\x1B[31mb"), "a?[31mb");
  EXPECT_EQ(Filtered("a\xC2\x9B"
                     "31mb"),
            "a?31mb");
  EXPECT_EQ(Filtered("a\rb\nc"), "a?b?c");
  EXPECT_EQ(Filtered("a\nb", Lines::kMany), "a\nb");
  EXPECT_EQ(Filtered("Zo\u00EB \xFF"), "Zo\u00EB ?");
  EXPECT_EQ(Filtered(std::string_view("a\0b", 3)), "a?b");
}

TEST(Text, FilterCutsBetweenCodePoints) {
  EXPECT_EQ(Filtered("ab\u00EB", Lines::kOne, 3), "ab");
  EXPECT_EQ(Filtered("ab\u00EB", Lines::kOne, 4), "ab\u00EB");
  EXPECT_EQ(Filtered(std::string(100'000, 'x')).size(), kMaxTextBytes);
}

TEST(Text, EveryByteStringIsCleanAfterTheFilter) {
  std::uint32_t seed = 12345;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      seed = seed * 1664525u + 1013904223u;
      text.push_back(static_cast<char>(seed >> 24));
    }
    const std::string shown = Filtered(text);
    ASSERT_TRUE(IsCleanText(shown, Lines::kOne));
  }
}

std::string Broken(std::string text, std::size_t columns) {
  BreakLines(text, columns);
  return text;
}

TEST(Text, LinesAreBrokenAtSpacesOnly) {
  EXPECT_EQ(Broken("", 5), "");
  EXPECT_EQ(Broken("ab cd", 5), "ab cd");
  EXPECT_EQ(Broken("ab cd ef", 5), "ab cd\nef");
  EXPECT_EQ(Broken("ab cd ef gh ij", 5), "ab cd\nef gh\nij");
  EXPECT_EQ(Broken("abcdefgh ij", 5), "abcdefgh\nij");
  EXPECT_EQ(Broken("ab\ncd ef gh", 5), "ab\ncd ef\ngh");
  EXPECT_EQ(Broken("\u00EB\u00EB \u00EB\u00EB", 5), "\u00EB\u00EB \u00EB\u00EB");
}

TEST(Text, CountsCodePoints) {
  EXPECT_EQ(CountCodePoints(""), 0u);
  EXPECT_EQ(CountCodePoints("a\u00EB\U0001F600"), 3u);
  EXPECT_EQ(CountCodePoints("\xFF\xFF"), 2u);
}

TEST(UserName, OnlyNamesThatCanBeNothingElse) {
  for (const char* good : {"alice", "a", "alice.b", "alice@example.org", "DOM\\alice", "a-b_c+d"}) {
    EXPECT_TRUE(IsCarriableUserName(good)) << good;
  }
  for (const char* bad : {"", "-f", "--help", ".hidden", "..", "a b", "a:b", "a\nb", "a/b", "a;b",
                          "$(id)", "`id`", "a\"b", "a'b", "a,b", "a#b", "\xC3\xA9", "a\x9B"}) {
    EXPECT_FALSE(IsCarriableUserName(bad)) << bad;
  }
  EXPECT_TRUE(IsCarriableUserName(std::string(255, 'a')));
  EXPECT_FALSE(IsCarriableUserName(std::string(256, 'a')));
}

}  // namespace
}  // namespace sspr
