// SPDX-License-Identifier: Apache-2.0
// The mails as a person reads them.
#include "service/delivery/mail_texts.h"

#include <gtest/gtest.h>

#include "service/delivery/mail_message.h"

namespace sspr::service {
namespace {

MailReader Reader(MailLanguage language, std::string name = "Alice Example") {
  return {"alice@example.org", std::move(name), language};
}

std::string CodeText(const MailReader& reader) {
  const auto mail = CodeMail(reader, *Secret::CopyOf("12345678"), std::chrono::minutes(5));
  EXPECT_TRUE(mail.ok());
  EXPECT_TRUE(CheckMessage(*mail).ok());
  EXPECT_EQ(mail->subject.find("12345678"), std::string::npos);
  return std::string(mail->text.Reveal());
}

std::string ChangedText(const MailReader& reader, std::string_view help_desk) {
  const auto mail = PasswordChangedMail(reader, 1'795'381'505, help_desk);
  EXPECT_TRUE(mail.ok());
  EXPECT_TRUE(CheckMessage(*mail).ok());
  return std::string(mail->text.Reveal());
}

TEST(MailTexts, LanguageIsTakenFromTagsAndLocales) {
  for (const char* tag : {"de", "DE", "de-AT", "de_DE.UTF-8", "de.UTF-8"}) {
    EXPECT_EQ(MailLanguageOf(tag), MailLanguage::kGerman) << tag;
  }
  EXPECT_EQ(MailLanguageOf("fr_CA.UTF-8"), MailLanguage::kFrench);
  EXPECT_EQ(MailLanguageOf("es-MX"), MailLanguage::kSpanish);
  EXPECT_EQ(MailLanguageOf("AR"), MailLanguage::kArabic);
  for (const char* tag : {"", "d", "en", "en_GB", "den", "fra", "pl", "C"}) {
    EXPECT_EQ(MailLanguageOf(tag), MailLanguage::kEnglish) << tag;
  }
}

TEST(MailTexts, CodeStandsAloneOnItsLine) {
  for (const MailLanguage language : {MailLanguage::kEnglish, MailLanguage::kGerman}) {
    const std::string text = CodeText(Reader(language));
    EXPECT_NE(text.find("\n    12345678\n"), std::string::npos);
    EXPECT_NE(text.find("Alice Example"), std::string::npos);
    EXPECT_NE(text.find('5'), std::string::npos);
  }
}

TEST(MailTexts, NoMarkIsLeftAndNoLineIsLong) {
  for (const MailLanguage language : {MailLanguage::kEnglish, MailLanguage::kGerman}) {
    for (const std::string& text :
         {CodeText(Reader(language)), CodeText(Reader(language, "")),
          ChangedText(Reader(language), "Call 4711."), ChangedText(Reader(language), "")}) {
      EXPECT_EQ(text.find_first_of("{}"), std::string::npos) << text;
      std::size_t column = 0;
      for (const char c : text) {
        column = c == '\n' ? 0 : column + 1;
        EXPECT_LE(column, 120U);
      }
    }
  }
}

TEST(MailTexts, HelpDeskIsNamedWhereThereIsOne) {
  EXPECT_NE(ChangedText(Reader(MailLanguage::kEnglish), "Call 4711.").find("Call 4711."),
            std::string::npos);
  EXPECT_NE(ChangedText(Reader(MailLanguage::kEnglish), "").find("administrator"),
            std::string::npos);
  EXPECT_NE(ChangedText(Reader(MailLanguage::kGerman), "").find("Administration"),
            std::string::npos);
}

TEST(MailTexts, TimeOfTheChangeIsTold) {
  EXPECT_NE(ChangedText(Reader(MailLanguage::kGerman), "").find("2026-11-22 21:05 UTC"),
            std::string::npos);
}

TEST(MailTexts, NameCannotAddLinesMarksOrControls) {
  const std::string text =
      CodeText(Reader(MailLanguage::kEnglish, "Mallory\n\nYour code: 1\x1B[2J {code}\xE2\x80\xAE"));
  EXPECT_EQ(text.find("\nYour code: 1"), std::string::npos);
  EXPECT_EQ(text.find('\x1B'), std::string::npos);
  EXPECT_NE(text.find("{code}"), std::string::npos) << "a name is not searched for marks";
}

}  // namespace
}  // namespace sspr::service
