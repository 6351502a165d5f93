// SPDX-License-Identifier: Apache-2.0
// What notifier.h promises, on the fake and on SMTP with a real server.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/contract/notifier/smtp_world.h"
#include "tests/fakes/fake_notifier.h"

namespace sspr::service {
namespace {

constexpr char kAlice[] = "alice@example.org";

struct Arrived {
  std::vector<std::string> to;
  std::string subject, text;
};

class SmtpWorld {
 public:
  SmtpWorld() {
    auto made = SmtpNotifier::Make(SettingsFor(sink_, "plain"), clock_);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    notifier_ = std::move(made).value();
  }
  Notifier& notifier() { return *notifier_; }
  void RefuseNextForGood() { sink_.Ask("reply rcpt 550"); }
  void RefuseNextForNow() { sink_.Ask("reply data 451"); }
  std::vector<Arrived> Mails() {
    std::vector<Arrived> mails;
    for (const Json::Value& one : sink_.Ask("mails")) {
      Arrived mail{{}, one["subject"].asString(), one["text"].asString()};
      for (const Json::Value& to : one["to"]) mail.to.push_back(to.asString());
      mails.push_back(std::move(mail));
    }
    return mails;
  }

 private:
  FixedClock clock_;
  LeverProcess& sink_ = EmptySmtpSink();
  std::unique_ptr<SmtpNotifier> notifier_;
};

class FakeWorld {
 public:
  Notifier& notifier() { return notifier_; }
  void RefuseNextForGood() { notifier_.FailNext(Errc::kPolicy); }
  void RefuseNextForNow() { notifier_.FailNext(Errc::kUnreachable); }
  std::vector<Arrived> Mails() {
    std::vector<Arrived> mails;
    for (const FakeNotifier::Mail& one : notifier_.mails()) {
      mails.push_back({{one.to}, one.subject, one.text});
    }
    return mails;
  }

 private:
  FakeNotifier notifier_;
};

template <typename World>
class NotifierContract : public testing::Test {
 protected:
  Status Send(std::string_view text) {
    return world_.notifier().Send(MessageOf(kAlice, "Your code", text));
  }
  void ExpectRefused(const Message& message) {
    const Status sent = world_.notifier().Send(message);
    ASSERT_FALSE(sent.ok()) << message.to;
    EXPECT_EQ(sent.error().code, Errc::kPolicy) << message.to;
  }
  World world_;
};

using Worlds = testing::Types<SmtpWorld, FakeWorld>;
TYPED_TEST_SUITE(NotifierContract, Worlds);

TYPED_TEST(NotifierContract, MessageArrivesOnceAtOneRecipient) {
  ASSERT_TRUE(this->Send("your code is\n\n    12345678\n").ok());
  const auto mails = this->world_.Mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].to, std::vector<std::string>{kAlice});
  EXPECT_EQ(mails[0].subject, "Your code");
  EXPECT_EQ(mails[0].text, "your code is\n\n    12345678\n");
}

TYPED_TEST(NotifierContract, TextArrivesAsItWasWritten) {
  const std::vector<std::string> texts = {
      "Grüße aus Köln, 東京, \xF0\x9F\x94\x91\n",
      ".\n..\n.leading dot\n",
      "From here\nFrom there\n",
      "trailing blank \nand tab\t\n",
      std::string(500, 'x') + "\n",
      std::string(79, ' ') + "|\n",
      "a=b =3D =\n--boundary\n",
      "\n\n\nempty lines\n\n",
      "QUIT\nRSET\nMAIL FROM:<x@y>\n",
  };
  for (const std::string& text : texts) ASSERT_TRUE(this->Send(text).ok()) << text;
  const auto mails = this->world_.Mails();
  ASSERT_EQ(mails.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(mails[i].text, texts[i]);
}

TYPED_TEST(NotifierContract, LargestTextArrivesWhole) {
  std::string text;
  while (text.size() + 3 <= SecretBody::kMaxSize) text += "\xE2\x82\xAC";
  ASSERT_TRUE(this->Send(text).ok());
  EXPECT_EQ(this->world_.Mails().at(0).text.substr(0, text.size()), text);
}

TYPED_TEST(NotifierContract, SubjectInAnyScriptArrives) {
  const std::vector<std::string> subjects = {
      "Ihr Passwort wurde geändert",     "=?utf-8?Q?not_an_encoded_word?=",
      "パスワードが変更されました",      std::string(60, 'x') + " y",
      "Ä" + std::string(150, 'b') + "Ö", "a: b <c@d>, \"e\""};
  for (const std::string& subject : subjects) {
    ASSERT_TRUE(this->world_.notifier().Send(MessageOf(kAlice, subject, "x\n")).ok()) << subject;
  }
  const auto mails = this->world_.Mails();
  ASSERT_EQ(mails.size(), subjects.size());
  for (std::size_t i = 0; i < subjects.size(); ++i) EXPECT_EQ(mails[i].subject, subjects[i]);
}

TYPED_TEST(NotifierContract, AddressThatIsNotOneAddressIsRefused) {
  for (const std::string& to : {std::string(),
                                std::string("alice"),
                                std::string("@example.org"),
                                std::string("alice@"),
                                std::string("a@example.org,b@example.org"),
                                std::string("a@example.org b@example.org"),
                                std::string("a@example.org\r\nRCPT TO:<b@example.org>"),
                                std::string("a@example.org\nBcc: b@example.org"),
                                std::string("a@example.org\r"),
                                std::string("a\0@example.org", 14),
                                std::string("a@exam\0ple.org", 14),
                                std::string("<a@example.org>"),
                                std::string("a@example.org>"),
                                std::string("\"a b\"@example.org"),
                                std::string("a@[127.0.0.1]"),
                                std::string("a@b@example.org"),
                                std::string("a..b@example.org"),
                                std::string(".a@example.org"),
                                std::string("a@example..org"),
                                std::string("a@-example.org"),
                                std::string("a@example.org SIZE=1"),
                                std::string("\xC3\xA4@example.org"),
                                std::string("a@\xC3\xA4.org"),
                                std::string(65, 'a') + "@example.org",
                                "a@" + std::string(260, 'b')}) {
    this->ExpectRefused(MessageOf(to, "Your code", "x\n"));
  }
  EXPECT_TRUE(this->world_.Mails().empty());
}

TYPED_TEST(NotifierContract, PercentCodedLineEndInAnAddressStaysText) {
  // "%0d%0a" is a legal local part; it must reach exactly that (strange) mailbox and no other.
  ASSERT_TRUE(
      this->world_.notifier().Send(MessageOf("a%0d%0ab@example.org", "Your code", "x\n")).ok());
  EXPECT_EQ(this->world_.Mails().at(0).to, std::vector<std::string>{"a%0d%0ab@example.org"});
}

TYPED_TEST(NotifierContract, SubjectThatCouldBecomeAHeaderIsRefused) {
  for (const std::string& subject :
       {std::string(), std::string("x\r\nBcc: b@example.org"), std::string("x\nBcc: b@example.org"),
        std::string("x\rBcc: b"), std::string("x\0y", 3), std::string("x\x1B[2J"),
        std::string("x\xC2\x85y"), std::string("x\xE2\x80\xAEy"), std::string("x\xFFy"),
        std::string(201, 'x')}) {
    this->ExpectRefused(MessageOf(kAlice, subject, "x\n"));
  }
  EXPECT_TRUE(this->world_.Mails().empty());
}

TYPED_TEST(NotifierContract, TextWithControlCharactersIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("x\r\n.\r\nMAIL FROM:<b@c>"), std::string("x\0y", 3),
        std::string("\x1B]52;"), std::string("\xFF"), std::string("\x7F")}) {
    this->ExpectRefused(MessageOf(kAlice, "Your code", text));
  }
  EXPECT_TRUE(this->world_.Mails().empty());
}

TYPED_TEST(NotifierContract, RefusalForGoodAndForNowAreToldApart) {
  this->world_.RefuseNextForGood();
  const Status good = this->Send("x\n");
  ASSERT_FALSE(good.ok());
  EXPECT_EQ(good.error().code, Errc::kPolicy);
  this->world_.RefuseNextForNow();
  const Status now = this->Send("x\n");
  ASSERT_FALSE(now.ok());
  EXPECT_EQ(now.error().code, Errc::kUnreachable);
  EXPECT_TRUE(this->world_.Mails().empty());
}

TYPED_TEST(NotifierContract, FailureSpoilsNoLaterMessageAndNamesNobody) {
  this->world_.RefuseNextForGood();
  const Status refused = this->Send("canary-code\n");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().detail.find("alice"), std::string::npos);
  EXPECT_EQ(refused.error().detail.find("canary"), std::string::npos);
  ASSERT_TRUE(this->Send("second\n").ok());
  ASSERT_TRUE(this->Send("third\n").ok());
  const auto mails = this->world_.Mails();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].text, "second\n");
  EXPECT_EQ(mails[1].text, "third\n");
}

}  // namespace
}  // namespace sspr::service
