// SPDX-License-Identifier: Apache-2.0
// All that people are sent, in all languages: nothing is missing, nothing is filled in differently,
// and what comes out is fit to be sent.
#include "service/delivery/words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <regex>
#include <set>
#include <vector>

#include "service/delivery/mail_message.h"
#include "service/delivery/phone_texts.h"
#include "service/delivery/report_mails.h"

namespace sspr::service {
namespace {

constexpr std::array kAllLanguages = {MailLanguage::kEnglish, MailLanguage::kGerman,
                                      MailLanguage::kFrench, MailLanguage::kSpanish,
                                      MailLanguage::kArabic};
constexpr std::array kTags = {"en", "de", "fr", "es", "ar"};

// Words is made of texts and nothing else.
using AllTexts = std::array<std::string_view, sizeof(Words) / sizeof(std::string_view)>;

AllTexts TextsOf(MailLanguage language) { return std::bit_cast<AllTexts>(WordsOf(language)); }

std::multiset<std::string> MarksOf(std::string_view text) {
  static const std::regex kMark(R"(\{\w*\})");
  const std::string whole(text);
  return {std::sregex_token_iterator(whole.begin(), whole.end(), kMark),
          std::sregex_token_iterator()};
}

std::set<std::string> KindsOf(std::string_view text) {
  const auto marks = MarksOf(text);
  return {marks.begin(), marks.end()};
}

TEST(Words, EveryTextIsInEveryLanguageWithTheSameMarks) {
  const AllTexts english = TextsOf(MailLanguage::kEnglish);
  for (std::size_t language = 0; language < kAllLanguages.size(); ++language) {
    const AllTexts texts = TextsOf(kAllLanguages[language]);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_FALSE(texts[i].empty()) << kTags[language] << ' ' << i;
      EXPECT_EQ(KindsOf(texts[i]), KindsOf(english[i])) << kTags[language] << ": " << texts[i];
      EXPECT_EQ(texts[i].ends_with('\n'), english[i].ends_with('\n')) << texts[i];
      // A code that is spoken is spoken twice.
      const auto codes = [](std::string_view text) { return MarksOf(text).count("{code}"); };
      EXPECT_EQ(codes(texts[i]), codes(english[i])) << texts[i];
    }
  }
}

TEST(Words, NoLanguageBorrowsASentence) {
  for (std::size_t one = 0; one < kAllLanguages.size(); ++one) {
    for (std::size_t other = 0; other < one; ++other) {
      const AllTexts a = TextsOf(kAllLanguages[one]);
      const AllTexts b = TextsOf(kAllLanguages[other]);
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == "Passkey") continue;
        EXPECT_NE(a[i], b[i]) << kTags[one] << ' ' << kTags[other];
      }
    }
  }
}

TEST(Words, TagsAreOfTheLanguage) {
  for (std::size_t i = 0; i < kAllLanguages.size(); ++i) {
    EXPECT_EQ(WordsOf(kAllLanguages[i]).phone.tag, kTags[i]);
    EXPECT_EQ(WordsOf(kAllLanguages[i]).caller.tag, kTags[i]);
    EXPECT_EQ(MailLanguageOf(kTags[i]), kAllLanguages[i]);
  }
}

// Characters, not bytes; a text message is one paragraph.
std::size_t LongestLine(std::string_view text) {
  std::size_t longest = 0;
  std::size_t column = 0;
  for (const char c : text) {
    if (c == '\n')
      column = 0;
    else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U)
      longest = std::max(longest, ++column);
  }
  return longest;
}

class EachLanguage : public ::testing::TestWithParam<MailLanguage> {
 protected:
  static std::vector<Message> AllMessages() {
    const MailReader reader{"a@example.org", "Alice Example", GetParam()};
    const PhoneReader phone{"+4930123456", GetParam()};
    const auto code = [] { return *Secret::CopyOf("12345678"); };
    constexpr UnixSeconds kWhen = 1'795'381'505;
    const std::chrono::minutes valid(5);
    const std::string what = MethodChangeText(GetParam(), MethodChange::kReplaced, "passkey");
    std::vector<Message> all;
    const auto add = [&all](Result<Message> message) {
      ASSERT_TRUE(message.ok()) << message.error().detail;
      all.push_back(std::move(*message));
    };
    add(CodeMail(reader, code(), valid));
    add(ConfirmationMail(reader, code(), valid));
    add(PasswordChangedMail(reader, kWhen, ""));
    add(AccountUnlockedMail(reader, kWhen, "Call 4711. https://help.example.org/"));
    add(MethodsChangedMail(reader, kWhen, what, ""));
    add(AdministratorResetMail(reader, kWhen, "bob@example.org"));
    add(ResetReportedMail(reader, kWhen, 24, ""));
    add(NotEverywhereMail(reader, kWhen, ""));
    add(ResetReportedAlarm(reader, kWhen, 24, "bob@example.org", "192.0.2.7"));
    for (const Channel channel : {Channel::kSms, Channel::kVoice}) {
      for (const PhoneCodeUse use : {PhoneCodeUse::kProof, PhoneCodeUse::kConfirmation}) {
        add(CodePhoneMessage(channel, phone, code(), valid, use));
      }
    }
    add(PasswordChangedText(phone));
    add(MethodsChangedText(phone));
    return all;
  }
};

TEST_P(EachLanguage, EveryMessageIsFitToBeSentAndHasNoMarkLeft) {
  for (const Message& message : AllMessages()) {
    const std::string_view text = message.text.Reveal();
    EXPECT_EQ(text.find_first_of("{}"), std::string_view::npos) << text;
    if (message.channel != Channel::kMail) continue;
    EXPECT_TRUE(CheckMessage(message).ok()) << text;
    EXPECT_LE(LongestLine(text), 140U) << text;
    EXPECT_EQ(message.subject.find("12345678"), std::string::npos);
  }
}

TEST_P(EachLanguage, CodeOfAMailStandsAlone) {
  const MailReader reader{"a@example.org", "", GetParam()};
  for (const auto& mail :
       {CodeMail(reader, *Secret::CopyOf("12345678"), std::chrono::minutes(5)),
        ConfirmationMail(reader, *Secret::CopyOf("12345678"), std::chrono::minutes(5))}) {
    ASSERT_TRUE(mail.ok());
    EXPECT_NE(mail->text.Reveal().find("\n    12345678\n"), std::string_view::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Words, EachLanguage, ::testing::ValuesIn(kAllLanguages));

// Within a line of Arabic the parts of an address or a time may be shown in another order.
TEST(ArabicWords, WhatIsReadFromTheLeftStandsOnLinesOfItsOwn) {
  const AllTexts texts = TextsOf(MailLanguage::kArabic);
  const std::string_view spoken[] = {kArabicWords.phone.voice_code,
                                     kArabicWords.phone.voice_confirm,
                                     kArabicWords.caller.code_spoken};
  static const std::regex kAlone(
      R"((^|\n) *(ssprctl users allow-resets )?\{(code|time|helpdesk|user|place)\}(?=\n))");
  static const std::regex kAny(R"(\{(code|time|helpdesk|user|place)\})");
  const auto count = [](const std::string& text, const std::regex& what) {
    return std::distance(std::sregex_iterator(text.begin(), text.end(), what),
                         std::sregex_iterator());
  };
  for (const std::string_view text : texts) {
    if (std::ranges::find(spoken, text) != std::end(spoken)) continue;
    EXPECT_EQ(count(std::string(text), kAlone), count(std::string(text), kAny)) << text;
  }
}

}  // namespace
}  // namespace sspr::service
