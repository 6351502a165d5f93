// SPDX-License-Identifier: Apache-2.0
// What strictly typed clients read as closed lists: MSAL for iOS fails a whole answer whose
// challenge_type is none of oob, password and redirect, or whose status it does not know. Without
// the extension nothing else is ever sent, whatever the engine offers.
#include <gtest/gtest.h>

#include <set>

#include "tests/service_api/api_fixture.h"

namespace sspr::service {
namespace {

const std::set<std::string> kChallengeTypes = {"oob", "password", "redirect"};
const std::set<std::string> kStatuses = {"in_progress", "succeeded", "failed"};

class WireEnums : public ApiFixture {
 protected:
  static void CheckMembers(const Json::Value& answer, const std::string& what) {
    if (answer.isMember("challenge_type")) {
      EXPECT_TRUE(kChallengeTypes.contains(answer["challenge_type"].asString()))
          << what << ": " << answer["challenge_type"].asString();
    }
    if (answer.isMember("status")) {
      EXPECT_TRUE(kStatuses.contains(answer["status"].asString())) << what;
    }
    for (const Json::Value& method : answer["methods"]) CheckMembers(method, what);
    for (const char* extension : {"required_gates", "completed_gates", "transaction_id", "permit",
                                  "attempts_left", "retry_after", "policy"}) {
      EXPECT_FALSE(answer.isMember(extension)) << what << ": " << extension;
    }
  }
  void CheckPlain(const std::string& path, const std::string& form) {
    const HttpReply reply = Post(path, form);
    CheckMembers(Parse(reply.body), path + " " + reply.body);
  }
};

TEST_F(WireEnums, PlainClientsAreNeverSentAnythingElse) {
  const std::string token = "client_id=c&continuation_token=t&";
  for (const MethodKind kind : {MethodKind::kEmailCode, MethodKind::kSmsCode}) {
    engine_.challenge = ChallengeReply{"T", "m", kind, "***", 8, 60};
    engine_.introspect = IntrospectReply{"T", {{{"m", kind, "***", true}}, 1, 0}};
    engine_.start =
        StartReply{"T", {{{"m", kind, "***", true}}, 1, 0}, std::string(16, 't'), false, {}};
    CheckPlain("/resetpassword/v1.0/start",
               "client_id=c&username=alice&challenge_type=oob+redirect&capabilities=mfa_required");
    CheckPlain("/resetpassword/v1.0/challenge", token + "challenge_type=oob+redirect");
    CheckPlain("/oauth2/v2.0/initiate",
               "client_id=c&username=alice&challenge_type=password+redirect");
    CheckPlain("/oauth2/v2.0/challenge", token + "challenge_type=password+redirect");
    CheckPlain("/oauth2/v2.0/challenge", token + "id=m");
    CheckPlain("/oauth2/v2.0/introspect", token);
    CheckPlain("/register/v1.0/introspect", token);
    CheckPlain("/register/v1.0/challenge",
               token + "challenge_type=oob&challenge_channel=email&challenge_target=a%40b.org");
  }
  for (const TransactionStatus status : {TransactionStatus::kPending, TransactionStatus::kSucceeded,
                                         TransactionStatus::kFailed, TransactionStatus::kNone}) {
    engine_.poll = SubmitReply{"T", status, 1, std::string(256, 'p'), false};
    engine_.submit = SubmitReply{"T", status, 1, std::string(256, 'p'), false};
    CheckPlain("/resetpassword/v1.0/poll_completion", token);
    CheckPlain("/resetpassword/v1.0/submit", token + "new_password=river+stone+lantern");
    CheckPlain("/resetpassword/v1.0/continue", token + "grant_type=oob&oob=12345678");
  }
}

TEST_F(WireEnums, EveryRefusalOfAPlainClientIsOfV1) {
  for (int code = 0; code <= static_cast<int>(RefusalCode::kInternal); ++code) {
    Refusal refusal{.code = static_cast<RefusalCode>(code), .detail = "x"};
    refusal.attempts_left = 3;
    refusal.retry_after_seconds = 60;
    refusal.gates = GateState{{{"m", MethodKind::kAuthenticatorCode, "***", true}}, 2, 1};
    engine_.go_on = refusal;
    engine_.signed_in = refusal;
    CheckPlain("/resetpassword/v1.0/continue",
               "client_id=c&continuation_token=t&grant_type=oob&oob=12345678");
    CheckPlain("/oauth2/v2.0/token",
               "client_id=c&continuation_token=t&grant_type=password&password=x&scope=openid");
  }
}

}  // namespace
}  // namespace sspr::service
