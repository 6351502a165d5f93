// SPDX-License-Identifier: Apache-2.0
// The form parser: what it takes, and everything that it has to refuse.
#include "service/api/form.h"

#include <gtest/gtest.h>

namespace sspr::service {
namespace {

TEST(Form, DecodesNamesValuesAndPlus) {
  auto form = Form::Parse("client_id=abc&username=a%2Bb+c%40d&empty=&x=1%3D2");
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(form->Find("client_id"), "abc");
  EXPECT_EQ(form->Find("username"), "a+b c@d");
  EXPECT_EQ(form->Find("empty"), "");
  EXPECT_EQ(form->Find("absent"), "");
  EXPECT_EQ(form->Find("x"), "1=2");
}

TEST(Form, TakesAnEmptyBody) { EXPECT_TRUE(Form::Parse("").ok()); }

TEST(Form, PutsPasswordsAndCodesIntoSecretsOnly) {
  auto form = Form::Parse("new_password=p%C3%A4ss+w%26rd&oob=12345678&password=old");
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(form->FindSecret("new_password").value.Reveal(), "p\xC3\xA4ss w&rd");
  EXPECT_EQ(form->FindSecret("oob").value.Reveal(), "12345678");
  EXPECT_EQ(form->FindSecret("password").value.Reveal(), "old");
  EXPECT_EQ(form->Find("new_password"), "");
  EXPECT_EQ(form->Find("oob"), "");
  EXPECT_EQ(form->Find("password"), "");
}

TEST(Form, TellsASecretThatIsTooLongFromOneThatIsAbsent) {
  auto longest = Form::Parse("new_password=" + std::string(511, 'x'));
  ASSERT_TRUE(longest.ok());
  EXPECT_EQ(longest->FindSecret("new_password").state, Form::SecretState::kFits);
  EXPECT_EQ(longest->FindSecret("new_password").value.size(), 511U);

  auto too_long = Form::Parse("new_password=" + std::string(512, 'x'));
  ASSERT_TRUE(too_long.ok());
  EXPECT_EQ(too_long->FindSecret("new_password").state, Form::SecretState::kTooLong);
  EXPECT_TRUE(too_long->FindSecret("new_password").value.empty());

  auto empty = Form::Parse("new_password=");
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->FindSecret("new_password").state, Form::SecretState::kAbsent);
  EXPECT_EQ(empty->FindSecret("oob").state, Form::SecretState::kAbsent);
}

class RefusedForm : public ::testing::TestWithParam<std::string> {};

TEST_P(RefusedForm, IsRefusedAsAWhole) { EXPECT_FALSE(Form::Parse(GetParam()).ok()); }

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedForm,
    ::testing::Values(
        // repeated, also by another spelling, also of secrets and of unknown parameters
        "username=a&username=b", "username=a&user%6eame=a", "oob=1&oob=2", "oob=&oob=2",
        "new_password=a&new_password=a", "zz=1&zz=1",
        // arrays and objects
        "username[]=a", "username%5B%5D=a", "username[0]=a", "user[name]=a", "oob[]=1",
        // names
        "=a", "a b=c", "a%20b=c", "a%00=c", "\xC3\xA9=1", "a\"=1",
        // no pair
        "username", "a=1&&b=2", "a=1&b", "&", "a=1;b=2&c",
        // percent escapes
        "a=%", "a=%4", "a=%zz", "a=%u0041", "a=1%", "oob=%4", "oob=%G1",
        // NUL, controls and spaces that are not encoded, bytes that are not encoded
        "a=%00", "oob=12%0034", "new_password=%00", std::string("a=\0b", 4), "a=b c", "a=b\r\nc",
        "a=\x7F", "a=\xC3\xA4", "{\"username\":\"alice\"}",
        // not UTF-8, overlong, surrogates
        "a=%FF", "a=%C0%80", "a=%ED%A0%80", "a=%C3",
        // sizes
        "a=" + std::string(8193, 'x'), std::string(65, 'n') + "=1"));

TEST(Form, RefusesTheParameterBeyondTheSixtyFourth) {
  std::string body = "p0=1";
  for (int i = 1; i < 64; ++i) body += "&p" + std::to_string(i) + "=1";
  EXPECT_TRUE(Form::Parse(body).ok());
  EXPECT_FALSE(Form::Parse(body + "&p64=1").ok());
}

TEST(Form, NamesNoValueInItsRefusal) {
  const auto refused = Form::Parse("new_password=canary%zz");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().detail.find("canary"), std::string::npos);
}

}  // namespace
}  // namespace sspr::service
