// SPDX-License-Identifier: Apache-2.0
// Answers of the service. The generator takes each good answer and spoils one member at a time:
// missing, null, another type, an array of itself, twice. Nothing spoilt is ever taken.
#include "common/protocol/replies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <json/json.h>

#include <functional>

#include "common/protocol/base64url.h"

namespace sspr {
namespace {

using Operation = ServiceCall::Operation;

std::string Permit() { return Base64Url(PermitBytes{}); }

struct GoodReply {
  const char* name;
  Operation operation;
  int status;
  std::string body;
  std::vector<std::string> optional;  // members, as paths, that may be missing
};

const char kMethods[] =
    R"([{"id":"e1","challenge_type":"oob","challenge_channel":"email","login_hint":"a***",)"
    R"("is_default":true}])";

std::vector<GoodReply> GoodReplies() {
  const std::string methods = kMethods;
  return {
      {"features",
       Operation::kFeatures,
       200,
       R"({"api_versions":["v1.0"],"capabilities_supported":["reset_introspect"],)"
       R"("challenge_types_supported":["oob"],"permit_keys":[{"kid":1}]})",
       {"api_versions", "challenge_types_supported", "permit_keys"}},
      {"start",
       Operation::kStart,
       200,
       R"({"continuation_token":"t","methods":)" + methods +
           R"(,"required_gates":2,"completed_gates":0,)"
           R"("transaction_id":"000102030405060708090a0b0c0d0e0f","resumed":true,)"
           R"("challenge":{"challenge_type":"oob","code_length":8}})",
       {"transaction_id", "resumed", "challenge", "challenge/code_length"}},
      {"challenge",
       Operation::kChallenge,
       200,
       R"({"continuation_token":"t","challenge_type":"oob","binding_method":"prompt",)"
       R"("challenge_channel":"email","challenge_target_label":"a***","code_length":8,)"
       R"("interval":30})",
       {"binding_method", "challenge_channel", "challenge_target_label", "code_length",
        "interval"}},
      {"continue",
       Operation::kContinue,
       200,
       R"({"continuation_token":"t","expires_in":600,"policy":{"min_length":8,"max_length":256,)"
       R"("max_bytes":511,"min_classes":3,"forbid_contains":["x"]}})",
       {"expires_in", "policy", "policy/max_bytes", "policy/min_classes",
        "policy/forbid_contains"}},
      {"submit",
       Operation::kSubmit,
       200,
       R"({"continuation_token":"t","poll_interval":2,"status":"succeeded","permit":")" + Permit() +
           R"("})",
       {"poll_interval", "permit"}},
      {"poll",
       Operation::kPoll,
       200,
       R"({"status":"succeeded","permit":")" + Permit() + R"("})",
       {"permit"}},
      {"transaction",
       Operation::kTransaction,
       200,
       R"({"status":"succeeded","permit":")" + Permit() + R"("})",
       {"permit"}},
      {"second gate",
       Operation::kContinue,
       400,
       R"({"error":"invalid_grant","suberror":"reset_mfa_required","error_codes":[1],)"
       R"("continuation_token":"t","methods":)" +
           methods +
           R"(,"required_gates":2,"completed_gates":1,"attempts_left":3,"retry_after":60})",
       {"suberror", "error_codes", "continuation_token", "attempts_left", "retry_after"}},
  };
}

Json::Value FromText(const std::string& text) {
  Json::Value value;
  std::string fault;
  const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
  EXPECT_TRUE(reader->parse(text.data(), text.data() + text.size(), &value, &fault)) << fault;
  return value;
}

std::string ToText(const Json::Value& value) {
  Json::StreamWriterBuilder compact;
  compact["indentation"] = "";
  return Json::writeString(compact, value);
}

ServiceReply Reading(const GoodReply& good, std::string_view body) {
  return Read(good.operation, {good.status, "application/json", body}).reply;
}

bool IsTaken(const ServiceReply& reply) { return !std::holds_alternative<ServiceFailure>(reply); }

// Members of the object and of the objects in it, as paths.
void EachMember(const Json::Value& object, const std::string& prefix,
                const std::function<void(const std::string&)>& visit) {
  for (const std::string& name : object.getMemberNames()) {
    visit(prefix + name);
    if (object[name].isObject()) EachMember(object[name], prefix + name + "/", visit);
  }
}

Json::Value& At(Json::Value& root, const std::string& path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string::npos) return root[path];
  return At(root[path.substr(0, slash)], path.substr(slash + 1));
}

void Remove(Json::Value& root, const std::string& path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string::npos) {
    root.removeMember(path);
  } else {
    Remove(root[path.substr(0, slash)], path.substr(slash + 1));
  }
}

TEST(Replies, GoodOnesAreTaken) {
  for (const GoodReply& good : GoodReplies()) {
    EXPECT_TRUE(IsTaken(Reading(good, good.body))) << good.name;
  }
}

TEST(Replies, MissingMemberIsRefusedUnlessItIsOptional) {
  for (const GoodReply& good : GoodReplies()) {
    EachMember(FromText(good.body), "", [&](const std::string& path) {
      Json::Value spoilt = FromText(good.body);
      Remove(spoilt, path);
      const bool optional =
          std::find(good.optional.begin(), good.optional.end(), path) != good.optional.end();
      const ServiceReply reply = Reading(good, ToText(spoilt));
      if (optional) {
        EXPECT_TRUE(IsTaken(reply)) << good.name << " without " << path;
      } else if (good.operation == Operation::kSubmit && path == "status") {
        EXPECT_FALSE(IsTaken(reply)) << "a permit without its status";
      } else {
        EXPECT_FALSE(IsTaken(reply)) << good.name << " without " << path;
      }
    });
  }
}

TEST(Replies, MemberOfAnotherTypeIsRefused) {
  const std::vector<Json::Value> kOthers = {Json::Value(),
                                            Json::Value(Json::arrayValue),
                                            Json::Value(Json::objectValue),
                                            Json::Value(true),
                                            Json::Value(3),
                                            Json::Value(2.5),
                                            Json::Value("word"),
                                            Json::Value(-1)};
  for (const GoodReply& good : GoodReplies()) {
    EachMember(FromText(good.body), "", [&](const std::string& path) {
      const Json::Value before = FromText(good.body);
      for (const Json::Value& other : kOthers) {
        Json::Value spoilt = before;
        if (At(spoilt, path).type() == other.type()) continue;
        const bool number = At(spoilt, path).isInt() && other.isInt();
        const bool list = At(spoilt, path).isArray() && other.isArray();
        if (number || list) continue;
        At(spoilt, path) = other;
        EXPECT_FALSE(IsTaken(Reading(good, ToText(spoilt))))
            << good.name << " with " << path << " = " << ToText(other);
      }
      Json::Value wrapped = before;
      Json::Value list(Json::arrayValue);
      list.append(At(wrapped, path));
      At(wrapped, path) = list;
      EXPECT_FALSE(IsTaken(Reading(good, ToText(wrapped))))
          << good.name << " with [" << path << "]";
    });
  }
}

TEST(Replies, DuplicateMemberIsRefused) {
  for (const GoodReply& good : GoodReplies()) {
    const Json::Value object = FromText(good.body);
    for (const std::string& name : object.getMemberNames()) {
      const std::string twice =
          "{\"" + name + "\":" + ToText(object[name]) + "," + good.body.substr(1);
      EXPECT_FALSE(IsTaken(Reading(good, twice))) << good.name << " with two " << name;
    }
  }
}

TEST(Replies, UnknownMembersAreIgnored) {
  for (const GoodReply& good : GoodReplies()) {
    const std::string more = R"({"new_member":{"a":[1,null]},)" + good.body.substr(1);
    EXPECT_TRUE(IsTaken(Reading(good, more))) << good.name;
  }
}

class BadJson : public ::testing::TestWithParam<std::string> {};

TEST_P(BadJson, IsRefused) {
  const GoodReply poll{"poll", Operation::kPoll, 200, "", {}};
  EXPECT_FALSE(IsTaken(Reading(poll, GetParam()))) << GetParam();
  EXPECT_FALSE(ParsePolled(GetParam()).ok());
}

std::string Nested(std::size_t depth) {
  std::string text = R"({"status":"in_progress","x":)";
  return text + std::string(depth, '[') + std::string(depth, ']') + "}";
}

const std::string kSound = R"({"status":"in_progress"})";

INSTANTIATE_TEST_SUITE_P(
    Table, BadJson,
    ::testing::Values(
        "", "{", "null", "[]", "\"x\"", R"({"status":"in_progress")", kSound + "x", kSound + kSound,
        "\xEF\xBB\xBF" + kSound, R"({"status":"in_progress",})", R"({'status':'in_progress'})",
        R"({"status":"in_progress"/*c*/})", "// c\n" + kSound,
        R"({"status":"in_progress","x":NaN})", R"({"status":"in_progress","x":Infinity})",
        R"({"status":"in_progress","x":-Infinity})", R"({"status":"in_progress","x":01})",
        R"({"status":"in_progress","x":1.})", R"({"status":"in_progress","x":-})",
        R"({"status":"in_progress","x":+1})", R"({"status":"in_progress","x":1e})",
        R"({"status":"in_progress","x":.5})", R"({"status":"in_progress","x":0x10})",
        "{\"status\":\"in_progress\",\"x\":\"a\nb\"}",
        "{\"status\":\"in_progress\",\"x\":\"a\tb\"}",
        "{\"status\":\"in_progress\",\"x\":\"\xff\"}",
        "{\"status\":\"in_progress\",\"x\":\"\xC0\xAF\"}",
        "{\"status\":\"in_progress\",\"x\":\"\xED\xA0\x80\"}",
        R"({"status":"in_progress","x":"\ud800"})", R"({"status":"in_progress","x":"\u0000"})",
        R"({"status":"in_progress","\u0000":1})",
        std::string("{\"status\":\"in_progress\",\"x\":\"a\0\"}", 31),
        R"({"status":"in_progress","x":")" + std::string(5000, 'a') + "\"}",
        R"({"status":"in_progress","x":")" + std::string(70000, 'a') + "\"}", Nested(17),
        Nested(2000), Nested(30000), R"({"status":"done"})", R"({"status":"SUCCEEDED"})",
        R"({"status":""})", R"({"status":"in_progress","permit":"AAAA"})"));

TEST(Replies, NestingUpToTheLimitIsTaken) { EXPECT_TRUE(ParsePolled(Nested(14)).ok()); }

TEST(Replies, NumbersOutOfRangeAreRefused) {
  const auto challenge = [](const std::string& more) {
    return ParseChallenge(R"({"continuation_token":"t","challenge_type":"oob",)" + more + "}");
  };
  EXPECT_TRUE(challenge(R"("code_length":12)").ok());
  EXPECT_FALSE(challenge(R"("code_length":0)").ok());
  EXPECT_FALSE(challenge(R"("code_length":500)").ok());
  EXPECT_FALSE(challenge(R"("code_length":-8)").ok());
  EXPECT_FALSE(challenge(R"("code_length":8.0)").ok());
  EXPECT_FALSE(challenge(R"("code_length":"8")").ok());
  EXPECT_FALSE(challenge(R"("code_length":9007199254740993)").ok());
  EXPECT_FALSE(challenge(R"("code_length":1e999)").ok());
  EXPECT_TRUE(challenge(R"("interval":900)").ok());
  EXPECT_FALSE(challenge(R"("interval":-1)").ok());
  EXPECT_FALSE(challenge(R"("interval":901)").ok());
}

TEST(Replies, PollIntervalOutsideOneToFifteenBecomesTwo) {
  const auto submit = [](const std::string& interval) {
    return ParseSubmitted(R"({"continuation_token":"t","poll_interval":)" + interval + "}");
  };
  EXPECT_EQ(submit("1")->poll_seconds, 1);
  EXPECT_EQ(submit("15")->poll_seconds, 15);
  EXPECT_EQ(submit("0")->poll_seconds, 2);
  EXPECT_EQ(submit("3600")->poll_seconds, 2);
  EXPECT_EQ(ParseSubmitted(R"({"continuation_token":"t"})")->poll_seconds, 2);
  EXPECT_FALSE(submit("-1").ok());
  EXPECT_FALSE(submit("null").ok());
}

TEST(Replies, TooManyMethodsAreRefused) {
  const auto start = [](int count) {
    std::string methods;
    for (int i = 0; i < count; ++i) {
      methods += (i > 0 ? "," : "") + std::string(R"({"id":"m","challenge_type":"oob"})");
    }
    return ParseStarted(R"({"continuation_token":"t","required_gates":1,"completed_gates":0,)"
                        R"("methods":[)" +
                        methods + "]}");
  };
  EXPECT_EQ(start(9)->gates->methods.size(), 9u);
  EXPECT_FALSE(start(10).ok());
  EXPECT_FALSE(start(3000).ok());
}

TEST(Replies, MethodsThatWeDoNotKnowAreNotOffered) {
  const auto started =
      ParseStarted(R"({"continuation_token":"t","required_gates":1,"completed_gates":0,"methods":[)"
                   R"({"id":"a","challenge_type":"palm"},{"id":"b","challenge_type":"oob",)"
                   R"("challenge_channel":"sms"},{"id":"c","challenge_type":"totp"}]})");
  ASSERT_TRUE(started.ok());
  ASSERT_EQ(started->gates->methods.size(), 1u);
  EXPECT_EQ(started->gates->methods[0].kind, MethodKind::kAuthenticatorCode);
}

TEST(Replies, GatesOutOfRangeAreRefused) {
  const auto start = [](const std::string& gates) {
    return ParseStarted(R"({"continuation_token":"t","methods":[],)" + gates + "}");
  };
  EXPECT_TRUE(start(R"("required_gates":0,"completed_gates":0)").ok()) << "the engine refuses it";
  EXPECT_FALSE(start(R"("required_gates":-1,"completed_gates":0)").ok());
  EXPECT_FALSE(start(R"("required_gates":99,"completed_gates":0)").ok());
}

TEST(Replies, RulesThatContradictThemselvesAreRefused) {
  EXPECT_FALSE(ParseRules(R"({"min_length":20,"max_length":10})").ok());
  EXPECT_FALSE(ParseRules(R"({"min_length":2000,"max_length":3000})").ok());
  EXPECT_TRUE(ParseRules(R"({"min_length":0,"max_length":10})").ok());
}

TEST(Replies, TokenIsVisibleAsciiOfBoundedLength) {
  const auto start = [](const std::string& token) {
    return ParseStarted(R"({"continuation_token":")" + token + "\"}");
  };
  EXPECT_TRUE(start(std::string(2048, 'x')).ok());
  EXPECT_FALSE(start(std::string(2049, 'x')).ok());
  EXPECT_FALSE(start("").ok());
  EXPECT_FALSE(start("a b").ok());
  EXPECT_FALSE(start(R"(a\u001bb)").ok());
  EXPECT_FALSE(start("\xC3\xA9").ok());
}

// Only the exact triple of status, type and members is an answer.
struct Triple {
  int status;
  const char* type;
  const char* body;
  ServiceFailure failure;
};

TEST(Replies, OnlyTheExactTripleIsAnAnswer) {
  const char* kGood = R"({"status":"succeeded"})";
  const char* kError = R"({"error":"expired_token"})";
  const Triple kTriples[] = {
      {500, "application/json", kGood, ServiceFailure::kOutOfOrder},
      {503, "text/html", "<html>", ServiceFailure::kOutOfOrder},
      {200, "text/html", "<html>", ServiceFailure::kSignInPage},
      {200, "text/plain", kGood, ServiceFailure::kBadAnswer},
      {200, "", kGood, ServiceFailure::kBadAnswer},
      {200, "application/json", kError, ServiceFailure::kBadAnswer},
      {400, "application/json", kGood, ServiceFailure::kBadAnswer},
      {400, "text/html", kError, ServiceFailure::kBadAnswer},
      {401, "application/json", kError, ServiceFailure::kBadAnswer},
      {204, "", "", ServiceFailure::kBadAnswer},
      {206, "application/json", kGood, ServiceFailure::kBadAnswer},
      {302, "text/html", "", ServiceFailure::kSignInPage},
      {511, "text/html", "<html>", ServiceFailure::kSignInPage},
      {0, "application/json", kGood, ServiceFailure::kBadAnswer},
      {404, "application/json", kGood, ServiceFailure::kBadAnswer},
      {400, "application/json", R"({"error":"server_error"})", ServiceFailure::kOutOfOrder},
  };
  for (const Triple& triple : kTriples) {
    const ReadReply read = Read(Operation::kPoll, {triple.status, triple.type, triple.body});
    const auto* failure = std::get_if<ServiceFailure>(&read.reply);
    ASSERT_NE(failure, nullptr) << triple.status << " " << triple.type;
    EXPECT_EQ(*failure, triple.failure) << triple.status << " " << triple.type;
  }
}

TEST(Replies, NoConfigurationMeansAPlainServer) {
  const ReadReply read = Read(Operation::kFeatures, {404, "text/html", "<html>"});
  EXPECT_FALSE(std::get<ServiceFeatures>(read.reply).method_lists);
}

TEST(Replies, RedirectComesBeforeAnythingElse) {
  for (const Operation operation : {Operation::kStart, Operation::kChallenge, Operation::kContinue,
                                    Operation::kSubmit, Operation::kPoll}) {
    const ReadReply read = Read(
        operation,
        {200, "application/json", R"({"challenge_type":"redirect","redirect_reason":"policy"})"});
    EXPECT_EQ(std::get<Refused>(read.reply).next, Refused::Next::kUseAnotherWay);
  }
}

TEST(Replies, ErrorsBecomeWhatIsToBeDoneNext) {
  const struct {
    const char* body;
    Refused::Next next;
  } kErrors[] = {
      {R"({"error":"invalid_grant","suberror":"invalid_oob_value"})",
       Refused::Next::kTypeCodeAgain},
      {R"({"error":"invalid_grant","suberror":"password_banned"})", Refused::Next::kOtherPassword},
      {R"({"error":"invalid_grant"})", Refused::Next::kStartAgain},
      {R"({"error":"expired_token"})", Refused::Next::kStartAgain},
      {R"({"error":"invalid_request","error_codes":[55200]})", Refused::Next::kStartAgain},
      {R"({"error":"invalid_request","error_codes":[552003]})", Refused::Next::kStartAgain},
      {R"({"error":"invalid_request","error_codes":[500222]})", Refused::Next::kNoSuchAccount},
      {R"({"error":"user_not_found","error_codes":[50034]})", Refused::Next::kNoSuchAccount},
      {R"({"error":"access_denied","suberror":"too_many_attempts"})",
       Refused::Next::kComeBackLater},
      {R"({"error":"access_denied"})", Refused::Next::kAskAdministrator},
      {R"({"error":"unsupported_challenge_type"})", Refused::Next::kUseAnotherWay},
      {R"({"error":"invalid_client","suberror":"nativeauthapi_disabled"})",
       Refused::Next::kAskAdministrator},
      {R"({"error":"something_new"})", Refused::Next::kAskAdministrator},
  };
  for (const auto& error : kErrors) {
    const auto parsed = ParseError(error.body);
    ASSERT_TRUE(parsed.ok()) << error.body;
    EXPECT_EQ(parsed->refused.next, error.next) << error.body;
  }
}

TEST(Replies, TooManyRequestsMeansLater) {
  const ReadReply read = Read(Operation::kStart, {429, "text/html", "<html>"});
  EXPECT_EQ(std::get<Refused>(read.reply).next, Refused::Next::kComeBackLater);
}

}  // namespace
}  // namespace sspr
