// SPDX-License-Identifier: Apache-2.0
// One router, exact paths, default deny; correlation ids; CORS; what the log line shows.
#include <unistd.h>

#include "service/api/guid.h"
#include "tests/service_api/api_fixture.h"

namespace sspr::service {
namespace {

constexpr char kStart[] = "/contoso/resetpassword/v1.0/start";
constexpr char kForm[] = "client_id=c&username=a&challenge_type=oob+redirect";

class RoutingTest : public ApiFixture {};

TEST_F(RoutingTest, PathTricksLeadNowhere) {
  for (const char* path : {"/",
                           "",
                           "*",
                           "/contoso",
                           "/contoso/",
                           "/Contoso/resetpassword/v1.0/start",
                           "/contoso/resetpassword/v1.0/Start",
                           "/contoso/resetpassword/v1.0/start/",
                           "/contoso//resetpassword/v1.0/start",
                           "//contoso/resetpassword/v1.0/start",
                           "/contoso/resetpassword/v1.0/./start",
                           "/contoso/resetpassword/v1.0/x/../start",
                           "/contoso/..;/contoso/resetpassword/v1.0/start",
                           "/contoso/resetpassword/v1.0/start;x=1",
                           "/contoso/resetpassword/v1.0/%73tart",
                           "/contoso/resetpassword%2Fv1.0/start",
                           "/contoso/resetpassword/v1.0/start%00",
                           "/contoso/resetpassword/v1.0/start.",
                           "/contoso/resetpassword/v1.0/start%20",
                           "/contoso/resetpassword/v1.0\\start",
                           "https://reset.example.org/contoso/resetpassword/v1.0/start",
                           "/resetpassword/v1.0/start",
                           "/contosoX/resetpassword/v1.0/start",
                           "/contoso/admin",
                           "/contoso/metrics",
                           "/contoso/debug",
                           "/contoso/.well-known/openid-configuration"}) {
    const HttpReply reply = Send("POST", path, kForm);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(Parse(reply.body)["error"].asString(), "not_found") << path;
    EXPECT_EQ(engine_.called, "") << path;
  }
  EXPECT_EQ(Send("POST", kStart, kForm).status, 200);
}

TEST_F(RoutingTest, OtherMethodsAreRefusedAndNoHeaderOverridesThem) {
  headers_ = {{"X-HTTP-Method-Override", "POST"}, {"X-HTTP-Method", "POST"}};
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "post"}) {
    const HttpReply reply = Send(method, kStart, kForm);
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(Header(reply, "Allow"), "POST");
    EXPECT_EQ(engine_.called, "") << method;
  }
  EXPECT_EQ(Send("POST", "/contoso/.well-known/sspr-configuration", kForm).status, 405);
}

TEST_F(RoutingTest, OnlyFormsAreRead) {
  HttpRequestView request;
  request.method = "POST";
  request.path = kStart;
  request.body = kForm;
  for (const char* type : {"", "application/json", "text/plain", "multipart/form-data; boundary=x",
                           "application/x-www-form-urlencodedx"}) {
    request.headers = {{"Content-Type", type}};
    EXPECT_EQ(api_->Handle(request).status, 400) << type;
  }
  for (const char* type : {"application/x-www-form-urlencoded;charset=utf-8",
                           "Application/X-WWW-Form-Urlencoded ; charset=UTF-8"}) {
    request.headers = {{"content-type", type}};
    EXPECT_EQ(api_->Handle(request).status, 200) << type;
  }
}

TEST_F(RoutingTest, AGuidOfTheClientComesBackInBothHeaders) {
  const HttpReply reply = Send("POST", kStart, kForm);
  EXPECT_EQ(Header(reply, "client-request-id"), kId);
  EXPECT_EQ(Header(reply, "x-ms-request-id"), kId);
}

TEST_F(RoutingTest, AnythingElseIsReplacedByANewGuid) {
  HttpRequestView request;
  request.method = "GET";
  request.path = "/contoso/.well-known/sspr-configuration";
  for (const char* offered : {"", "1", "{6f9619ff-8b86-4011-b42d-00cf4fc964ff}",
                              "6f9619ff-8b86-4011-b42d-00cf4fc964fg", "a\nb"}) {
    request.headers = {{"client-request-id", offered}};
    const HttpReply reply = api_->Handle(request);
    EXPECT_TRUE(IsGuid(Header(reply, "client-request-id"))) << offered;
    EXPECT_NE(Header(reply, "client-request-id"), offered);
  }
}

TEST_F(RoutingTest, LinksComeFromTheConfigurationWhateverTheHostHeaderSays) {
  headers_ = {{"Host", "evil.example"},
              {"X-Forwarded-Host", "evil.example"},
              {"Forwarded", "host=evil.example;for=1.2.3.4"},
              {"X-Original-URL", "/contoso/admin"}};
  const HttpReply reply = Send("GET", "/contoso/.well-known/sspr-configuration");
  EXPECT_EQ(reply.body.find("evil"), std::string::npos);
  const Json::Value json = Parse(reply.body);
  EXPECT_EQ(json["issuer"].asString(), "https://reset.example.org/contoso");
  EXPECT_EQ(json["api_versions"][0].asString(), "v1.0");
  EXPECT_EQ(json["capabilities_supported"].size(), 8U);
  EXPECT_EQ(json["permit_keys"][0]["kid"].asInt(), 1);
  EXPECT_EQ(json["permit_keys"][0]["public_key"].asString().size(), 43U);
}

TEST_F(RoutingTest, ForwardingHeadersDoNotChangeTheAddress) {
  headers_ = {{"X-Forwarded-For", "203.0.113.1"}, {"Forwarded", "for=203.0.113.1"}};
  Send("POST", kStart, kForm);
  EXPECT_EQ(engine_.caller.address, "192.0.2.7");
}

TEST_F(RoutingTest, PreflightIsAnsweredForConfiguredOriginsOnly) {
  headers_ = {{"Origin", "https://app.example.org"}, {"Access-Control-Request-Method", "POST"}};
  const HttpReply allowed = Send("OPTIONS", kStart);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(Header(allowed, "Access-Control-Allow-Origin"), "https://app.example.org");
  for (const char* needed :
       {"client-request-id", "x-client-cpu", "x-client-current-telemetry",
        "x-client-last-telemetry", "x-client-os", "x-client-sku", "x-client-ver"}) {
    EXPECT_NE(Header(allowed, "Access-Control-Allow-Headers").find(needed), std::string::npos);
  }
  EXPECT_EQ(Header(Send("POST", kStart, kForm), "Access-Control-Allow-Origin"),
            "https://app.example.org");

  for (const char* origin : {"https://evil.example", "null", "https://app.example.org.evil.example",
                             "http://app.example.org", "HTTPS://APP.EXAMPLE.ORG"}) {
    headers_ = {{"Origin", origin}};
    const HttpReply refused = Send("OPTIONS", kStart);
    EXPECT_EQ(refused.status, 405) << origin;
    EXPECT_EQ(Header(refused, "Access-Control-Allow-Origin"), "") << origin;
  }
}

TEST_F(RoutingTest, WithoutConfiguredOriginsThereIsNoCorsAtAll) {
  ApiSettings settings = Settings();
  settings.cors_origins.clear();
  const Api api(settings, engine_, *tokens_, clock_, {});
  HttpRequestView request;
  request.method = "POST";
  request.path = kStart;
  request.headers = {{"Origin", "https://app.example.org"}};
  for (const auto& [name, value] : api.Handle(request).headers) {
    EXPECT_NE(name, "Vary") << value;
    EXPECT_FALSE(name.starts_with("Access-Control")) << name;
  }
}

TEST_F(RoutingTest, TheLogShowsRoutesAndWordsOfOursAndNothingThatWasTyped) {
  headers_ = {{"User-Agent", "canary"}};
  engine_.start = Refusal{.code = RefusalCode::kTooManyAttempts, .detail = "canary"};
  Send("POST", kStart, "client_id=canary&username=canary&challenge_type=oob+redirect");
  Send("POST", kStart, "client_id=canary&username=%zzcanary");
  Send("CANARY", "/canary?canary", "canary");
  Send("CANARY", kStart, "canary");
  const std::vector<std::string> expected = {
      "POST /contoso/resetpassword/v1.0/start 400 access_denied",
      "POST /contoso/resetpassword/v1.0/start 400 invalid_request",
      "(other) (unknown) 404 not_found",
      "(other) /contoso/resetpassword/v1.0/start 405 invalid_request"};
  EXPECT_EQ(log_, expected);
}

}  // namespace
}  // namespace sspr::service
