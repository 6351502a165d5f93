// SPDX-License-Identifier: Apache-2.0
// The small parts of methods: what is typed, numbers, answers, texts, codes that are handed out.
#include <gtest/gtest.h>

#include <chrono>

#include "service/delivery/phone_texts.h"
#include "service/methods/answers.h"
#include "service/methods/handed_out_code.h"
#include "service/methods/phone_number.h"
#include "service/methods/typed_code.h"
#include "service/policy/group_names.h"
#include "service/policy/phone_countries.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

using std::chrono::minutes;

TEST(TypedCode, OfLettersIsBase32_HoweverItIsWritten) {
  EXPECT_EQ(Base32CodeOf(Hidden("abcd-efgh ij23"), 12)->Reveal(), "ABCDEFGHIJ23");
  EXPECT_EQ(Base32CodeOf(Hidden("0188"), 4)->Reveal(), "OIBB") << "what is no Base32 is mistaken";
  for (const char* bad : {"", "ABC", "ABCDE", "ABC9", "ABC!", "ABC\n",
                          "\xC3\x84"
                          "AB"}) {
    EXPECT_FALSE(Base32CodeOf(Hidden(bad), 4).has_value()) << bad;
  }
}

TEST(Answers, AreTheSameHoweverTheyAreTyped) {
  EXPECT_EQ(NormalAnswer(Hidden("  Bärbel   von Ä "))->Reveal(), "bärbel von ä");
  EXPECT_EQ(NormalAnswer(Hidden("ba\xCC\x88"
                                "rbel"))
                ->Reveal(),
            "bärbel")
      << "NFD becomes NFC";
  EXPECT_EQ(NormalAnswer(Hidden("STRAẞE"))->Reveal(), "strasse");
  EXPECT_EQ(NormalAnswer(Hidden("\xEF\xBC\xA1\xEF\xBC\xA2\xEF\xBC\xA3"))->Reveal(), "abc");
  for (const std::string& bad :
       {std::string(), std::string("ab"), std::string("  a b"), std::string(41, 'a'),
        std::string("ab\xff"
                    "c")}) {
    if (bad == "  a b") continue;  // three letters with its space
    EXPECT_FALSE(NormalAnswer(Hidden(bad)).has_value()) << bad;
  }
  EXPECT_TRUE(NormalAnswer(Hidden(std::string(40, 'a'))).has_value());
  EXPECT_TRUE(CheckQuestion("Which street?").ok());
  EXPECT_FALSE(CheckQuestion("a").ok());
  EXPECT_FALSE(CheckQuestion("two\nlines").ok());
}

TEST(PhoneNumbers, AreE164_HoweverTheyAreWritten) {
  EXPECT_EQ(PhoneNumberOf("+49 (30) 123-45.67/8"), "+493012345678");
  for (const char* bad : {"", "030 1234567", "+0123456789", "+1234567", "+1234567890123456",
                          "+49 30 12x4567", "+49+30123456", "tel:+4930123456", "+49301234\n567"}) {
    EXPECT_EQ(PhoneNumberOf(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(PhoneHint(LastTwo("+4930123456")), "***56");
  EXPECT_EQ(PrefixOf("+4930123456"), "+493012");
  EXPECT_EQ(NormalCountryList(" +49  +1 +49"), "+1 +49");
  EXPECT_EQ(NormalCountryList("49"), std::nullopt);
  EXPECT_EQ(NormalCountryList("+0"), std::nullopt);
  EXPECT_TRUE(IsCountryAllowed("", "+4930123456"));
  EXPECT_TRUE(IsCountryAllowed("+1 +49", "+4930123456"));
  EXPECT_FALSE(IsCountryAllowed("+1 +44", "+4930123456"));
}

TEST(PhoneTexts, SayTheCode_AndACallSpeaksItDigitByDigit) {
  const auto text =
      CodePhoneMessage(Channel::kSms, {.number = "+4930123456"}, Hidden("123456"), minutes(5));
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->to, "+4930123456");
  EXPECT_EQ(text->channel, Channel::kSms);
  EXPECT_TRUE(text->text.Reveal().starts_with("123456 is your code"));
  EXPECT_LE(text->text.size(), 160U) << "one message";
  const auto call = CodePhoneMessage(Channel::kVoice,
                                     {.number = "+4930123456", .language = MailLanguage::kGerman},
                                     Hidden("123456"), minutes(5));
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->language, "de");
  EXPECT_NE(call->text.Reveal().find("lautet: 1, 2, 3, 4, 5, 6."), std::string_view::npos);
}

TEST(HandedOutCodes, AreBase32InGroups) {
  SystemRandom random;
  const Secret code = RandomBase32(random, kRecoveryCodeLength);
  const SecretBuffer<64> printed = Grouped(code);
  EXPECT_EQ(printed.size(), 19U);
  EXPECT_EQ(Base32CodeOf(Hidden(printed.Reveal()), kRecoveryCodeLength)->Reveal(), code.Reveal());
  EXPECT_EQ(Grouped(Hidden("ABCDEFGHIJKLM")).Reveal(), "ABCD-EFGH-IJKL-M");
}

TEST(GroupNames, AreWordsBetweenSpaces) {
  EXPECT_EQ(NormalGroupList("  b a  b "), "a b");
  EXPECT_EQ(NormalGroupList(""), "");
  EXPECT_EQ(NormalGroupList("a,b"), std::nullopt);
  EXPECT_EQ(NormalGroupList(std::string(65, 'a')), std::nullopt);
  EXPECT_TRUE(HasOneOf("a b", {"x", "b"}));
  EXPECT_FALSE(HasOneOf("a b", {"ab"}));
  EXPECT_FALSE(HasOneOf("", {"a"}));
}

}  // namespace
}  // namespace sspr::service
