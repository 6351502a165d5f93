// SPDX-License-Identifier: Apache-2.0
// Every RefusalCode of the engine as the exact JSON that clients of Microsoft's protocol read.
#include "tests/service_api/api_fixture.h"

namespace sspr::service {
namespace {

std::string ErrorText(const std::string& members, const std::string& description,
                      const std::string& error, const std::string& codes,
                      const std::string& suberror) {
  std::string text = "{" + members + R"("correlation_id":"6f9619ff-8b86-4011-b42d-00cf4fc964ff",)";
  text += R"("error":")" + error + R"(","error_codes":[)" + codes + R"(],"error_description":")" +
          description + R"(")";
  if (!suberror.empty()) text += R"(,"suberror":")" + suberror + R"(")";
  text += R"(,"timestamp":"2026-09-21 14:13:20Z","trace_id":"TRACE"})";
  return text;
}

struct Golden {
  RefusalCode code;
  const char* error;
  const char* suberror;
  const char* codes;
};

constexpr Golden kGolden[] = {
    {RefusalCode::kInvalidRequest, "invalid_request", "", "90100"},
    {RefusalCode::kUserNotFound, "user_not_found", "", "50034"},
    {RefusalCode::kUnsupportedChallenge, "unsupported_challenge_type", "", "901007"},
    {RefusalCode::kInvalidClient, "invalid_client", "", ""},
    {RefusalCode::kInvalidToken, "invalid_request", "", "55200"},
    {RefusalCode::kExpiredToken, "expired_token", "", "552003"},
    {RefusalCode::kWrongCode, "invalid_grant", "invalid_oob_value", "50181"},
    {RefusalCode::kWrongPassword, "invalid_grant", "", "50126"},
    {RefusalCode::kPasswordResetRequired, "invalid_request", "", "50142"},
    {RefusalCode::kTooManyAttempts, "access_denied", "too_many_attempts", ""},
    {RefusalCode::kPasswordTooShort, "invalid_grant", "password_too_short", ""},
    {RefusalCode::kPasswordTooLong, "invalid_grant", "password_too_long", ""},
    {RefusalCode::kPasswordTooWeak, "invalid_grant", "password_too_weak", "399246"},
    {RefusalCode::kPasswordRecentlyUsed, "invalid_grant", "password_recently_used", ""},
    {RefusalCode::kPasswordBanned, "invalid_grant", "password_banned", ""},
    {RefusalCode::kPasswordInvalid, "invalid_grant", "password_is_invalid", ""},
    {RefusalCode::kInternal, "server_error", "", ""},
};

constexpr char kContinueForm[] = "client_id=c&continuation_token=t&grant_type=oob&oob=1";

class RefusalsTest : public ApiFixture {};

TEST_F(RefusalsTest, EachCodeHasItsWordsAndNumbersAndIsStatus400) {
  for (const Golden& golden : kGolden) {
    engine_.go_on = Refusal{.code = golden.code, .detail = "Do this."};
    EXPECT_EQ(PostForText("/resetpassword/v1.0/continue", kContinueForm),
              ErrorText("", "Do this.", golden.error, golden.codes, golden.suberror));
    EXPECT_EQ(Post("/resetpassword/v1.0/continue", kContinueForm).status, 400);
  }
}

TEST_F(RefusalsTest, EachCodeHasASentenceOfItsOwnThatSaysWhatToDo) {
  for (const Golden& golden : kGolden) {
    const WireError error = ToWireError({.code = golden.code, .detail = {}}, Area::kReset);
    EXPECT_TRUE(error.description.ends_with('.')) << golden.error;
    EXPECT_GT(error.description.size(), 20U) << golden.error;
  }
}

TEST_F(RefusalsTest, ABadTokenIsAnInvalidGrantAtSignIn) {
  engine_.sign_in = Refusal{.code = RefusalCode::kInvalidToken, .detail = "Start again."};
  EXPECT_EQ(PostForText("/oauth2/v2.0/challenge", "client_id=c&continuation_token=t"),
            ErrorText("", "Start again.", "invalid_grant", "55200", ""));
}

TEST_F(RefusalsTest, ExtensionMembersGoOnlyToClientsOfTheExtension) {
  Refusal refusal{.code = RefusalCode::kWrongCode, .detail = "Again."};
  refusal.attempts_left = 4;
  refusal.retry_after_seconds = 30;
  engine_.go_on = refusal;
  EXPECT_EQ(PostForText("/resetpassword/v1.0/continue", kContinueForm),
            ErrorText("", "Again.", "invalid_grant", "50181", "invalid_oob_value"));
  refusal.extended = true;
  engine_.go_on = refusal;
  const Json::Value json = Parse(Post("/resetpassword/v1.0/continue", kContinueForm).body);
  EXPECT_EQ(json["attempts_left"].asInt(), 4);
  EXPECT_EQ(json["retry_after"].asInt(), 30);
}

TEST_F(RefusalsTest, ASecondGateIsListedForTheExtensionAndARedirectForOthers) {
  Refusal refusal{.code = RefusalCode::kSecondGateRequired, .detail = "Once more."};
  refusal.continuation_token = "T9";
  refusal.gates = GateState{{{"m2", MethodKind::kAuthenticatorCode, "", true}}, 2, 1};
  refusal.extended = true;
  engine_.go_on = refusal;
  EXPECT_EQ(PostForText("/resetpassword/v1.0/continue", kContinueForm),
            R"({"completed_gates":1,"continuation_token":"T9",)"
            R"("correlation_id":"6f9619ff-8b86-4011-b42d-00cf4fc964ff","error":"invalid_grant",)"
            R"("error_codes":[50076],"error_description":"Once more.","methods":[)"
            R"({"challenge_channel":"authenticator","challenge_type":"totp","id":"m2",)"
            R"("is_default":true,"login_hint":""}],"required_gates":2,)"
            R"("suberror":"reset_mfa_required","timestamp":"2026-09-21 14:13:20Z",)"
            R"("trace_id":"TRACE"})");

  refusal.extended = false;
  engine_.go_on = refusal;
  const HttpReply reply = Post("/resetpassword/v1.0/continue", kContinueForm);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(Parse(reply.body)["challenge_type"].asString(), "redirect");
  EXPECT_FALSE(Parse(reply.body).isMember("continuation_token"));
}

TEST_F(RefusalsTest, ARedirectOfTheEngineIsStatus200WithItsReason) {
  engine_.challenge = Redirect{"No method that this client can use."};
  const HttpReply reply = Post("/resetpassword/v1.0/challenge", "client_id=c&continuation_token=t");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"challenge_type":"redirect",)"
                        R"("redirect_reason":"No method that this client can use."})");
}

TEST_F(RefusalsTest, NumbersAreNumbersAndListsAreListsForStrictlyTypedClients) {
  engine_.go_on = Refusal{.code = RefusalCode::kTooManyAttempts, .detail = ""};
  const Json::Value json = Parse(Post("/resetpassword/v1.0/continue", kContinueForm).body);
  EXPECT_TRUE(json["error_codes"].isArray());
  EXPECT_TRUE(json["error_codes"].empty());
}

}  // namespace
}  // namespace sspr::service
