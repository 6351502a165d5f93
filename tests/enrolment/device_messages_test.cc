// SPDX-License-Identifier: Apache-2.0
// What a device sends of itself and reads of the service.
#include "common/protocol/device_messages.h"

#include <gtest/gtest.h>

#include "common/protocol/base64url.h"

namespace sspr {
namespace {

const std::string kId = Base64Url(std::array<unsigned char, 32>{1, 2, 3});
const std::string kKeys = R"("permit_keys":[{"kid":1,"public_key":")" + kId + R"("}])";
const std::string kConfig =
    R"("config":{"version":"v","devices_required":true,"required_gates":2,"heartbeat_seconds":60})";

TEST(DeviceMessages, AnEnrolmentIsReadWhole) {
  const auto enrolled =
      ParseEnrolled(R"({"device_id":")" + kId + R"(",)" + kKeys + "," + kConfig + ",\"more\":1}");
  ASSERT_TRUE(enrolled.ok()) << enrolled.error().detail;
  EXPECT_EQ(enrolled->device_id[2], 3);
  ASSERT_EQ(enrolled->permit_keys.size(), 1U);
  EXPECT_EQ(enrolled->permit_keys[0].id, 1);
  EXPECT_EQ(enrolled->permit_keys[0].public_key[1], 2);
  EXPECT_TRUE(enrolled->permit_keys[0].succession.empty());
  EXPECT_TRUE(enrolled->settings.devices_required);
  EXPECT_EQ(enrolled->settings.required_gates, 2);
}

TEST(DeviceMessages, WhatIsMissingOrMalformedIsNoAnswer) {
  const std::string id = R"("device_id":")" + kId + "\"";
  for (const std::string& body :
       {std::string("{}"), "{" + kKeys + "," + kConfig + "}", "{" + id + "," + kConfig + "}",
        "{" + id + "," + kKeys + "}", R"({"device_id":"AAAA",)" + kKeys + "," + kConfig + "}",
        "{" + id + R"(,"permit_keys":[7],)" + kConfig + "}",
        "{" + id + R"(,"permit_keys":[{"kid":1,"public_key":"AAAA"}],)" + kConfig + "}",
        "{" + id + R"(,"permit_keys":[{"kid":1,"public_key":")" + kId +
            R"(","succession":"AAAA"}],)" + kConfig + "}",
        "{" + id + R"(,"permit_keys":[{"kid":-1,"public_key":")" + kId + R"("}],)" + kConfig + "}",
        "{" + id + "," + kKeys + R"(,"config":{"version":"v","required_gates":9}})"}) {
    EXPECT_EQ(ParseEnrolled(body).error().code, Errc::kProtocol) << body;
  }
}

TEST(DeviceMessages, AHeartbeatMayLeaveTheKnownConfigurationOut) {
  EXPECT_FALSE(ParseHeartbeatAnswer(R"({"config_version":"v",)" + kKeys + "}")->settings);
  EXPECT_TRUE(
      ParseHeartbeatAnswer(R"({"config_version":"v",)" + kKeys + "," + kConfig + "}")->settings);
  EXPECT_FALSE(ParseHeartbeatAnswer("{" + kKeys + "}").ok());
}

TEST(DeviceMessages, AServiceWithoutTheExtensionIsKnownByItsDescription) {
  const auto plain = ParseServiceDescription("{}");
  EXPECT_FALSE(plain->enrols);
  EXPECT_TRUE(plain->permit_keys.empty());
  const auto ours = ParseServiceDescription(
      R"({"issuer":"https://x/y","device_enrollment_endpoint":"z",)" + kKeys + "}");
  EXPECT_TRUE(ours->enrols);
  EXPECT_EQ(ours->issuer, "https://x/y");
  EXPECT_EQ(ours->permit_keys.size(), 1U);
}

TEST(DeviceMessages, FormsSayWhatTheProtocolWants) {
  // RFC 8037, A.2.
  const auto key = DevicePublicKey::FromJwkText(
      R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  ASSERT_TRUE(key.ok()) << key.error().detail;
  const std::optional<Secret> token = Secret::CopyOf("a&b");
  const auto form = EnrolmentForm("sspr-login", *token, *key, {"desk 7", "debian", "sspr=1"});
  const std::string_view text = form->Reveal();
  EXPECT_TRUE(text.starts_with("client_id=sspr-login&enrollment_token=a%26b&public_key=%7B%22crv"))
      << text;
  EXPECT_TRUE(text.ends_with("&name=desk%207&os=debian&versions=sspr%3D1")) << text;
  EXPECT_EQ(HeartbeatForm("c", {"n", "o", "v"}, 7)->Reveal(),
            "client_id=c&os=o&versions=v&sequence=7");
  EXPECT_EQ(HeartbeatForm("c", {"n", "o", "v"}, 0)->Reveal(), "client_id=c&os=o&versions=v");
  EXPECT_EQ(RegistrationStateForm("c", "a@b")->Reveal(), "client_id=c&username=a%40b");
  EXPECT_FALSE(HeartbeatForm("c", {"n", std::string(9000, 'x'), "v"}, 0).ok());
}

TEST(DeviceMessages, OfAPersonItIsReadWhetherAndByHowManyMethods) {
  const auto state = ParseRegistrationState(
      R"({"sspr_enabled":true,"sspr_capable":false,"methods_registered":["a","b"]})");
  EXPECT_TRUE(state->enabled);
  EXPECT_FALSE(state->capable);
  EXPECT_EQ(state->methods, 2);
  EXPECT_FALSE(ParseRegistrationState(R"({"sspr_enabled":true,"methods_registered":[]})").ok());
}

TEST(DeviceMessages, AReminderComesWithAnAddressThatCanBeShown) {
  const auto of = [](const std::string& nudge) {
    return ParseRegistrationState(
        R"({"sspr_enabled":true,"sspr_capable":false,"methods_registered":[],"nudge":)" + nudge +
        "}");
  };
  const auto due =
      of(R"({"due":true,"snoozes_left":null,"url":"https://reset.example.org/portal/"})");
  ASSERT_TRUE(due.ok());
  EXPECT_TRUE(due->nudge_due);
  EXPECT_EQ(due->nudge_url, "https://reset.example.org/portal/");
  EXPECT_FALSE(of(R"({"due":false})")->nudge_due);
  for (const std::string& url : {std::string("javascript:1"), std::string("http://a/"),
                                 std::string("https://a b"), "https://" + std::string(300, 'x')}) {
    EXPECT_FALSE(of(R"({"due":true,"url":")" + url + R"("})").ok()) << url;
  }
}

TEST(DeviceMessages, ADemandIsOneOfThreeWords) {
  EXPECT_EQ(SignInDemandForm("c", "a@b")->Reveal(), "client_id=c&account=a%40b");
  EXPECT_EQ(*ParseSignInDemand(R"({"require":"none","reason":""})"), SignInDemand::kNone);
  EXPECT_EQ(*ParseSignInDemand(R"({"require":"reset"})"), SignInDemand::kReset);
  EXPECT_EQ(*ParseSignInDemand(R"({"require":"block"})"), SignInDemand::kBlock);
  for (const char* body : {R"({"require":"maybe"})", "{}", R"({"require":1})", "none", ""}) {
    EXPECT_FALSE(ParseSignInDemand(body).ok()) << body;
  }
}

}  // namespace
}  // namespace sspr
