// SPDX-License-Identifier: Apache-2.0
// The words: complete in each language, clean, short enough, and closed to what others put in.
#include "common/client/texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/text.h"

namespace sspr {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Language kLanguages[] = {Language::kEnglish, Language::kGerman, Language::kFrench,
                                   Language::kSpanish, Language::kArabic};

Text Filled(TextId id, const std::string& with) { return {id, {with, with}}; }

bool IsPrompt(TextId id) {
  switch (static_cast<int>(id)) {
    case static_cast<int>(TextId::kAskConfirm):
    case static_cast<int>(TextId::kAskConfirmOrUnlock):
    case static_cast<int>(TextId::kAskSendSecond):
    case static_cast<int>(TextId::kAskEmailCode):
    case static_cast<int>(TextId::kAskEmailCodeOrOther):
    case static_cast<int>(TextId::kAskAppCode):
    case static_cast<int>(TextId::kAskAppCodeOrOther):
    case static_cast<int>(TextId::kAskAskPhone):
    case static_cast<int>(TextId::kAskApproved):
    case static_cast<int>(TextId::kAskApprovedOrOther):
    case static_cast<int>(TextId::kAskHandedOff):
    case static_cast<int>(TextId::kAskHandedOffOrOther):
    case static_cast<int>(TextId::kAskOldPassword):
    case static_cast<int>(TextId::kAskConsent):
    case static_cast<int>(TextId::kAskNewPassword):
    case static_cast<int>(TextId::kAskRepeat):
      return true;
    default:
      return false;
  }
}

TEST(Texts, EachTextExistsInEachLanguageInItsPlace) {
  for (const Language language : kLanguages) {
    const auto table = TextsOf(language);
    ASSERT_EQ(table.size(), static_cast<std::size_t>(kLastTextId) + 1);
    for (std::size_t i = 0; i < table.size(); ++i) {
      EXPECT_EQ(static_cast<std::size_t>(table[i].id), i);
      EXPECT_EQ(*table[i].text == '\0', i == 0) << i;
    }
  }
}

TEST(Texts, LanguagesHaveTheSamePlaces) {
  const auto places = [](std::string_view text, const char* place) {
    return text.find(place) != std::string_view::npos;
  };
  for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastTextId); ++i) {
    for (const char* place : {"{0}", "{1}", "{help}", "{product}"}) {
      for (const Language language : kLanguages) {
        EXPECT_EQ(places(TextsOf(Language::kEnglish)[i].text, place),
                  places(TextsOf(language)[i].text, place))
            << TextsOf(language)[i].text;
      }
    }
  }
}

TEST(Texts, WhateverIsPutInTheyAreCleanAndFitAFrame) {
  const std::string hostile = "\x1b]52;c;AAAA\x07\xC2\x9B 31m\r\n\b\xE2\x80\xAE evil {help} {0}";
  const std::string longest(100 * 1024, 'W');
  for (const Language language : kLanguages) {
    for (const std::string& with : {std::string("x"), hostile, longest}) {
      const Texts texts(language, with, with);
      for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastTextId); ++i) {
        const auto id = static_cast<TextId>(i);
        const std::string said = texts.Say(Filled(id, with));
        EXPECT_TRUE(IsCleanText(said, Lines::kMany)) << said;
        EXPECT_THAT(said, Not(HasSubstr("\n")));
      }
    }
  }
}

TEST(Texts, PromptsEndOpenAndSentencesEndClosed) {
  for (const Language language : kLanguages) {
    const Texts texts(language, "", "");
    for (std::size_t i = 1; i <= static_cast<std::size_t>(kLastTextId); ++i) {
      const auto id = static_cast<TextId>(i);
      const std::string said = texts.Say(Filled(id, "12"));
      const bool label = id == TextId::kLabelEmail || id == TextId::kLabelEmailPlain ||
                         id == TextId::kLabelApp || id == TextId::kLabelApproval ||
                         id == TextId::kLabelHandOff || id == TextId::kLabelUnlock ||
                         id == TextId::kLabelReset;
      if (label) continue;
      const bool question = said.ends_with("?") || said.ends_with("؟");
      EXPECT_TRUE(IsPrompt(id) ? said.ends_with(": ") : said.ends_with(".") || question) << said;
    }
  }
}

TEST(Texts, ServersWordsAreNeverAPrompt) {
  for (const Language language : kLanguages) {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastTextId); ++i) {
      const TextEntry& entry = TextsOf(language)[i];
      const bool takes_words = std::string_view(entry.text).find("{0}") != std::string_view::npos;
      // The user name, which is [A-Za-z0-9._@+-\]; a number of digits alone and a code of capital
      // letters, which the parsers hold to that.
      const bool is_checked =
          entry.id == TextId::kAskConfirm || entry.id == TextId::kAskConfirmOrUnlock ||
          entry.id == TextId::kAskApproved || entry.id == TextId::kAskApprovedOrOther ||
          entry.id == TextId::kAskHandedOff || entry.id == TextId::kAskHandedOffOrOther;
      EXPECT_TRUE(!takes_words || !IsPrompt(entry.id) || is_checked);
    }
  }
}

TEST(Texts, ParameterCannotNameAnotherOne) {
  const Texts texts(Language::kEnglish, "", "");
  EXPECT_EQ(texts.Say({TextId::kLabelEmail, {"{help}"}}), "A code by e-mail to {help}");
}

TEST(Texts, HelpDeskAndProductComeFromTheConfiguration) {
  const Texts texts(Language::kEnglish, "Acme Reset", "call 4711");
  EXPECT_EQ(texts.Say({TextId::kTimedOut}),
            "The Acme Reset does not answer. Try again in a few minutes. Help: call 4711");
}

TEST(Texts, LanguageIsReadFromLocaleNames) {
  EXPECT_EQ(LanguageOf("de", Language::kEnglish), Language::kGerman);
  EXPECT_EQ(LanguageOf("de_AT.UTF-8", Language::kEnglish), Language::kGerman);
  EXPECT_EQ(LanguageOf("de-CH", Language::kEnglish), Language::kGerman);
  EXPECT_EQ(LanguageOf("C.UTF-8", Language::kGerman), Language::kEnglish);
  EXPECT_EQ(LanguageOf("", Language::kGerman), Language::kGerman);
  EXPECT_EQ(LanguageOf("../../x", Language::kEnglish), Language::kEnglish);
  EXPECT_EQ(LanguageOf("den", Language::kEnglish), Language::kEnglish);
}

}  // namespace
}  // namespace sspr
