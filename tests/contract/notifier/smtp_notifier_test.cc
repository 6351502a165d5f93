// SPDX-License-Identifier: Apache-2.0
// What is SmtpNotifier's alone: encryption, credentials, the header, settings.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "tests/contract/notifier/smtp_world.h"

namespace sspr::service {
namespace {

class Smtp : public testing::Test {
 protected:
  Status Send(const SmtpSettings& settings) {
    auto made = SmtpNotifier::Make(settings, clock_);
    if (!made.ok()) return made.error();
    return made.value()->Send(MessageOf("alice@example.org", "Your code", "12345678\n"));
  }
  Errc CodeOf(const SmtpSettings& settings) {
    const Status sent = Send(settings);
    EXPECT_FALSE(sent.ok());
    return sent.ok() ? Errc::kInternal : sent.error().code;
  }
  std::string PasswordFile(const std::string& content) {
    char path[] = "/tmp/sspr-smtp-XXXXXX";
    const int descriptor = ::mkstemp(path);
    EXPECT_GE(descriptor, 0);
    ::close(descriptor);
    std::ofstream(path) << content;
    file_ = path;
    return path;
  }
  ~Smtp() override {
    if (!file_.empty()) ::unlink(file_.c_str());
  }

  FixedClock clock_;
  LeverProcess& sink_ = EmptySmtpSink();
  std::string file_;
};

std::string HeaderOf(const Json::Value& mail, const std::string& name) {
  std::string found;
  for (const Json::Value& one : mail["headers"]) {
    if (one[0].asString() == name) found += one[1].asString() + "|";
  }
  return found;
}

TEST_F(Smtp, HeaderIsCompleteAndSaysThatAMachineWroteIt) {
  ASSERT_TRUE(Send(SettingsFor(sink_, "plain")).ok());
  const Json::Value mail = sink_.Ask("mails")[0];
  EXPECT_EQ(mail["defects"].size(), 0U);
  EXPECT_EQ(mail["from"].asString(), "no-reply@sspr.example");
  EXPECT_EQ(mail["host"].asString(), "sspr.example");
  EXPECT_EQ(HeaderOf(mail, "From"), "SSPR Login <no-reply@sspr.example>|");
  EXPECT_EQ(HeaderOf(mail, "To"), "alice@example.org|");
  EXPECT_EQ(HeaderOf(mail, "Subject"), "Your code|");
  EXPECT_EQ(HeaderOf(mail, "Date"), "Sun, 22 Nov 2026 21:05:05 +0000|");
  EXPECT_EQ(HeaderOf(mail, "Auto-Submitted"), "auto-generated|");
  EXPECT_EQ(HeaderOf(mail, "MIME-Version"), "1.0|");
  EXPECT_TRUE(HeaderOf(mail, "Message-ID").ends_with("@sspr.example>|"));
  EXPECT_LE(mail["longest_line"].asInt(), 76);
}

TEST_F(Smtp, SenderNameInAnyScriptArrives) {
  SmtpSettings settings = SettingsFor(sink_, "plain");
  settings.from_name = "Anmeldung \"Köln\", <x@y>";
  ASSERT_TRUE(Send(settings).ok());
  EXPECT_NE(HeaderOf(sink_.Ask("mails")[0], "From").find("Köln"), std::string::npos);
  EXPECT_TRUE(HeaderOf(sink_.Ask("mails")[0], "From").ends_with("<no-reply@sspr.example>|"));
}

TEST_F(Smtp, MessagesGoThroughTlsFromTheFirstByte) {
  ASSERT_TRUE(Send(SettingsFor(sink_, "smtps")).ok());
  EXPECT_TRUE(sink_.Ask("mails")[0]["encrypted"].asBool());
}

TEST_F(Smtp, MessagesGoThroughStarttls) {
  SmtpSettings settings = SettingsFor(sink_, "starttls");
  settings.require_starttls = true;
  ASSERT_TRUE(Send(settings).ok());
  EXPECT_TRUE(sink_.Ask("mails")[0]["encrypted"].asBool());
}

TEST_F(Smtp, ServerWithoutStarttlsGetsNoMessageWhereItIsRequired) {
  SmtpSettings settings = SettingsFor(sink_, "plain");
  settings.require_starttls = true;
  EXPECT_EQ(CodeOf(settings), Errc::kDenied);
  EXPECT_TRUE(sink_.Ask("mails").empty());
}

TEST_F(Smtp, CertificateIsVerified) {
  EXPECT_EQ(CodeOf(SettingsFor(sink_, "smtps-wrong-host")), Errc::kUnreachable);
  SmtpSettings foreign = SettingsFor(sink_, "starttls-foreign-ca");
  foreign.require_starttls = true;
  EXPECT_EQ(CodeOf(foreign), Errc::kUnreachable);
  SmtpSettings system = SettingsFor(sink_, "smtps");
  system.ca_file.clear();
  EXPECT_EQ(CodeOf(system), Errc::kUnreachable);
  EXPECT_TRUE(sink_.Ask("mails").empty());
}

TEST_F(Smtp, PasswordComesFromTheFirstLineOfAFile) {
  SmtpSettings settings = SettingsFor(sink_, "auth");
  settings.user = "sspr";
  settings.password_file = PasswordFile("canary-smtp-0815\nsecond line\n");
  ASSERT_TRUE(Send(settings).ok());
  EXPECT_TRUE(sink_.Ask("mails")[0]["authenticated"].asBool());
}

TEST_F(Smtp, WrongOrMissingCredentialsAreADenial) {
  SmtpSettings settings = SettingsFor(sink_, "auth");
  EXPECT_EQ(CodeOf(settings), Errc::kDenied);
  settings.user = "sspr";
  settings.password_file = PasswordFile("wrong\n");
  EXPECT_EQ(CodeOf(settings), Errc::kDenied);
  EXPECT_TRUE(sink_.Ask("mails").empty());
}

TEST_F(Smtp, UnreadableOrEmptyPasswordFileIsNamed) {
  SmtpSettings settings = SettingsFor(sink_, "auth");
  settings.user = "sspr";
  settings.password_file = "/nonexistent/password";
  Status made = Send(settings);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().detail.find("/nonexistent/password"), std::string::npos);
  settings.password_file = PasswordFile("\nnot the first line\n");
  made = Send(settings);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().detail.find(settings.password_file), std::string::npos);
}

TEST_F(Smtp, SilentServerTimesOutAndClosedPortIsUnreachable) {
  SmtpSettings settings = SettingsFor(sink_, "silent");
  settings.request = std::chrono::milliseconds(500);
  EXPECT_EQ(CodeOf(settings), Errc::kTimedOut);
  settings.url = "smtp://localhost:1";
  EXPECT_EQ(CodeOf(settings), Errc::kUnreachable);
}

TEST_F(Smtp, PlainTextIsForThisMachineUnlessItIsAllowed) {
  SmtpSettings settings = SettingsFor(sink_, "plain");
  for (const char* url :
       {"smtp://mail.example.org", "smtp://192.0.2.1:25", "smtp://127.0.0.1.example.org"}) {
    settings.url = url;
    EXPECT_FALSE(SmtpNotifier::Make(settings, clock_).ok()) << url;
  }
  settings.allow_plain_text = true;
  EXPECT_TRUE(SmtpNotifier::Make(settings, clock_).ok());
  settings.allow_plain_text = false;
  settings.require_starttls = true;
  EXPECT_TRUE(SmtpNotifier::Make(settings, clock_).ok());
  settings.require_starttls = false;
  for (const char* url :
       {"smtp://localhost", "smtp://127.0.0.53:2525", "smtp://[::1]", "smtps://mail.example.org"}) {
    settings.url = url;
    EXPECT_TRUE(SmtpNotifier::Make(settings, clock_).ok()) << url;
  }
}

TEST_F(Smtp, UnfitSettingsMakeNoNotifier) {
  for (const char* url : {"", "localhost:25", "http://localhost", "smtp://user:pw@localhost",
                          "smtp://localhost/helo", "smtp://localhost\r\nx", "file:///etc/passwd"}) {
    SmtpSettings settings = SettingsFor(sink_, "plain");
    settings.url = url;
    EXPECT_FALSE(SmtpNotifier::Make(settings, clock_).ok()) << url;
  }
  SmtpSettings settings = SettingsFor(sink_, "plain");
  settings.from_address = "x@y\r\nBcc: z@y";
  EXPECT_FALSE(SmtpNotifier::Make(settings, clock_).ok());
  settings = SettingsFor(sink_, "plain");
  settings.from_name = "x\r\nBcc: z@y";
  EXPECT_FALSE(SmtpNotifier::Make(settings, clock_).ok());
}

}  // namespace
}  // namespace sspr::service
