// SPDX-License-Identifier: Apache-2.0
// GatewayNotifier against a real HTTP server: templates of the large providers, escaping,
// credentials, what is tried again and what is not.
#include "service/delivery/gateway_notifier.h"

#include <gtest/gtest.h>
#include <json/json.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "tests/levers/lever_process.h"

namespace sspr::service {
namespace {

constexpr char kNumber[] = "+49301234567";

LeverProcess& EmptySink() {
  static LeverProcess sink({HTTP_SINK});
  sink.Ask("clear");
  return sink;
}

Message TextTo(const std::string& number, std::string_view text, Channel channel = Channel::kSms) {
  return {.to = number,
          .subject = {},
          .text = std::move(*SecretBody::CopyOf(text)),
          .channel = channel,
          .language = "en"};
}

class Gateway : public testing::Test {
 protected:
  ~Gateway() override {
    if (!file_.empty()) ::unlink(file_.c_str());
  }
  GatewaySettings Settings(const std::string& server = "plain") {
    GatewaySettings settings;
    settings.url = sink_.Value(server);
    settings.ca_file = sink_.Value("ca_file");
    settings.body = "To={to}&Text={text}";
    return settings;
  }
  Status Send(const GatewaySettings& settings, const Message& message) {
    auto made = GatewayNotifier::Make(settings);
    if (!made.ok()) return made.error();
    return made.value()->Send(message);
  }
  Errc CodeOf(const GatewaySettings& settings, const std::string& to = kNumber) {
    const Status sent = Send(settings, TextTo(to, "12345678 is your code\n"));
    EXPECT_FALSE(sent.ok());
    if (sent.ok()) return Errc::kInternal;
    EXPECT_EQ(sent.error().detail.find("12345678"), std::string::npos);
    EXPECT_EQ(sent.error().detail.find("1234567"), std::string::npos);
    return sent.error().code;
  }
  std::string SecretFile(const std::string& content) {
    char path[] = "/tmp/sspr-gateway-XXXXXX";
    const int descriptor = ::mkstemp(path);
    EXPECT_GE(descriptor, 0);
    ::close(descriptor);
    std::ofstream(path) << content;
    file_ = path;
    return path;
  }

  LeverProcess& sink_ = EmptySink();
  std::string file_;
};

TEST_F(Gateway, FormIsEscaped_SoThatNoTextBecomesAParameter) {
  ASSERT_TRUE(Send(Settings(), TextTo(kNumber, "Grüße & mehr=100% +1\n")).ok());
  const Json::Value request = sink_.Ask("requests")[0];
  EXPECT_EQ(request["path"].asString(), "/send");
  EXPECT_EQ(request["body"].asString(),
            "To=%2B49301234567&Text=Gr%C3%BC%C3%9Fe%20%26%20mehr%3D100%25%20%2B1");
  EXPECT_EQ(request["headers"]["content-type"].asString(), "application/x-www-form-urlencoded");
}

TEST_F(Gateway, JsonIsEscaped_AndArrivesAsItWasWritten) {
  GatewaySettings settings = Settings("good");
  settings.format = BodyFormat::kJson;
  settings.body = R"({"messages":[{"destinations":[{"to":"{to_digits}","messageId":"{id}"}],)"
                  R"("from":"SSPR","text":"{text}","language":{"languageCode":"{language}"}}]})";
  const std::string text = "a \"quoted\" \\ back\nline, {to} and ü";
  ASSERT_TRUE(Send(settings, TextTo(kNumber, text)).ok());
  const Json::Value request = sink_.Ask("requests")[0];
  Json::Value body;
  std::string faults;
  const std::string raw = request["body"].asString();
  std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
  ASSERT_TRUE(reader->parse(raw.data(), raw.data() + raw.size(), &body, &faults)) << raw;
  const Json::Value& message = body["messages"][0];
  EXPECT_EQ(message["text"].asString(), text) << "values are not searched for marks";
  EXPECT_EQ(message["destinations"][0]["to"].asString(), "49301234567");
  EXPECT_EQ(message["destinations"][0]["messageId"].asString().size(), 36U);
  EXPECT_EQ(message["language"]["languageCode"].asString(), "en");
  EXPECT_EQ(request["headers"]["content-type"].asString(), "application/json");
}

TEST_F(Gateway, CallCarriesWhatIsSpoken) {
  GatewaySettings settings = Settings();
  settings.body =
      "To={to}&Twiml=%3CResponse%3E%3CSay%20language%3D%22{language}%22%3E{text}%3C%2FSay%3E"
      "%3C%2FResponse%3E";
  ASSERT_TRUE(Send(settings, TextTo(kNumber, "Your code is: 1, 2.\n", Channel::kVoice)).ok());
  EXPECT_NE(sink_.Ask("requests")[0]["body"].asString().find("%3EYour%20code%20is%3A%201%2C%202."),
            std::string::npos);
}

TEST_F(Gateway, SecretIsSentAsTheProviderWantsIt) {
  GatewaySettings basic = Settings();
  basic.user = "AC123";
  basic.secret_file = SecretFile("canary-token\nsecond line\n");
  ASSERT_TRUE(Send(basic, TextTo(kNumber, "x\n")).ok());
  EXPECT_EQ(sink_.Ask("requests")[0]["headers"]["authorization"].asString(),
            "Basic QUMxMjM6Y2FuYXJ5LXRva2Vu");
  GatewaySettings header = Settings();
  header.secret_header = "Authorization";
  header.secret_scheme = "App";
  header.secret_file = basic.secret_file;
  ASSERT_TRUE(Send(header, TextTo(kNumber, "x\n")).ok());
  EXPECT_EQ(sink_.Ask("requests")[1]["headers"]["authorization"].asString(), "App canary-token");
}

TEST_F(Gateway, WhatIsTriedAgainAndWhatIsNot) {
  for (const auto& [status, code] : {std::pair{"400", Errc::kPolicy},
                                     {"404", Errc::kPolicy},
                                     {"302", Errc::kPolicy},
                                     {"401", Errc::kDenied},
                                     {"403", Errc::kDenied},
                                     {"429", Errc::kUnreachable},
                                     {"500", Errc::kUnreachable},
                                     {"503", Errc::kUnreachable}}) {
    sink_.Ask(std::string("reply ") + status + " +49301234567 12345678");
    EXPECT_EQ(CodeOf(Settings()), code) << status;
  }
  EXPECT_TRUE(sink_.Ask("requests").empty());
}

TEST_F(Gateway, SuccessThatSaysOtherwiseIsNone) {
  GatewaySettings settings = Settings();
  settings.expect = "\"status\":\"0\"";
  sink_.Ask("reply 200 {\"messages\":[{\"status\":\"4\"}]}");
  EXPECT_EQ(CodeOf(settings), Errc::kPolicy);
  sink_.Ask("reply 200 {\"messages\":[{\"status\":\"0\"}]}");
  EXPECT_TRUE(Send(settings, TextTo(kNumber, "x\n")).ok());
}

TEST_F(Gateway, CertificateIsVerified_SilenceTimesOut) {
  EXPECT_TRUE(Send(Settings("good"), TextTo(kNumber, "x\n")).ok());
  EXPECT_EQ(CodeOf(Settings("wrong-host")), Errc::kUnreachable);
  GatewaySettings silent = Settings("silent");
  silent.request = std::chrono::milliseconds(300);
  EXPECT_EQ(CodeOf(silent), Errc::kTimedOut);
}

TEST_F(Gateway, NumberThatIsNoneIsRefused) {
  for (const std::string& to :
       {std::string(), std::string("49301234567"), std::string("+49 30 1234567"),
        std::string("+1234567"), std::string("+12345678901234567"), std::string("+4930123456x"),
        std::string("+49301234567&To=+1900"), std::string("+4930123\n4567")}) {
    EXPECT_EQ(CodeOf(Settings(), to), Errc::kPolicy) << to;
  }
  EXPECT_TRUE(sink_.Ask("requests").empty());
}

TEST_F(Gateway, SettingsThatCannotWorkAreRefusedWithASentence) {
  const auto refused = [this](auto change) {
    GatewaySettings settings = Settings();
    change(settings);
    const auto made = GatewayNotifier::Make(settings);
    EXPECT_FALSE(made.ok());
    return made.ok() ? std::string() : made.error().detail;
  };
  EXPECT_NE(refused([](auto& s) { s.url = "http://sms.example.org/"; }).find("https"),
            std::string::npos);
  EXPECT_NE(refused([](auto& s) { s.url = "ftp://localhost/"; }).find("https"), std::string::npos);
  EXPECT_NE(refused([](auto& s) { s.body = "To={to}"; }).find("{text}"), std::string::npos);
  EXPECT_NE(refused([](auto& s) { s.body = "{text}"; }).find("{to}"), std::string::npos);
  EXPECT_NE(refused([](auto& s) {
              s.format = BodyFormat::kJson;
              s.body = R"({"to":{to},"text":"{text}"})";
            }).find("JSON"),
            std::string::npos);
  EXPECT_NE(refused([](auto& s) { s.user = "u"; }).find("secret_file"), std::string::npos);
  EXPECT_NE(refused([](auto& s) {
              s.user = "u";
              s.secret_file = "/nonexistent/secret";
            }).find("/nonexistent/secret"),
            std::string::npos);
}

}  // namespace
}  // namespace sspr::service
