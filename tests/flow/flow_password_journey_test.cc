// SPDX-License-Identifier: Apache-2.0
// Journeys through the new password: checked here, journaled, submitted, polled, committed.
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

TEST_F(Journey, OneGateByEmailSetsThePasswordInBothPlaces) {
  Begin();
  EXPECT_EQ(service_->operation, Service::kFeatures);
  Then(Say(Extended()));
  EXPECT_EQ(service_->operation, Service::kStart);
  EXPECT_EQ(service_->username, "alice@corp");
  EXPECT_EQ(service_->local_set->account, "alice");
  Then(Say(StartedWith({Email()})));
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kChallenge);
  EXPECT_EQ(service_->method_id, "e1");
  Then(Say(EmailChallenge()));
  EXPECT_EQ(asked_, TextId::kAskEmailCode);
  Then(Type(" 1234-5678 "));
  EXPECT_EQ(service_->operation, Service::kContinue);
  EXPECT_EQ(engine_.code().Reveal(), "12345678");
  Then(Say(Proven()));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordRules));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  Then(Type(kGoodPassword));
  EXPECT_EQ(asked_, TextId::kAskRepeat);
  Then(Type(kGoodPassword));
  EXPECT_EQ(setpw_->operation, Setpw::kPropose);
  EXPECT_EQ(engine_.new_password().Reveal(), kGoodPassword);
  Then(Say(SetpwProposed{{7}}));
  EXPECT_EQ(service_->operation, Service::kSubmit);
  EXPECT_EQ(service_->commitment->front(), 7);
  EXPECT_TRUE(engine_.past_return());
  Then(Say(Succeeded()));
  EXPECT_EQ(setpw_->operation, Setpw::kCommit);
  EXPECT_TRUE(setpw_->permit.has_value());
  Then(Say(SetpwCommitted{}));
  EXPECT_EQ(done_->outcome, Outcome::kPasswordSet);
  EXPECT_EQ(done_->answer, 3);
  EXPECT_TRUE(engine_.new_password().empty()) << "wiped at the end";
}

TEST_F(Journey, DirectoryAccountNeedsNoPermit) {
  Prove(false);
  TypePassword();
  EXPECT_EQ(service_->operation, Service::kSubmit);
  EXPECT_FALSE(service_->commitment.has_value());
  Submitted submitted = Succeeded();
  submitted.permit.reset();
  Then(Say(submitted));
  EXPECT_EQ(done_->outcome, Outcome::kPasswordSet);
}

TEST_F(Journey, PasswordIsCheckedHereBeforeAnythingIsSent) {
  Prove();
  Then(Type(""));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordEmpty));
  Then(Type("short"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordTooShort));
  Then(Type("this holds Alice inside"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordForbiddenPart));
  Then(Type(kGoodPassword)).Then(Type("something different"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordMismatch));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  EXPECT_FALSE(service_ || setpw_);
}

TEST_F(Journey, ServiceCannotLowerTheFloorOfEightCharacters) {
  Start(StartedWith({Email()}));
  Then(Type("")).Then(Say(EmailChallenge())).Then(Type("12345678"));
  Continued continued = Proven();
  continued.rules->min_length = 0;
  Then(Say(continued)).Then(Type("seven77"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordTooShort));
}

TEST_F(Journey, PasswordThatTheMachineRefusesIsAskedAgainAndNothingWasSent) {
  Prove();
  TypePassword();
  Then(Say(SetpwRejected{RejectionReason::kTooWeak, "it is a palindrome"}));
  EXPECT_EQ(std::get<Show>(actions_[0]).text,
            (Text{TextId::kPasswordTooWeakHere, {"it is a palindrome"}}));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  TypePassword("another good one");
  EXPECT_EQ(setpw_->operation, Setpw::kPropose);
}

TEST_F(Journey, PasswordThatTheServiceRefusesReplacesTheJournalEntry) {
  Prove();
  TypePassword();
  Then(Say(SetpwProposed{}));
  Refused banned = RefusedAs(Next::kOtherPassword);
  banned.fault = PasswordFault::kBanned;
  Then(Say(banned));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordBanned));
  EXPECT_FALSE(engine_.past_return());
  TypePassword("another good one");
  EXPECT_EQ(setpw_->operation, Setpw::kPropose);
  Then(Say(SetpwProposed{{9}}));
  EXPECT_EQ(service_->operation, Service::kSubmit);
  EXPECT_EQ(service_->token, "proven") << "the token of the same step";
  EXPECT_EQ(service_->commitment->front(), 9);
}

TEST_F(Journey, PasswordRefusedByAPollIsAskedAgain) {
  Prove();
  TypePassword();
  Then(Say(SetpwProposed{})).Then(Say(InProgress(2)));
  EXPECT_EQ(service_->operation, Service::kPoll);
  EXPECT_EQ(service_->delay_seconds, 2);
  EXPECT_EQ(service_->token, "submitted");
  Refused used = RefusedAs(Next::kOtherPassword);
  used.fault = PasswordFault::kRecentlyUsed;
  Then(Say(used));
  EXPECT_THAT(texts_, ElementsAre(TextId::kPasswordUsedBefore));
  TypePassword("another good one");
  Then(Say(SetpwProposed{}));
  EXPECT_EQ(service_->token, "proven");
}

TEST_F(Journey, RefusedSubmitVoidsTheJournalBeforeTheEnd) {
  Prove();
  TypePassword();
  Then(Say(SetpwProposed{})).Then(Say(RefusedAs(Next::kStartAgain)));
  EXPECT_EQ(setpw_->operation, Setpw::kAbort);
  EXPECT_FALSE(done_.has_value());
  Then(Say(SetpwAborted{}));
  EXPECT_EQ(done_->text.id, TextId::kExpired);
}

TEST_F(Journey, LostAnswerIsAskedForByTransactionAndNeverSubmittedAgain) {
  Prove();
  TypePassword();
  Then(Say(SetpwProposed{})).Then(Say(ServiceFailure::kTimedOut));
  EXPECT_EQ(service_->operation, Service::kTransaction);
  EXPECT_EQ(service_->transaction, (TransactionId{1, 2, 3}));
  Then(Say(TransactionAs(SetState::kInProgress)));
  EXPECT_EQ(service_->operation, Service::kTransaction);
  Then(Say(TransactionAs(SetState::kSucceeded)));
  EXPECT_EQ(setpw_->operation, Setpw::kCommit);
  Then(Say(SetpwCommitted{}));
  EXPECT_EQ(done_->outcome, Outcome::kPasswordSet);
}

TEST_F(Journey, OutcomeThatStaysUnknownLeavesTheJournalOpenAndSaysSo) {
  Prove();
  TypePassword();
  Then(Say(SetpwProposed{})).Then(Say(ServiceFailure::kUnreachable));
  int asked = 0;
  while (service_ && asked < 100) {
    EXPECT_EQ(service_->operation, Service::kTransaction);
    ++asked;
    Then(Say(ServiceFailure::kUnreachable));
  }
  EXPECT_LE(asked, 5);
  EXPECT_FALSE(setpw_.has_value()) << "nothing is voided";
  EXPECT_EQ(done_->text.id, TextId::kOutcomeUnknown);
}

TEST_F(Journey, PollingIsBounded) {
  Prove(false);
  TypePassword();
  Then(Say(InProgress(15)));
  int waited = 0;
  while (service_ && service_->operation == Service::kPoll && waited < 1000) {
    waited += service_->delay_seconds;
    Then(Say(PolledAs(SetState::kInProgress)));
  }
  EXPECT_LE(waited, 60);
  EXPECT_EQ(done_->text.id, TextId::kOutcomeUnknown);
}

TEST_F(Journey, CommitThatFailsIsToldTruthfully) {
  const struct {
    FailureReason reason;
    TextId text;
  } kCases[] = {{FailureReason::kBadPermit, TextId::kLocalNotSet},
                {FailureReason::kChanged, TextId::kLocalNotSet},
                {FailureReason::kLocked, TextId::kLocalLater},
                {FailureReason::kInternal, TextId::kLocalLater}};
  for (const auto& example : kCases) {
    engine_ = FlowEngine();
    Prove();
    TypePassword();
    Then(Say(SetpwProposed{})).Then(Say(Succeeded())).Then(Say(SetpwFailed{example.reason}));
    EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
    EXPECT_EQ(done_->text.id, example.text);
  }
}

TEST_F(Journey, HostThatGoesAwayVoidsTheJournalBeforeTheSubmitOnly) {
  Prove();
  TypePassword();
  Then(Say(SetpwProposed{}));
  Then(Cancelled{});
  EXPECT_TRUE(actions_.empty()) << "past the point of return: it is finished";
  Then(Say(Succeeded()));
  EXPECT_EQ(setpw_->operation, Setpw::kCommit);

  engine_ = FlowEngine();
  Prove();
  TypePassword();
  Then(Say(SetpwProposed{})).Then(Say(RefusedAs(Next::kOtherPassword))).Then(Cancelled{});
  EXPECT_EQ(setpw_->operation, Setpw::kAbort);
}

TEST_F(Journey, PlainServerIsServedWithEmailAndPolling) {
  Started started;
  started.token = "started";
  Start(started, ServiceFeatures{}, false);
  EXPECT_EQ(engine_.question_open(), true);
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kChallenge);
  EXPECT_EQ(service_->method_id, "");
  Challenge challenge = EmailChallenge();
  challenge.method_id.clear();
  challenge.code_length = 0;
  Then(Say(challenge)).Then(Type("12345"));
  Continued continued;
  continued.token = "proven";
  Then(Say(continued));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  TypePassword();
  Submitted submitted;
  submitted.token = "submitted";
  Then(Say(submitted));
  EXPECT_EQ(service_->operation, Service::kPoll);
  Then(Say(PolledAs(SetState::kSucceeded)));
  EXPECT_EQ(done_->outcome, Outcome::kPasswordSet);
}

TEST_F(Journey, LostSubmitOnAPlainServerIsUnknownAndSaysSo) {
  Started started;
  started.token = "started";
  Start(started, ServiceFeatures{}, false);
  Then(Type("")).Then(Say(EmailChallenge())).Then(Type("12345678"));
  Continued continued;
  continued.token = "proven";
  Then(Say(continued));
  TypePassword();
  Then(Say(ServiceFailure::kTimedOut));
  EXPECT_EQ(done_->text.id, TextId::kOutcomeUnknown);
}

TEST_F(Journey, EndlessWrongAnswersEndTheFlow) {
  Prove();
  int tries = 0;
  while (!done_ && tries < 100) {
    Then(Type("short"));
    ++tries;
  }
  EXPECT_LT(tries, 30);
  EXPECT_EQ(done_->text.id, TextId::kTooManyQuestions);
}

}  // namespace
}  // namespace sspr
