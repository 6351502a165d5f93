// SPDX-License-Identifier: Apache-2.0
// Journeys through the first questions and the proofs: what is asked, what is called, how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/flow/flow_journey.h"

namespace sspr {
namespace {

using namespace sample;  // NOLINT: the names are the vocabulary of this file
using ::testing::ElementsAre;
using Service = ServiceCall::Operation;
using Setpw = SetpwCall::Operation;
using Next = Refused::Next;

TEST_F(Journey, FirstQuestionNeedsNothingFromAnybody) {
  Then(Begun{"alice", "alice", true, 1});
  EXPECT_THAT(texts_, ElementsAre(TextId::kIntro));
  EXPECT_EQ(asked_, TextId::kAskConfirm);
  EXPECT_TRUE(setpw_.has_value()) << "the machine is asked behind the question";
  EXPECT_FALSE(service_.has_value()) << "no traffic before the machine has agreed";
}

TEST_F(Journey, NoAtTheFirstQuestionEndsAtOnceEvenWhileACallIsOpen) {
  Then(Begun{"alice", "alice", true, 1});
  Then(Type("n"));
  EXPECT_EQ(done_->text.id, TextId::kNothingChanged);
}

TEST_F(Journey, YesIsUnderstoodInEachLanguage) {
  for (const char* const yes : {"", "y", "yes", "J", "ja", "o", "oui", "S", "sí", "si", "نعم"}) {
    engine_ = FlowEngine();
    Start(StartedWith({Email(), App()}));
    Then(Type(yes));
    EXPECT_EQ(asked_, TextId::kAskMethod) << yes;
  }
}

TEST_F(Journey, FrontEndThatAnswersWithTheUserNameEndsWithoutHarm) {
  Start(StartedWith({Email()}));
  Then(Type("alice"));
  EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
}

TEST_F(Journey, AnswerBeforeTheServiceIsAskedToWaitAndIsUsedLater) {
  Then(Begun{"alice", "alice", true, 1});
  Then(Type(""));
  ASSERT_EQ(actions_.size(), 1u);
  EXPECT_EQ(std::get<sspr::Wait>(actions_[0]).text.id, TextId::kContacting);
  Then(Say(PendingList{})).Then(Say(SetpwReady{})).Then(Say(Extended()));
  Then(Say(StartedWith({Email()})));
  EXPECT_EQ(service_->operation, Service::kChallenge);
}

TEST_F(Journey, FailureBehindAQuestionIsToldAfterTheAnswer) {
  Begin();
  Then(Say(ServiceFailure::kUnreachable));
  EXPECT_TRUE(actions_.empty()) << "the host is still asking";
  Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kUnreachable);
}

TEST_F(Journey, AuthenticatorCodeIsAskedAtOnceAndTheChallengeGoesBehindTheTyping) {
  Start(StartedWith({App()}));
  Then(Type(""));
  EXPECT_EQ(asked_, TextId::kAskAppCode);
  EXPECT_EQ(service_->operation, Service::kChallenge);
  Then(Say(AppChallenge()));
  EXPECT_TRUE(actions_.empty());
  Then(Type("123456"));
  EXPECT_EQ(service_->operation, Service::kContinue);
  EXPECT_EQ(service_->kind, MethodKind::kAuthenticatorCode);
}

TEST_F(Journey, SeveralMethodsAreOfferedWithoutARequestAndCanBeChanged) {
  Start(StartedWith({Email(), App()}));
  Then(Type(""));
  EXPECT_EQ(asked_, TextId::kAskMethod);
  EXPECT_THAT(labels_, ElementsAre(TextId::kLabelEmail, TextId::kLabelApp));
  EXPECT_FALSE(service_.has_value());
  Then(Type("7"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kChoiceUnknown));
  Then(Type("1")).Then(Say(EmailChallenge()));
  EXPECT_EQ(asked_, TextId::kAskEmailCodeOrOther);
  Then(Type("m"));
  EXPECT_EQ(asked_, TextId::kAskMethod);
  Then(Type("2"));
  EXPECT_EQ(asked_, TextId::kAskAppCodeOrOther);
}

TEST_F(Journey, SecondGateByAppIsAskedBehindTheFirstCode) {
  Start(StartedWith({Email()}, 2));
  Then(Type("")).Then(Say(EmailChallenge())).Then(Type("12345678"));
  Then(Say(SecondGate({App()})));
  EXPECT_THAT(texts_, ElementsAre(TextId::kSecondApp));
  EXPECT_EQ(asked_, TextId::kAskAppCode);
  EXPECT_EQ(service_->operation, Service::kChallenge);
  EXPECT_EQ(service_->token, "half");
  Then(Say(AppChallenge())).Then(Type("123456")).Then(Say(Proven()));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
}

TEST_F(Journey, SecondGateByEmailWaitsForEnterSoThatOneEnterCostsOneRequest) {
  Start(StartedWith({App()}, 2));
  Then(Type("")).Then(Say(AppChallenge())).Then(Type("123456"));
  Then(Say(SecondGate({Email()})));
  EXPECT_THAT(texts_, ElementsAre(TextId::kSecondEmail));
  EXPECT_EQ(asked_, TextId::kAskSendSecond);
  EXPECT_FALSE(service_.has_value());
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kChallenge);
}

TEST_F(Journey, ServiceThatForgetsASecondGateIsNotBelieved) {
  Start(StartedWith({Email()}, 2));
  Then(Type("")).Then(Say(EmailChallenge())).Then(Type("12345678")).Then(Say(Proven()));
  EXPECT_EQ(done_->text.id, TextId::kBadAnswer);
}

TEST_F(Journey, FewerGatesThanTheMachineDemandsAreRefused) {
  Begin(true, 2);
  Then(Say(Extended())).Then(Say(StartedWith({Email()}, 1))).Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kTooFewGates);
}

TEST_F(Journey, ServiceThatDemandsNoProofIsRefused) {
  Start(StartedWith({Email()}, 0));
  Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kTooFewGates);
}

TEST_F(Journey, WrongCodeIsAskedAgainWithTheTriesThatAreLeft) {
  Start(StartedWith({Email()}));
  Then(Type("")).Then(Say(EmailChallenge())).Then(Type("00000000"));
  Refused wrong = RefusedAs(Next::kTypeCodeAgain);
  wrong.attempts_left = 1;
  Then(Say(wrong));
  EXPECT_THAT(texts_, ElementsAre(TextId::kWrongCodeOneLeft));
  EXPECT_EQ(asked_, TextId::kAskEmailCode);
  Then(Type("11111111"));
  wrong.attempts_left = 0;
  Then(Say(wrong));
  EXPECT_THAT(texts_, ElementsAre(TextId::kWrongCodeNoneLeft));
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kChallenge) << "Enter sends a new one";
}

TEST_F(Journey, CodeOfWrongLengthIsNotSent) {
  Start(StartedWith({Email()}));
  Then(Type("")).Then(Say(EmailChallenge())).Then(Type("1234"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kCodeWrongLength));
  EXPECT_FALSE(service_.has_value());
  Then(Type("12345\t678"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kCodeUnreadable));
}

TEST_F(Journey, ResendRespectsTheInterval) {
  Start(StartedWith({Email()}));
  Then(Type("")).Then(Say(EmailChallenge(60)));
  Wait(20);
  Then(Type("r"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kResendTooEarly));
  EXPECT_EQ(std::get<Show>(actions_[0]).text.parameters[0], "40");
  Wait(40);
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kChallenge);
  EXPECT_EQ(service_->token, "challenged");
}

TEST_F(Journey, TooManyAttemptsEndWithTheTimeToWait) {
  Start(StartedWith({Email()}));
  Then(Type("")).Then(Say(EmailChallenge())).Then(Type("00000000"));
  Refused later = RefusedAs(Next::kComeBackLater);
  later.retry_seconds = 61;
  Then(Say(later));
  EXPECT_EQ(done_->text, (Text{TextId::kTooManyAttemptsMinutes, {"2"}}));
}

TEST_F(Journey, ResumedFlowGoesOnAtTheCodeThatWasSent) {
  Started resumed = StartedWith({Email()});
  resumed.resumed = true;
  resumed.live_challenge = EmailChallenge();
  Start(resumed);
  Then(Type(""));
  EXPECT_THAT(texts_, ElementsAre(TextId::kCodeStillGood));
  EXPECT_EQ(asked_, TextId::kAskEmailCode);
  EXPECT_FALSE(service_.has_value());
  Then(Type("12345678"));
  EXPECT_EQ(service_->token, "started");
}

TEST_F(Journey, ResumedFlowPastItsGatesGoesOnAtThePassword) {
  Started resumed = StartedWith({});
  resumed.resumed = true;
  resumed.gates->completed = 1;
  Start(resumed);
  EXPECT_EQ(service_->operation, Service::kRules) << "behind the first question";
  Then(Say(PasswordRules{20, 256, 511, 0, {}})).Then(Type(""));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  Then(Type("only nineteen chars"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordTooShort));
}

TEST_F(Journey, GatesThatNobodyPassedAreNotBelieved) {
  Started started = StartedWith({Email()});
  started.gates->completed = 1;
  Start(started);
  Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kBadAnswer);
}

TEST_F(Journey, PlainServerIsNotUsedForALocalAccount) {
  Begin();
  Then(Say(ServiceFeatures{}));
  EXPECT_FALSE(service_.has_value()) << "/start is not sent";
  Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kServiceCannotSetLocal);
}

TEST_F(Journey, AccountThatTheMachineRefusesCausesNoTraffic) {
  Then(Begun{"alice", "alice", true, 1}).Then(Say(PendingList{}));
  Then(Say(SetpwRefused{RefusalReason::kNotPermitted}));
  EXPECT_FALSE(service_.has_value());
  Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kAccountNotPermitted);
}

TEST_F(Journey, MissingSetpwStopsLocalAccountsOnly) {
  Then(Begun{"alice", "alice", true, 1}).Then(Say(SetpwLost{})).Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kMachineNotReady);
  engine_ = FlowEngine();
  Then(Begun{"carol", "carol", false, 1}).Then(Say(SetpwLost{}));
  EXPECT_EQ(service_->operation, Service::kFeatures);
}

TEST_F(Journey, WhatWasLeftOpenIsSettledBehindTheFirstQuestion) {
  Then(Begun{"alice", "alice", true, 1});
  Then(Say(PendingList{{TransactionId{5}}}));
  EXPECT_EQ(service_->operation, Service::kFeatures);
  Then(Say(Extended()));
  EXPECT_EQ(service_->operation, Service::kTransaction);
  Then(Say(TransactionAs(SetState::kSucceeded)));
  EXPECT_EQ(setpw_->operation, Setpw::kResolve);
  EXPECT_EQ(setpw_->verdict, Verdict::kSucceeded);
  Then(Say(PendingResolved{Resolution::kCompleted}));
  EXPECT_EQ(setpw_->operation, Setpw::kPrepare);
  Then(Say(SetpwReady{}));
  EXPECT_EQ(service_->operation, Service::kStart);
}

TEST_F(Journey, RedirectAndUnknownAccountEndWithWhatToDo) {
  const struct {
    Next next;
    TextId text;
  } kCases[] = {{Next::kUseAnotherWay, TextId::kUseAnotherWay},
                {Next::kNoSuchAccount, TextId::kNoSuchAccount},
                {Next::kAskAdministrator, TextId::kAskAdministrator},
                {Next::kStartAgain, TextId::kExpired},
                {Next::kComeBackLater, TextId::kTooManyAttempts},
                {Next::kOtherPassword, TextId::kBadAnswer}};
  for (const auto& example : kCases) {
    engine_ = FlowEngine();
    Begin();
    Then(Say(Extended())).Then(Say(RefusedAs(example.next))).Then(Type(""));
    EXPECT_EQ(done_->text.id, example.text);
  }
}

TEST_F(Journey, AccountWithoutMethodsIsToldWhatToDo) {
  Start(StartedWith({}));
  Then(Type(""));
  EXPECT_EQ(done_->text.id, TextId::kNoMethods);
}

TEST_F(Journey, ChallengeOfAnotherKindThanAskedForIsRefused) {
  Start(StartedWith({Email()}));
  Then(Type("")).Then(Say(AppChallenge()));
  EXPECT_EQ(done_->text.id, TextId::kBadAnswer);
}

}  // namespace
}  // namespace sspr
