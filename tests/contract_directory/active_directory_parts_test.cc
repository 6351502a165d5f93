// SPDX-License-Identifier: Apache-2.0
// The parts of Active Directory that need no server.
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "service/directory/active_directory_policy.h"
#include "service/directory/active_directory_user.h"
#include "service/directory/utf16_password.h"

namespace sspr::service {
namespace {

using namespace std::string_literals;

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

TEST(ActiveDirectoryParts, PasswordIsQuotedUtf16) {
  EXPECT_EQ(Utf16Of(Hidden("a\xC3\xA4"))->Reveal(), "\"\0a\0\xE4\0\"\0"s);
  EXPECT_EQ(Utf16Of(Hidden("\xF0\x9F\x98\x80"))->Reveal(), "\"\0\x3D\xD8\x00\xDE\"\0"s);
  EXPECT_EQ(Utf16Of(Hidden(std::string(511, 'x')))->size(), 2 * 513U);
  for (const std::string& bad : {""s, "a\0b"s, "\xFF"s, "\xC3"s, "\xED\xA0\x80"s}) {
    EXPECT_FALSE(Utf16Of(Hidden(bad)).has_value());
  }
}

TEST(ActiveDirectoryParts, KindsOfCharactersAreFive) {
  EXPECT_EQ(ShapeOf(Hidden("aB3$")).kinds, 4);
  EXPECT_EQ(ShapeOf(Hidden("aB3$\xE6\xBC\xA2")).kinds, 5);
  EXPECT_EQ(ShapeOf(Hidden("\xF0\x9F\x98\x80")).code_units, 2U);
  EXPECT_EQ(ShapeOf(Hidden("")).kinds, 0);
}

TEST(ActiveDirectoryParts, GuidIsWrittenAsWindowsShowsIt) {
  const std::string guid = "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF"s;
  EXPECT_EQ(IdOfGuid(guid), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(GuidOfId("00112233445566778899aabbccddeeff"), guid);
  EXPECT_FALSE(IdOfGuid("short").has_value());
  for (const char* bad : {"", "0011", "zz112233445566778899aabbccddeeff"}) {
    EXPECT_FALSE(GuidOfId(bad).has_value()) << bad;
  }
}

TEST(ActiveDirectoryParts, FileTimes) {
  EXPECT_EQ(TimeOfFileTime("116444736000000001"), "19700101000000.0000001Z");
  for (const char* none : {"", "0", "-1", "x", "1x"}) EXPECT_EQ(TimeOfFileTime(none), "") << none;
}

LdapEntry Entry(std::vector<std::pair<std::string, std::string>> attributes) {
  LdapEntry entry;
  for (auto& [name, value] : attributes) entry.attributes.push_back({name, {value}});
  return entry;
}

TEST(ActiveDirectoryParts, PolicyOfTheDomainAndOfAPasswordSettingsObject) {
  const auto domain = DomainPasswordPolicyOf(Entry({{"minpwdlength", "8"},
                                                    {"pwdproperties", "1"},
                                                    {"pwdhistorylength", "24"},
                                                    {"minpwdage", "-864000000000"}}));
  EXPECT_EQ(domain.min_length, 8U);
  EXPECT_TRUE(domain.complex);
  EXPECT_EQ(domain.history, 24);
  EXPECT_EQ(domain.min_age, std::chrono::hours(24));
  const auto object = DomainPasswordPolicyOf(
      Entry({{"msds-minimumpasswordlength", "14"},
             {"msds-passwordcomplexityenabled", "FALSE"},
             {"msds-passwordhistorylength", "0"},
             {"msds-minimumpasswordage", std::to_string(std::numeric_limits<long long>::min())}}));
  EXPECT_EQ(object.min_length, 14U);
  EXPECT_FALSE(object.complex);
  EXPECT_EQ(object.history, 0);
  EXPECT_EQ(object.min_age.count(), 0);
  EXPECT_EQ(DomainPasswordPolicyOf({}).min_length, 0U);
}

TEST(ActiveDirectoryParts, MinimumAge) {
  const DomainPasswordPolicy day{.min_age = std::chrono::hours(24)};
  EXPECT_TRUE(IsTooYoung(day, 1000, 1000 + 86399));
  EXPECT_FALSE(IsTooYoung(day, 1000, 1000 + 86400));
  EXPECT_FALSE(IsTooYoung(day, 0, 1000)) << "not known";
  EXPECT_TRUE(IsTooYoung(day, 1300, 1000)) << "our clock is a little behind";
  EXPECT_FALSE(IsTooYoung(day, 1301, 1000)) << "a clock that is wrong holds nobody up";
  EXPECT_FALSE(IsTooYoung({}, 1000, 1000));
  EXPECT_FALSE(IsTooYoung({}, 1001, 1000)) << "no age is asked for";
}

// Windows says only that it was the password.
TEST(ActiveDirectoryParts, ReasonIsFoundWhereTheServerNamesNone) {
  const DomainPasswordPolicy policy{.min_length = 8, .complex = true, .history = 5};
  LdapAnswer answer{.code = 19,
                    .is_answered = true,
                    .said = "0000052D: SvcErr: DSID-031A129B, problem 5003 (WILL_NOT_PERFORM)"};
  EXPECT_EQ(ReasonOf(answer, policy, Hidden("Ab1$")), RefusalCode::kPasswordTooShort);
  EXPECT_EQ(ReasonOf(answer, policy, Hidden("abcdefgh")), RefusalCode::kPasswordTooWeak);
  EXPECT_EQ(ReasonOf(answer, policy, Hidden("Abcdefg1")), RefusalCode::kPasswordRecentlyUsed);
  EXPECT_EQ(ReasonOf(answer, {}, Hidden("Abcdefg1")), RefusalCode::kPasswordInvalid);
  answer.said = "00000005: SecErr: DSID-031A11CA, problem 4003 (INSUFF_ACCESS_RIGHTS)";
  EXPECT_FALSE(ReasonOf(answer, policy, Hidden("Ab1$")).has_value());
}

}  // namespace
}  // namespace sspr::service
