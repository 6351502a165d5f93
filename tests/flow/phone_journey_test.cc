// SPDX-License-Identifier: Apache-2.0
// Proofs on a phone: the number that is shown, the waiting, a no, and the hand-off of everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/protocol/replies.h"
#include "common/protocol/requests.h"
#include "tests/flow/flow_journey.h"

namespace sspr {
namespace {

using namespace sample;  // NOLINT: the names are the vocabulary of this file
using ::testing::ElementsAre;
using Service = ServiceCall::Operation;
using Next = Refused::Next;

Method Phone() { return {"p1", MethodKind::kApproval, "Approval on your phone", false}; }

ServiceFeatures WithPhone() {
  ServiceFeatures features = Extended();
  features.push = true;
  features.hand_off = true;
  return features;
}
ServiceFeatures WithPush() {
  ServiceFeatures features = Extended();
  features.push = true;
  return features;
}

Challenge Number() {
  Challenge challenge{"challenged", "p1", MethodKind::kApproval, "Approval on your phone", 6, 0};
  challenge.number = "483920";
  challenge.poll_seconds = 3;
  return challenge;
}

HandOffOffer Offered() {
  return {"handed", "BCDF-GHJK", "https://reset.example.org/corp/portal/go", 3};
}

class PhoneJourney : public Journey {
 public:
  // To the prompt with the number.
  void AskPhone(std::vector<Method> methods, ServiceFeatures features) {
    Start(StartedWith(std::move(methods), 2), features);
    Then(Type(""));
    if (asked_ == TextId::kAskMethod) Then(Type("2"));
    Then(Say(Number()));
  }
};

TEST_F(PhoneJourney, NumberIsShownAndTheApprovalIsWaitedForBehindAnEnter) {
  AskPhone({Email(), Phone()}, WithPush());
  EXPECT_THAT(texts_, ElementsAre(TextId::kApprovalNumber));
  EXPECT_EQ(asked_, TextId::kAskApprovedOrOther);
  EXPECT_FALSE(service_.has_value()) << "nothing runs while the person is at the phone";
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kAwaitApproval);
  EXPECT_EQ(service_->token, "challenged");
  EXPECT_EQ(service_->delay_seconds, 0);
  Then(Say(RefusedAs(Next::kWait)));
  EXPECT_EQ(service_->delay_seconds, 3);
  Then(Say(SecondGate({Email()})));
  EXPECT_EQ(asked_, TextId::kAskSendSecond);
}

TEST_F(PhoneJourney, SlowDownMakesThePausesLonger) {
  AskPhone({Email(), Phone()}, WithPush());
  Then(Type("")).Then(Say(RefusedAs(Next::kWaitLonger)));
  EXPECT_EQ(service_->delay_seconds, 8);
  Then(Say(RefusedAs(Next::kWait)));
  EXPECT_EQ(service_->delay_seconds, 8);
}

TEST_F(PhoneJourney, WaitingEndsBeforeTheHostGivesUpAndGoesOnWithAnEnter) {
  AskPhone({Email(), Phone()}, WithPush());
  Then(Type(""));
  int waited = 0;
  while (asked_ == TextId::kNone) {
    Then(Say(RefusedAs(Next::kWait)));
    if (service_) waited += service_->delay_seconds;
    ASSERT_LE(waited, 100);
  }
  EXPECT_THAT(texts_, ElementsAre(TextId::kPhoneStillWaited));
  EXPECT_EQ(asked_, TextId::kAskApprovedOrOther);
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kAwaitApproval);
}

TEST_F(PhoneJourney, NoOnThePhoneOffersTheWaysAgain) {
  AskPhone({Email(), Phone()}, WithPush());
  Then(Type("")).Then(Say(RefusedAs(Next::kPhoneSaidNo)));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPhoneSaidNo));
  EXPECT_EQ(asked_, TextId::kAskMethod);
  Then(Type("1"));
  EXPECT_EQ(service_->operation, Service::kChallenge);
  EXPECT_EQ(service_->method_id, "e1");
}

TEST_F(PhoneJourney, OnlyPhoneIsAskedAgainBehindAnEnter) {
  AskPhone({Phone()}, WithPush());
  EXPECT_EQ(asked_, TextId::kAskApproved);
  Then(Type("")).Then(Say(RefusedAs(Next::kPhoneSilent)));
  EXPECT_EQ(asked_, TextId::kAskAskPhone);
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kChallenge);
}

TEST_F(PhoneJourney, ReportEndsTheFlow) {
  AskPhone({Email(), Phone()}, WithPush());
  Then(Type("")).Then(Say(RefusedAs(Next::kPhoneReported)));
  EXPECT_EQ(done_->text.id, TextId::kPhoneReported);
  EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
}

TEST_F(PhoneJourney, SecondGateOnThePhoneIsAskedForFirst) {
  Start(StartedWith({Email()}, 2), WithPush());
  Then(Type("")).Then(Say(EmailChallenge())).Then(Type("12345678"));
  Then(Say(SecondGate({Phone()})));
  EXPECT_THAT(texts_, ElementsAre(TextId::kSecondApproval));
  EXPECT_EQ(asked_, TextId::kAskAskPhone);
  EXPECT_FALSE(service_.has_value()) << "no phone rings before the person asks for it";
  Then(Type("")).Then(Say(Number())).Then(Type("")).Then(Say(Proven()));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
}

TEST_F(PhoneJourney, HandOffStandsBelowTheOtherWays) {
  Start(StartedWith({Email(), App()}), WithPhone());
  Then(Type(""));
  EXPECT_THAT(labels_, ElementsAre(TextId::kLabelEmail, TextId::kLabelApp, TextId::kLabelHandOff));
  Then(Type("3"));
  EXPECT_EQ(service_->operation, Service::kHandOff);
  Then(Say(Offered()));
  EXPECT_THAT(texts_, ElementsAre(TextId::kHandOffWhere));
  EXPECT_EQ(asked_, TextId::kAskHandedOffOrOther);
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kAwaitHandOff);
  EXPECT_EQ(service_->token, "handed");
  Then(Say(RefusedAs(Next::kWait))).Then(Say(Proven()));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
}

TEST_F(PhoneJourney, CodeIsDrawnBehindTheWordsWhereTheHostDrawsCodes) {
  HandOffOffer offer = Offered();
  offer.whole_uri = offer.uri + "#BCDF-GHJK";
  for (const bool draws : {false, true}) {
    engine_ = FlowEngine();
    code_.clear();
    Then(Begun{"alice", "alice@corp", true, 1, draws});
    Then(Say(PendingList{})).Then(Say(SetpwReady{})).Then(Say(WithPhone()));
    Then(Say(StartedWith({Email(), App()}))).Then(Type("")).Then(Type("3")).Then(Say(offer));
    EXPECT_THAT(texts_, ElementsAre(TextId::kHandOffWhere));
    EXPECT_EQ(code_, draws ? offer.whole_uri : "");
    EXPECT_EQ(asked_, TextId::kAskHandedOffOrOther);
    ASSERT_TRUE(std::holds_alternative<Show>(actions_.front())) << "words come first";
  }
}

TEST_F(PhoneJourney, HandOffPassesBothGatesAtOnce) {
  Start(StartedWith({Email(), App()}, 2), WithPhone());
  Then(Type("")).Then(Type("3")).Then(Say(Offered())).Then(Type("")).Then(Say(Proven()));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
}

TEST_F(PhoneJourney, ChangedMindBehindAHandOffStillOwesEveryProof) {
  Start(StartedWith({Email(), App()}, 2), WithPhone());
  Then(Type("")).Then(Type("3")).Then(Say(Offered())).Then(Type("m"));
  EXPECT_EQ(asked_, TextId::kAskMethod);
  Then(Type("1")).Then(Say(EmailChallenge())).Then(Type("12345678")).Then(Say(Proven()));
  EXPECT_EQ(done_->text.id, TextId::kBadAnswer) << "one proof where two are due";
}

TEST_F(PhoneJourney, AccountWithoutMethodsForThisClientIsHandedOver) {
  Start(StartedWith({}), WithPhone());
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kHandOff);
  Then(Say(Offered()));
  EXPECT_EQ(asked_, TextId::kAskHandedOff);
}

TEST_F(PhoneJourney, PhoneIsNoWayWhereTheServiceHasNone) {
  Start(StartedWith({}), Extended());
  Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kNoMethods);
}

TEST(PhoneReplies, ReadNumberAndAddressStrictly) {
  const auto number = ParseChallenge(
      R"({"continuation_token":"t","challenge_type":"oob","challenge_channel":"push",)"
      R"("binding_method":"none","display_code":"07","interval":3,"expires_in":120})");
  ASSERT_TRUE(number.ok()) << number.error().detail;
  EXPECT_EQ(number->kind, MethodKind::kApproval);
  EXPECT_EQ(number->number, "07");
  for (const char* const bad : {"", "7", "1234567", "1a", "\\u001b[2J"}) {
    EXPECT_FALSE(
        ParseChallenge(std::string(R"({"continuation_token":"t","challenge_type":"oob",)") +
                       R"("challenge_channel":"push","binding_method":"none",)" +
                       R"("display_code":")" + bad + R"("})")
            .ok())
        << bad;
  }
  const auto offer = [](const std::string& uri, const std::string& code,
                        const std::string& whole = "") {
    return ParseHandOff(R"({"continuation_token":"t","user_code":")" + code +
                        R"(","verification_uri":")" + uri + R"(","interval":3)" +
                        (whole.empty() ? "" : R"(,"verification_uri_complete":")" + whole + '"') +
                        "}");
  };
  const char* const page = "https://a.example/c/portal/go";
  EXPECT_EQ(offer(page, "BCDF-GHJK", std::string(page) + "#BCDF-GHJK")->whole_uri,
            std::string(page) + "#BCDF-GHJK");
  EXPECT_FALSE(offer(page, "BCDF-GHJK", "https://b.example/c/portal/go#BCDF-GHJK").ok());
  EXPECT_FALSE(offer(page, "BCDF-GHJK", std::string(page) + "# x").ok());
  EXPECT_TRUE(offer("https://a.example/c/portal/go", "BCDF-GHJK").ok());
  EXPECT_FALSE(offer("http://a.example/c/portal/go", "BCDF-GHJK").ok());
  EXPECT_FALSE(offer("https://a.example/c d", "BCDF-GHJK").ok());
  EXPECT_FALSE(offer("https://a.example/", "bcdf ghjk").ok());
}

TEST(PhoneReplies, KnowWhatThePhoneSaid) {
  const auto next = [](const char* error, const char* suberror) {
    const auto read =
        ParseError(std::string(R"({"error":")") + error + R"(","suberror":")" + suberror + R"("})");
    return read.ok() ? read->refused.next : Next::kStartAgain;
  };
  EXPECT_EQ(next("authorization_pending", ""), Next::kWait);
  EXPECT_EQ(next("slow_down", ""), Next::kWaitLonger);
  EXPECT_EQ(next("access_denied", "approval_denied"), Next::kPhoneSaidNo);
  EXPECT_EQ(next("access_denied", "approval_reported"), Next::kPhoneReported);
  EXPECT_EQ(next("expired_token", "approval_expired"), Next::kPhoneSilent);
  EXPECT_EQ(next("access_denied", "too_many_attempts"), Next::kComeBackLater);
}

TEST(PhoneRequests, PollWithoutACode) {
  const Secret none;
  const FormContext context{"login", {}, none, none};
  const auto approval = FormOf({.operation = Service::kAwaitApproval, .token = "t"}, context);
  ASSERT_TRUE(approval.ok());
  EXPECT_EQ(approval->Reveal(), "client_id=login&continuation_token=t&grant_type=oob");
  const auto hand_off = FormOf({.operation = Service::kAwaitHandOff, .token = "t"}, context);
  ASSERT_TRUE(hand_off.ok());
  EXPECT_EQ(hand_off->Reveal(),
            "client_id=login&continuation_token=t&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-"
            "type%3Adevice_code");
  EXPECT_EQ(PathOf(Service::kHandOff), "/resetpassword/v1.0/handoff");
}

}  // namespace
}  // namespace sspr
