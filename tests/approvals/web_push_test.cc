// SPDX-License-Identifier: Apache-2.0
// Web Push by the vectors of RFC 8291, appendix A, and the addresses that are never called.
#include "service/approvals/web_push.h"

#include <gtest/gtest.h>
#include <json/reader.h>

#include "common/protocol/base64url.h"
#include "service/approvals/push_notifier.h"

namespace sspr::service {
namespace {

std::string Decoded(std::string_view text) {
  std::string bytes(text.size() * 3 / 4, '\0');
  EXPECT_TRUE(FromBase64Url(text, {reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()}))
      << text;
  return bytes;
}

std::string Encoded(std::string_view bytes) {
  return Base64Url({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

TEST(WebPush, EncryptsAsTheExampleOfRfc8291) {
  const auto sender = P256Key::FromNumber(Decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
  ASSERT_TRUE(sender.ok());
  EXPECT_EQ(Encoded(sender->point()),
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
            "8");
  const PushKeys keys{
      .point = Decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH"
                       "6SRpkNtoIAiw4"),
      .auth = Decoded("BTBZMqHH6r4Tts7J_aSIgg")};
  const auto body = EncryptPush(keys, *sender, Decoded("DGv6ra1nlYgDCS1FRnbzlw"),
                                "When I grow up, I want to be a watermelon");
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(Encoded(*body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocIn"
            "mYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNW"
            "QexSgSxsj_Qulcy4a-fN");
}

TEST(WebPush, RefusesKeysThatAreNone) {
  const auto sender = P256Key::Generate();
  ASSERT_TRUE(sender.ok());
  const std::string salt(kPushSaltBytes, 's');
  const std::string auth(kPushAuthBytes, 'a');
  EXPECT_FALSE(EncryptPush({std::string(65, '\x04'), auth}, *sender, salt, "x").ok());
  EXPECT_FALSE(EncryptPush({"", auth}, *sender, salt, "x").ok());
  EXPECT_FALSE(EncryptPush({sender->point(), "short"}, *sender, salt, "x").ok());
  EXPECT_FALSE(
      EncryptPush({sender->point(), auth}, *sender, salt, std::string(kMostPushPayload + 1, 'x'))
          .ok());
}

TEST(WebPush, SaysWhoSendsInATokenThatTheKeyVerifies) {
  const auto key = P256Key::Generate();
  ASSERT_TRUE(key.ok());
  const auto header = VapidHeader(*key, "https://push.example.net:444/p/JzLQ3raZJfFBR0aqvOMsLrt54",
                                  "mailto:admin@example.org", 1'800'000'000);
  ASSERT_TRUE(header.ok());
  ASSERT_TRUE(header->starts_with("vapid t="));
  const std::size_t comma = header->find(", k=");
  ASSERT_NE(comma, std::string::npos);
  EXPECT_EQ(Decoded(header->substr(comma + 4)), key->point());
  const std::string token = header->substr(8, comma - 8);
  const std::size_t dot = token.rfind('.');
  EXPECT_TRUE(VerifyP256(key->point(), token.substr(0, dot), Decoded(token.substr(dot + 1))));
  const std::string claims = Decoded(token.substr(token.find('.') + 1, dot - token.find('.') - 1));
  EXPECT_NE(claims.find(R"("aud":"https://push.example.net:444")"), std::string::npos) << claims;
  EXPECT_NE(claims.find(R"("sub":"mailto:admin@example.org")"), std::string::npos) << claims;
  EXPECT_NE(claims.find(R"("exp":1800043200)"), std::string::npos) << claims;
}

TEST(WebPush, CallsPushServicesAlone) {
  const PushSettings settings;
  EXPECT_TRUE(IsPushEndpoint(settings, "https://fcm.googleapis.com/fcm/send/abc"));
  EXPECT_TRUE(IsPushEndpoint(settings, "https://updates.push.services.mozilla.com/wpush/v2/a"));
  EXPECT_TRUE(IsPushEndpoint(settings, "https://web.push.apple.com/QAbc"));
  for (const char* const refused :
       {"http://fcm.googleapis.com/fcm/send/abc", "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com/x", "https://fcm.googleapis.com@127.0.0.1/x",
        "https://127.0.0.1/x", "https://fcm.googleapis.com:22/x", "https://push.apple.com.evil/x",
        "https://evil.example/#fcm.googleapis.com", "https://evil.example\\.push.apple.com/x",
        "https:///x", "", "file:///etc/passwd", "https://fcm.googleapis.com/a\r\nX: y"}) {
    EXPECT_FALSE(IsPushEndpoint(settings, refused)) << refused;
  }
}

TEST(WebPush, KnowsAddressesThatAreNotPublic) {
  for (const char* const own : {"127.0.0.1",
                                "10.1.2.3",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.168.1.1",
                                "169.254.169.254",
                                "100.64.0.1",
                                "0.0.0.0",
                                "224.0.0.1",
                                "255.255.255.255",
                                "::1",
                                "::",
                                "fe80::1",
                                "fd00::1",
                                "::ffff:127.0.0.1",
                                "::ffff:10.0.0.1",
                                "2002:7f00:1::",
                                "64:ff9b::7f00:1",
                                "ff02::1",
                                "2001:db8::1",
                                "nothing",
                                ""}) {
    EXPECT_FALSE(IsPublicAddress(own)) << own;
  }
  for (const char* const there :
       {"142.250.1.1", "172.32.0.1", "2a00:1450:4001::1", "100.128.0.1"}) {
    EXPECT_TRUE(IsPublicAddress(there)) << there;
  }
}

TEST(P256, VerifiesItsOwnSignaturesAndNoOthers) {
  const auto key = P256Key::Generate();
  const auto other = P256Key::Generate();
  ASSERT_TRUE(key.ok() && other.ok());
  const auto signature = key->Sign("text");
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(VerifyP256(key->point(), "text", *signature));
  EXPECT_FALSE(VerifyP256(key->point(), "texs", *signature));
  EXPECT_FALSE(VerifyP256(other->point(), "text", *signature));
  EXPECT_FALSE(VerifyP256(key->point(), "text", std::string(64, '\0')));
  EXPECT_FALSE(VerifyP256(key->point(), "text", ""));
  EXPECT_FALSE(VerifyP256(std::string(65, '\x04'), "text", *signature));
}

}  // namespace
}  // namespace sspr::service
