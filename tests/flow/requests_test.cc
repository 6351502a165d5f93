// SPDX-License-Identifier: Apache-2.0
// Form bodies: what is sent for each call, and that nothing in a value can become a parameter.
#include "common/protocol/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/protocol/base64url.h"

namespace sspr {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Operation = ServiceCall::Operation;

class Requests : public ::testing::Test {
 protected:
  std::string Form(const ServiceCall& call, bool resume = false) {
    const std::vector<unsigned char> key(32, 0xFF);
    const Result<SecretBody> body =
        FormOf(call, {"sspr-login", resume ? key : std::vector<unsigned char>{}, code_, password_});
    EXPECT_TRUE(body.ok());
    return body.ok() ? std::string(body->Reveal()) : "";
  }
  Secret code_ = *Secret::CopyOf("123456");
  Secret password_ = *Secret::CopyOf("a b&c=d%+\xC3\xA9");
};

TEST_F(Requests, StartOfAPlainServerHoldsNothingOfTheExtension) {
  ServiceCall call{.operation = Operation::kStart, .username = "alice@corp"};
  EXPECT_EQ(Form(call, true),
            "client_id=sspr-login&username=alice%40corp&challenge_type=oob%20redirect");
}

TEST_F(Requests, StartOfTheExtensionAnnouncesWhatTheServerKnows) {
  ServiceCall call{.operation = Operation::kStart, .username = "alice"};
  call.features = {true, true, true, true, true};
  call.local_set = LocalSet{"CORP\\alice", {}, {}};
  const std::string form = Form(call, true);
  EXPECT_THAT(form, HasSubstr("challenge_type=oob%20totp%20redirect&"));
  EXPECT_THAT(form, HasSubstr("capabilities=reset_introspect%20reset_mfa_required%20"
                              "reset_final_submit&"));
  EXPECT_THAT(form, HasSubstr("%22account%22%3A%22CORP%5C%5Calice%22"));
  EXPECT_THAT(form, HasSubstr("&resume_key=_____"));
}

TEST_F(Requests, PasswordIsEncodedByteByByte) {
  const std::string form = Form({.operation = Operation::kSubmit, .token = "t"});
  EXPECT_EQ(form,
            "client_id=sspr-login&continuation_token=t&new_password=a%20b%26c%3Dd%25%2B%C3%A9");
}

TEST_F(Requests, SubmitOfALocalAccountCarriesTheCommitment) {
  ServiceCall call{.operation = Operation::kSubmit, .token = "t"};
  call.commitment.emplace();
  EXPECT_THAT(Form(call), HasSubstr("&password_commitment=AAAAAAAAAAA"));
}

TEST_F(Requests, CodeTravelsInTheSameFieldForBothKinds) {
  ServiceCall call{.operation = Operation::kContinue, .token = "t"};
  EXPECT_THAT(Form(call), HasSubstr("grant_type=oob&oob=123456"));
  call.kind = MethodKind::kAuthenticatorCode;
  EXPECT_THAT(Form(call), HasSubstr("grant_type=totp&oob=123456"));
}

TEST_F(Requests, OnlyTheCallThatNeedsASecretHoldsIt) {
  for (const Operation operation : {Operation::kStart, Operation::kChallenge, Operation::kRules,
                                    Operation::kPoll, Operation::kTransaction}) {
    const std::string form = Form({.operation = operation, .token = "t"});
    EXPECT_THAT(form, Not(HasSubstr("123456")));
    EXPECT_THAT(form, Not(HasSubstr("password")));
  }
}

TEST_F(Requests, LongestPasswordAndTokenFit) {
  password_ = *Secret::CopyOf(std::string(511, '\xC3'));
  EXPECT_EQ(Form({.operation = Operation::kSubmit, .token = std::string(2048, '+')}).size(),
            std::string("client_id=sspr-login&continuation_token=&new_password=").size() +
                3 * (511 + 2048));
}

TEST_F(Requests, BodyThatDoesNotFitIsRefusedAndNeverCut) {
  EXPECT_FALSE(FormOf({.operation = Operation::kSubmit, .token = std::string(4096, '+')},
                      {"sspr-login", {}, code_, password_})
                   .ok());
}

TEST(Base64Url, RoundTripsAndRefusesWhatIsNotExact) {
  for (std::size_t size = 0; size < 70; ++size) {
    std::vector<unsigned char> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(i * 37 + size);
    const std::string text = Base64Url(bytes);
    std::vector<unsigned char> back(size);
    EXPECT_TRUE(FromBase64Url(text, back));
    EXPECT_EQ(back, bytes);
    EXPECT_FALSE(FromBase64Url(text + "A", back));
    EXPECT_TRUE(text.empty() || !FromBase64Url(text.substr(1), back));
    std::vector<unsigned char> hex(size);
    EXPECT_TRUE(FromHex(Hex(bytes), hex));
    EXPECT_EQ(hex, bytes);
  }
  std::array<unsigned char, 1> one{};
  EXPECT_TRUE(FromBase64Url("AA", one));
  EXPECT_FALSE(FromBase64Url("AB", one)) << "bits that are left over";
  EXPECT_FALSE(FromBase64Url("A=", one));
  EXPECT_FALSE(FromBase64Url("A+", one));
  EXPECT_FALSE(FromHex("g0", one));
}

}  // namespace
}  // namespace sspr
