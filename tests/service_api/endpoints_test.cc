// SPDX-License-Identifier: Apache-2.0
// Forms in, engine calls out; engine replies in, V1 JSON out, with and without the extension.
#include "tests/service_api/api_fixture.h"

namespace sspr::service {
namespace {

constexpr char kDevice[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";  // 32 zero bytes
constexpr char kExtended[] =
    "&capabilities=mfa_required+reset_introspect+reset_mfa_required+reset_final_submit";

class EndpointsTest : public ApiFixture {};

TEST_F(EndpointsTest, StartOfAPlainClientGetsTheTokenAlone) {
  engine_.start = StartReply{
      "T1", {{{"m", MethodKind::kEmailCode, "a*", true}}, 1, 0}, std::string(16, 'x'), false, {}};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/start",
                        "client_id=c&username=Alice%40x&challenge_type=oob+password+redirect"),
            R"({"continuation_token":"T1"})");
  EXPECT_EQ(engine_.argument, "Alice@x");
  EXPECT_EQ(engine_.caller.client_id, "c");
  EXPECT_EQ(engine_.caller.address, "192.0.2.7");
  EXPECT_EQ(engine_.caller.correlation_id, kId);
  EXPECT_FALSE(engine_.request.capabilities.introspect);
  EXPECT_FALSE(engine_.request.capabilities.totp);
}

TEST_F(EndpointsTest, StartOfTheExtensionGetsTheMethods) {
  engine_.start = StartReply{"T1",
                             {{{"m", MethodKind::kEmailCode, "a*", true}}, 2, 0},
                             std::string(16, '\x0F'),
                             false,
                             {}};
  EXPECT_EQ(
      PostForText(
          "/resetpassword/v1.0/start",
          "client_id=c&username=a&challenge_type=oob+totp+redirect" + std::string(kExtended)),
      R"({"completed_gates":0,"continuation_token":"T1","methods":[{"challenge_channel":"email",)"
      R"("challenge_type":"oob","id":"m","is_default":true,"login_hint":"a*"}],)"
      R"("required_gates":2,"resumed":false,)"
      R"("transaction_id":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"})");
  EXPECT_TRUE(engine_.request.capabilities.introspect);
  EXPECT_TRUE(engine_.request.capabilities.two_gates);
  EXPECT_TRUE(engine_.request.capabilities.final_submit);
  EXPECT_TRUE(engine_.request.capabilities.totp);
}

TEST_F(EndpointsTest, AResumedFlowShowsItsLiveChallenge) {
  StartReply reply{"T1", {}, std::string(16, 'x'), true, {}};
  reply.live_challenge = ChallengeReply{"T2", "m1", MethodKind::kEmailCode, "a***", 6, 60};
  engine_.start = reply;
  const Json::Value json = Parse(Post("/resetpassword/v1.0/start",
                                      "client_id=c&username=a&challenge_type=oob+redirect"
                                      "&resume_key=" +
                                          std::string(kDevice) + kExtended)
                                     .body);
  EXPECT_TRUE(json["resumed"].asBool());
  EXPECT_EQ(Write(json["challenge"]),
            R"({"binding_method":"prompt","challenge_channel":"email",)"
            R"("challenge_target_label":"a***","challenge_type":"oob","code_length":6,)"
            R"("continuation_token":"T2","id":"m1","interval":60})");
  EXPECT_EQ(engine_.request.resume_key, std::string(32, '\0'));
}

TEST_F(EndpointsTest, OlderNamesAndSeparatorsOfCapabilitiesAreTaken) {
  Post("/resetpassword/v1.0/start",
       "client_id=c&username=a&challenge_type=oob+redirect&capability=reset_introspect%2Cpush");
  EXPECT_TRUE(engine_.request.capabilities.introspect);
}

struct BadStart {
  const char* form;
  const char* error;
  int code;
};

TEST_F(EndpointsTest, StartRefusesWhatIsMissingOrMalformed) {
  const BadStart table[] = {
      {"username=a&challenge_type=oob+redirect", "invalid_request", 90100},
      {"client_id=c&challenge_type=oob+redirect", "invalid_request", 90100},
      {"client_id=c&username=&challenge_type=oob+redirect", "invalid_request", 90100},
      {"client_id=c&username=a", "unsupported_challenge_type", 901007},
      {"client_id=c&username=a&challenge_type=oob", "unsupported_challenge_type", 901007},
      {"client_id=c&username=a&challenge_type=oob+redirect+smoke", "invalid_request", 90100},
      {"client_id=c&username=a&challenge_type=oob+redirect&resume_key=AA", "invalid_request",
       90100},
      {"client_id=c&username=a&challenge_type=oob+redirect&local_set=1", "invalid_request", 90100},
      {"client_id=c&username=a&challenge_type=oob+redirect&local_set=[]", "invalid_request", 90100},
      {"client_id=a%20b&username=a&challenge_type=oob+redirect", "invalid_request", 90100},
  };
  for (const BadStart& row : table) {
    const HttpReply reply = Post("/resetpassword/v1.0/start", row.form);
    EXPECT_EQ(reply.status, 400) << row.form;
    const Json::Value json = Parse(reply.body);
    EXPECT_EQ(json["error"].asString(), row.error) << row.form;
    EXPECT_EQ(json["error_codes"][0].asInt(), row.code) << row.form;
    EXPECT_EQ(engine_.called, "") << row.form;
  }
}

TEST_F(EndpointsTest, MsalFindsItsTextForAnUnknownChallengeType) {
  const std::string text =
      Post("/resetpassword/v1.0/start", "client_id=c&username=a&challenge_type=x+redirect").body;
  EXPECT_NE(text.find("The challenge_type list parameter contains an unsupported challenge type"),
            std::string::npos);
}

TEST_F(EndpointsTest, AClientThatCanDoNoCodeIsRedirected) {
  EXPECT_EQ(Parse(Post("/resetpassword/v1.0/start",
                       "client_id=c&username=a&challenge_type=password+redirect")
                      .body)["challenge_type"]
                .asString(),
            "redirect");
}

TEST_F(EndpointsTest, LocalSetIsReadStrictly) {
  const std::string good = R"({"account":"alice","device_id":")" + std::string(kDevice) +
                           R"(","nonce":")" + kDevice + R"("})";
  const auto start = [this](const std::string& json) {
    std::string encoded;
    for (const char c : json) {
      static constexpr char kDigits[] = "0123456789ABCDEF";
      encoded += '%';
      encoded += kDigits[static_cast<unsigned char>(c) >> 4];
      encoded += kDigits[static_cast<unsigned char>(c) & 15U];
    }
    return Post("/resetpassword/v1.0/start",
                "client_id=c&username=a&challenge_type=oob+redirect&local_set=" + encoded)
        .status;
  };
  EXPECT_EQ(start(good), 200);
  ASSERT_TRUE(engine_.request.local_set.has_value());
  EXPECT_EQ(engine_.request.local_set->account, "alice");
  EXPECT_EQ(engine_.request.local_set->device_id, std::string(32, '\0'));

  const auto changed = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const std::string& bad :
       {good + " x", good + "{}", "/* */" + good, changed("alice", "-root"),
        changed("alice", "a b"), changed("alice", ".."), changed("\"alice\"", "[\"alice\"]"),
        changed("\"alice\"", "null"), changed("\"alice\"", "{}"), changed("account", "Account"),
        changed("\"nonce\"", "\"gates\":2,\"nonce\""),
        changed("\"nonce\"", "\"account\":\"b\",\"nonce\""),
        changed("\"device_id\":\"A", "\"device_id\":\"="), changed("AAA\"}", "AAB\"}"),
        changed("AAA\"}", "AAAA\"}"), changed("AAA\"}", "AA\"}"), std::string("\"alice\""),
        std::string("[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"), std::string(2000, '[')}) {
    EXPECT_EQ(start(bad), 400) << bad;
  }
}

TEST_F(EndpointsTest, ChallengeOfAMailHasWhatAllMsalsNeed) {
  EXPECT_EQ(PostForText("/resetpassword/v1.0/challenge",
                        "client_id=c&continuation_token=t&challenge_type=oob+redirect&id=m1"),
            R"({"binding_method":"prompt","challenge_channel":"email",)"
            R"("challenge_target_label":"a***@example.org","challenge_type":"oob",)"
            R"("code_length":8,"continuation_token":"T3","interval":60})");
  EXPECT_EQ(engine_.token, "t");
  EXPECT_EQ(engine_.argument, "m1");
}

TEST_F(EndpointsTest, ChallengeOfAnAuthenticatorHasItsOwnType) {
  engine_.challenge = ChallengeReply{"T3", "m2", MethodKind::kAuthenticatorCode, "app", 6, 0};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/challenge", "client_id=c&continuation_token=t"),
            R"({"challenge_channel":"authenticator","challenge_target_label":"app",)"
            R"("challenge_type":"totp","code_length":6,"continuation_token":"T3"})");
}

TEST_F(EndpointsTest, ChallengesOfTheOtherMethodsSayWhatTheyAre) {
  engine_.challenge = ChallengeReply{"T3", "m2", MethodKind::kSmsCode, "***67", 8, 60};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/challenge", "client_id=c&continuation_token=t"),
            R"({"binding_method":"prompt","challenge_channel":"sms",)"
            R"("challenge_target_label":"***67","challenge_type":"oob","code_length":8,)"
            R"("continuation_token":"T3","interval":60})");
  engine_.challenge = ChallengeReply{"T3", "m2", MethodKind::kTemporaryPass, "pass", 13, 60};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/challenge", "client_id=c&continuation_token=t"),
            R"({"challenge_target_label":"pass","challenge_type":"tap","code_length":13,)"
            R"("continuation_token":"T3"})");
  engine_.challenge =
      ChallengeReply{"T3", "m2", MethodKind::kQuestions, "questions", 0, 60, {{"q1", "Where?"}}};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/challenge", "client_id=c&continuation_token=t"),
            R"({"challenge_target_label":"questions","challenge_type":"questions",)"
            R"("continuation_token":"T3","questions":[{"id":"q1","text":"Where?"}]})");
}

TEST_F(EndpointsTest, AnswersAreGivenInTheirOrder_WithoutAGap) {
  EXPECT_EQ(PostForText("/resetpassword/v1.0/continue",
                        "client_id=c&continuation_token=t&grant_type=questions&answer_2=b+c&"
                        "answer_1=%C3%A4&answer_4=d"),
            R"({"continuation_token":"T4","expires_in":600})");
  EXPECT_EQ(engine_.called, "ContinueWithAnswers");
  EXPECT_EQ(engine_.secret, "\xC3\xA4;b c;");
  engine_.called.clear();
  for (const std::string& bad :
       {std::string(), std::string("&answer_2=b"), "&answer_1=" + std::string(600, 'x')}) {
    EXPECT_EQ(Post("/resetpassword/v1.0/continue",
                   "client_id=c&continuation_token=t&grant_type=questions" + bad)
                  .status,
              400);
    EXPECT_EQ(engine_.called, "");
  }
}

TEST_F(EndpointsTest, CodesThatWereHandedOutHaveGrantsOfTheirOwn) {
  Post("/resetpassword/v1.0/continue",
       "client_id=c&continuation_token=t&grant_type=recovery_code&oob=ABCD-EFGH");
  EXPECT_EQ(engine_.kind, MethodKind::kRecoveryCode);
  EXPECT_EQ(engine_.secret, "ABCD-EFGH");
  Post("/resetpassword/v1.0/continue", "client_id=c&continuation_token=t&grant_type=tap&oob=AB");
  EXPECT_EQ(engine_.kind, MethodKind::kTemporaryPass);
}

TEST_F(EndpointsTest, ApprovalShowsItsNumberAndIsPolledWithoutACode) {
  engine_.challenge = [] {
    ChallengeReply reply{"T3", "m2", MethodKind::kApproval, "phone", 2, 3};
    reply.display_code = "42";
    reply.expires_in_seconds = 120;
    return reply;
  }();
  EXPECT_EQ(PostForText("/resetpassword/v1.0/challenge", "client_id=c&continuation_token=t"),
            R"({"binding_method":"none","challenge_channel":"push",)"
            R"("challenge_target_label":"phone","challenge_type":"oob","code_length":2,)"
            R"("continuation_token":"T3","display_code":"42","expires_in":120,"interval":3})");
  Post("/resetpassword/v1.0/continue", "client_id=c&continuation_token=t&grant_type=oob");
  EXPECT_EQ(engine_.called, "PollApproval");
  engine_.go_on = Refusal{RefusalCode::kAuthorizationPending, ""};
  EXPECT_EQ(
      Parse(Post("/resetpassword/v1.0/continue", "client_id=c&continuation_token=t&grant_type=oob")
                .body)["error"]
          .asString(),
      "authorization_pending");
  Post("/resetpassword/v1.0/start",
       "client_id=c&username=a&challenge_type=oob+redirect&capabilities=push+handoff");
  EXPECT_TRUE(engine_.request.capabilities.push);
  EXPECT_TRUE(engine_.request.capabilities.hand_off);
  EXPECT_FALSE(engine_.request.capabilities.passkey);
}

TEST_F(EndpointsTest, HandOffGivesAnAddressAndACodeThatNoServerLogs) {
  EXPECT_EQ(PostForText("/resetpassword/v1.0/handoff", "client_id=c&continuation_token=t"),
            R"({"continuation_token":"T8","expires_in":300,"interval":3,)"
            R"("user_code":"BCDF-GHJK",)"
            R"("verification_uri":"https://reset.example.org/contoso/portal/go",)"
            R"("verification_uri_complete":)"
            R"("https://reset.example.org/contoso/portal/go#BCDF-GHJK"})");
  Post("/resetpassword/v1.0/continue",
       "client_id=c&continuation_token=t&grant_type="
       "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code");
  EXPECT_EQ(engine_.called, "PollHandOff");
  EXPECT_EQ(Post("/resetpassword/v1.0/handoff", "client_id=c").status, 400);
}

TEST_F(EndpointsTest, UnlockIsStartedAndEndedAsOne) {
  Post("/resetpassword/v1.0/start",
       "client_id=c&username=a&operation=unlock&"
       "challenge_type=oob+redirect+questions+recovery_code+tap");
  EXPECT_EQ(engine_.request.operation, Operation::kUnlock);
  EXPECT_TRUE(engine_.request.capabilities.questions);
  EXPECT_TRUE(engine_.request.capabilities.recovery_code);
  EXPECT_TRUE(engine_.request.capabilities.temporary_pass);
  EXPECT_FALSE(engine_.request.capabilities.totp);
  engine_.called.clear();
  EXPECT_EQ(Post("/resetpassword/v1.0/start",
                 "client_id=c&username=a&operation=other&challenge_type=oob+redirect")
                .status,
            400);
  EXPECT_EQ(engine_.called, "");
  engine_.submit = SubmitReply{"T5", TransactionStatus::kSucceeded, 1, {}, true};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/unlock", "client_id=c&continuation_token=t"),
            R"({"continuation_token":"T5","poll_interval":1,"status":"succeeded"})");
  EXPECT_EQ(engine_.called, "Unlock");
}

TEST_F(EndpointsTest, ContinueGivesTheCodeAndItsKind) {
  EXPECT_EQ(PostForText("/resetpassword/v1.0/continue",
                        "client_id=c&continuation_token=t&grant_type=oob&oob=12345678"),
            R"({"continuation_token":"T4","expires_in":600})");
  EXPECT_EQ(engine_.secret, "12345678");
  EXPECT_EQ(engine_.kind, MethodKind::kEmailCode);
  Post("/resetpassword/v1.0/continue",
       "client_id=c&continuation_token=t&grant_type=totp&oob=123456");
  EXPECT_EQ(engine_.kind, MethodKind::kAuthenticatorCode);
}

TEST_F(EndpointsTest, ContinueOfTheExtensionBringsThePolicy) {
  engine_.go_on = ContinueReply{"T4", 900, {15, 256, 511, 2, {"alice", "example"}}, true};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/continue",
                        "client_id=c&continuation_token=t&grant_type=oob&oob=1"),
            R"({"continuation_token":"T4","expires_in":600,"policy":{"forbid_contains":)"
            R"(["alice","example"],"max_bytes":511,"max_length":256,"min_classes":2,)"
            R"("min_length":15}})");
}

TEST_F(EndpointsTest, ContinueRefusesOtherGrantsAndMissingCodes) {
  for (const char* form : {"client_id=c&continuation_token=t&grant_type=totp",
                           "client_id=c&continuation_token=t&oob=1",
                           "client_id=c&continuation_token=t&grant_type=none&oob=1",
                           "client_id=c&continuation_token=t&grant_type=totp&oob=",
                           "client_id=c&grant_type=oob&oob=1"}) {
    EXPECT_EQ(Post("/resetpassword/v1.0/continue", form).status, 400) << form;
    EXPECT_EQ(engine_.called, "") << form;
  }
}

TEST_F(EndpointsTest, SubmitOfAPlainClientIsPolled) {
  engine_.submit = SubmitReply{"T5", TransactionStatus::kSucceeded, 0, std::string(256, 'p')};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/submit",
                        "client_id=c&continuation_token=t&new_password=a+b%26c"),
            R"({"continuation_token":"T5","poll_interval":1})");
  EXPECT_EQ(engine_.secret, "a b&c");
}

TEST_F(EndpointsTest, SubmitOfTheExtensionEndsTheFlow) {
  engine_.submit = SubmitReply{"T5", TransactionStatus::kSucceeded, 99, std::string(3, 'p'), true};
  EXPECT_EQ(
      PostForText("/resetpassword/v1.0/submit",
                  "client_id=c&continuation_token=t&new_password=x&password_commitment=" +
                      std::string(kDevice)),
      R"({"continuation_token":"T5","permit":"cHBw","poll_interval":15,"status":"succeeded"})");
  EXPECT_EQ(engine_.argument, std::string(32, '\0'));
}

TEST_F(EndpointsTest, APasswordBeyondAllLimitsIsTooLongAndNeverReachesTheEngine) {
  const Json::Value json =
      Parse(Post("/resetpassword/v1.0/submit",
                 "client_id=c&continuation_token=t&new_password=" + std::string(512, 'x'))
                .body);
  EXPECT_EQ(json["suberror"].asString(), "password_too_long");
  EXPECT_EQ(engine_.called, "");
}

TEST_F(EndpointsTest, PollAlwaysHasAToken) {
  EXPECT_EQ(PostForText("/resetpassword/v1.0/poll_completion", "client_id=c&continuation_token=t"),
            R"({"continuation_token":"T6","status":"succeeded"})");
  engine_.poll = SubmitReply{"T5", TransactionStatus::kPending, 1, {}, true};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/poll_completion", "client_id=c&continuation_token=t"),
            R"({"continuation_token":"T5","status":"in_progress"})");
}

TEST_F(EndpointsTest, TransactionsAreAskedByTheirHexadecimalId) {
  const std::string id = "00112233445566778899aabbccddeeff";
  for (const auto& [status, word] : {std::pair{TransactionStatus::kNone, "none"},
                                     {TransactionStatus::kPending, "pending"},
                                     {TransactionStatus::kSucceeded, "succeeded"},
                                     {TransactionStatus::kFailed, "failed"}}) {
    engine_.transaction = TransactionReply{status, {}};
    EXPECT_EQ(PostForText("/resetpassword/v1.0/transaction", "client_id=c&transaction_id=" + id),
              std::string(R"({"status":")") + word + R"("})");
  }
  EXPECT_EQ(engine_.argument.size(), 16U);
  engine_.transaction = TransactionReply{TransactionStatus::kSucceeded, "permit"};
  EXPECT_EQ(PostForText("/resetpassword/v1.0/transaction", "client_id=c&transaction_id=" + id),
            R"({"permit":"cGVybWl0","status":"succeeded"})");
  for (const char* bad :
       {"", "00", "zz112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff00"}) {
    EXPECT_EQ(
        Post("/resetpassword/v1.0/transaction", "client_id=c&transaction_id=" + std::string(bad))
            .status,
        400);
  }
}

TEST_F(EndpointsTest, PolicyIsShownWithAndWithoutAToken) {
  EXPECT_EQ(PostForText("/resetpassword/v1.0/policy", "client_id=c"),
            R"({"forbid_contains":["alice"],"max_bytes":511,"max_length":256,"min_classes":0,)"
            R"("min_length":15})");
}

TEST_F(EndpointsTest, SignInAsksForAPassword) {
  EXPECT_EQ(PostForText("/oauth2/v2.0/initiate",
                        "client_id=c&username=alice&challenge_type=password+oob+redirect"),
            R"({"continuation_token":"S1"})");
  EXPECT_EQ(PostForText("/oauth2/v2.0/challenge",
                        "client_id=c&continuation_token=t&challenge_type=password+redirect"),
            R"({"challenge_type":"password","continuation_token":"S1"})");
  EXPECT_EQ(
      Parse(Post("/oauth2/v2.0/initiate", "client_id=c&username=alice&challenge_type=oob+redirect")
                .body)["challenge_type"]
          .asString(),
      "redirect");
}

TEST_F(EndpointsTest, TokenTakesAPasswordOrAContinuationAndNothingElse) {
  Post("/oauth2/v2.0/token",
       "client_id=c&continuation_token=t&grant_type=password&password=p&scope=openid");
  EXPECT_EQ(engine_.called, "SignInWithPassword");
  EXPECT_EQ(engine_.secret, "p");
  Post(
      "/oauth2/v2.0/token",
      "client_id=c&continuation_token=t&grant_type=continuation_token&username=alice&scope=openid");
  EXPECT_EQ(engine_.called, "SignInWithContinuation");
  EXPECT_EQ(engine_.argument, "alice");

  engine_.called.clear();
  for (const char* grant : {"oob", "authorization_code", "Password", "mfa_push"}) {
    const Json::Value json = Parse(Post("/oauth2/v2.0/token",
                                        "client_id=c&continuation_token=t&scope=openid&oob=1&"
                                        "password=p&refresh_token=r&grant_type=" +
                                            std::string(grant))
                                       .body);
    EXPECT_EQ(json["error"].asString(), "unsupported_grant_type") << grant;
  }
  EXPECT_EQ(Parse(Post("/oauth2/v2.0/token",
                       "client_id=c&continuation_token=t&grant_type=password&password=p")
                      .body)["error"]
                .asString(),
            "invalid_scope");
  EXPECT_EQ(
      Parse(Post("/oauth2/v2.0/token",
                 "client_id=c&continuation_token=t&grant_type=password&scope=openid&password=" +
                     std::string(600, 'x'))
                .body)["error_codes"][0]
          .asInt(),
      50126);
  EXPECT_EQ(engine_.called, "");
}

TEST_F(EndpointsTest, SecondProofsAndRefreshTokensHaveGrantsOfTheirOwn) {
  const auto grant = [this](const std::string& more) {
    return Parse(Post("/oauth2/v2.0/token", "client_id=c&" + more).body);
  };
  grant("continuation_token=t&grant_type=mfa_oob&oob=12345678&scope=openid");
  EXPECT_EQ(engine_.called, "SignInWithSecondFactor");
  EXPECT_EQ(engine_.secret, "12345678");
  EXPECT_EQ(engine_.kind, MethodKind::kEmailCode);
  grant("continuation_token=t&grant_type=mfa_totp&oob=1&scope=openid");
  EXPECT_EQ(engine_.kind, MethodKind::kAuthenticatorCode);
  const Json::Value refreshed =
      grant("grant_type=refresh_token&refresh_token=R&scope=everything&client_info=1");
  EXPECT_EQ(engine_.called, "RedeemRefreshToken");
  EXPECT_EQ(engine_.secret, "R");
  EXPECT_EQ(refreshed["refresh_token"].asString(), "refresh-2");
  EXPECT_EQ(refreshed["scope"].asString(), "openid") << "that of the sign-in";
  EXPECT_TRUE(refreshed.isMember("id_token"));
  engine_.signed_in = Refusal{RefusalCode::kMfaRequired, "", "T9"};
  const Json::Value demanded =
      grant("continuation_token=t&grant_type=password&password=p&scope=openid");
  EXPECT_EQ(demanded["error"].asString(), "invalid_grant");
  EXPECT_EQ(demanded["suberror"].asString(), "mfa_required");
  EXPECT_EQ(demanded["continuation_token"].asString(), "T9");
}

TEST_F(EndpointsTest, MethodsOfASecondProofAreListedAndChallenged) {
  engine_.introspect = IntrospectReply{"T2", {{{"m", MethodKind::kSmsCode, "***67", true}}, 1, 0}};
  EXPECT_EQ(PostForText("/oauth2/v2.0/introspect", "client_id=c&continuation_token=t"),
            R"({"continuation_token":"T2","methods":[{"challenge_channel":"sms",)"
            R"("challenge_type":"oob","id":"m","is_default":true,"login_hint":"***67"}]})");
  Post("/oauth2/v2.0/challenge", "client_id=c&continuation_token=t&id=m");
  EXPECT_EQ(engine_.called, "SecondFactorChallenge");
  EXPECT_EQ(engine_.argument, "m");
  Post("/oauth2/v2.0/initiate",
       "client_id=c&username=a&challenge_type=password+oob+redirect&"
       "capabilities=mfa_required+registration_required");
  EXPECT_TRUE(engine_.request.capabilities.mfa);
  EXPECT_TRUE(engine_.request.capabilities.registration);
}

TEST_F(EndpointsTest, RegistrationIsThatOfMicrosoft) {
  EXPECT_EQ(PostForText("/register/v1.0/introspect", "client_id=c&continuation_token=t"),
            R"({"continuation_token":"R1","methods":[{"challenge_channel":"email",)"
            R"("challenge_type":"oob","id":"email"},{"challenge_channel":"sms",)"
            R"("challenge_type":"oob","id":"sms"}]})");
  EXPECT_EQ(PostForText("/register/v1.0/challenge",
                        "client_id=c&continuation_token=t&challenge_type=oob&"
                        "challenge_target=a%40example.org"),
            R"({"binding_method":"prompt","challenge_channel":"email",)"
            R"("challenge_target":"a***@example.org","challenge_target_label":"a***@example.org",)"
            R"("challenge_type":"oob","code_length":8,"continuation_token":"T3","interval":60})");
  EXPECT_EQ(engine_.kind, MethodKind::kEmailCode);
  EXPECT_EQ(engine_.argument, "a@example.org");
  Post("/register/v1.0/challenge",
       "client_id=c&continuation_token=t&challenge_type=oob&challenge_channel=sms&"
       "challenge_target=%2B49301234567");
  EXPECT_EQ(engine_.kind, MethodKind::kSmsCode);
  EXPECT_EQ(PostForText("/register/v1.0/continue",
                        "client_id=c&continuation_token=t&grant_type=oob&oob=12345678"),
            R"({"continuation_token":"S1"})");
  EXPECT_EQ(engine_.secret, "12345678");
}

TEST_F(EndpointsTest, RiskIsReportedInGraphsWords) {
  EXPECT_EQ(PostForText("/risk/v1.0/users",
                        "client_id=siem&client_secret=s&username=a&risk_level=high&"
                        "risk_detail=leaked+credentials"),
            R"({"risk_level":"high"})");
  EXPECT_EQ(engine_.secret, "s");
  EXPECT_EQ(engine_.risk.level, RiskLevel::kHigh);
  EXPECT_EQ(engine_.risk.detail, "leaked credentials");
  engine_.called.clear();
  for (const char* bad :
       {"client_secret=s&username=a&risk_level=extreme", "client_secret=s&username=a",
        "username=a&risk_level=high", "client_secret=s&risk_level=high"}) {
    EXPECT_EQ(Post("/risk/v1.0/users", std::string("client_id=siem&") + bad).status, 400) << bad;
  }
  EXPECT_EQ(engine_.called, "");
}

}  // namespace
}  // namespace sspr::service
