// SPDX-License-Identifier: Apache-2.0
// Opening a locked account without a new password: when it is offered, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/protocol/replies.h"
#include "common/protocol/requests.h"
#include "tests/flow/flow_journey.h"

namespace sspr {
namespace {

using namespace sample;  // NOLINT: the names are the vocabulary of this file
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Service = ServiceCall::Operation;
using Setpw = SetpwCall::Operation;

ServiceFeatures WithUnlock() {
  ServiceFeatures features = Extended();
  features.unlock = true;
  return features;
}

class UnlockJourney : public Journey {
 public:
  // To the end of what runs behind the first question, at a machine that locked the account out.
  void LockedOut(ServiceFeatures features) {
    Then(Begun{"alice", "alice@corp", true, 1}).Then(Say(PendingList{}));
    SetpwReady ready;
    ready.locked_out = true;
    Then(Say(ready)).Then(Say(features));
  }
  // Through the proofs; ends with the call that unlocks.
  void Prove() {
    Then(Say(StartedWith({Email()}))).Then(Say(EmailChallenge())).Then(Type("12345678"));
    Then(Say(Proven()));
  }
  void UnlockHere() {
    LockedOut(WithUnlock());
    Then(Type("")).Then(Type("1"));
    Prove();
  }
};

TEST_F(UnlockJourney, ALockedAccountOfTheMachineIsAskedBeforeTheServiceIsTold) {
  LockedOut(WithUnlock());
  EXPECT_FALSE(service_.has_value()) << "no flow of either kind yet";
  Then(Type(""));
  EXPECT_THAT(texts_, ElementsAre(TextId::kLockedOut));
  EXPECT_EQ(asked_, TextId::kAskUnlockOrReset);
  EXPECT_THAT(labels_, ElementsAre(TextId::kLabelUnlock, TextId::kLabelReset));
  Then(Type("9"));
  EXPECT_EQ(asked_, TextId::kAskUnlockOrReset);
  Then(Type("1"));
  ASSERT_EQ(service_->operation, Service::kStart);
  EXPECT_TRUE(service_->unlock);
  EXPECT_TRUE(service_->local_set.has_value());
}

TEST_F(UnlockJourney, EndsWithThePasswordAsItWas) {
  UnlockHere();
  ASSERT_EQ(service_->operation, Service::kUnlock);
  EXPECT_EQ(service_->token, "proven");
  EXPECT_FALSE(engine_.past_return()) << "nothing of it needs to be finished without the person";
  Then(Say(Succeeded()));
  ASSERT_EQ(setpw_->operation, Setpw::kUnlock);
  EXPECT_TRUE(setpw_->permit.has_value());
  Then(Say(SetpwCommitted{}));
  ASSERT_TRUE(done_.has_value());
  EXPECT_EQ(done_->outcome, Outcome::kUnlocked);
  EXPECT_EQ(done_->answer, kNoAnswer);
  EXPECT_EQ(done_->text.id, TextId::kUnlocked);
}

TEST_F(UnlockJourney, ALockedAccountMayBeResetAllTheSame) {
  LockedOut(WithUnlock());
  Then(Type("")).Then(Type("2"));
  ASSERT_EQ(service_->operation, Service::kStart);
  EXPECT_FALSE(service_->unlock);
  Prove();
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
}

TEST_F(UnlockJourney, WhereTheServiceCannotItIsAReset) {
  LockedOut(Extended());
  ASSERT_TRUE(service_.has_value());
  EXPECT_EQ(service_->operation, Service::kStart);
  Then(Say(StartedWith({Email()}))).Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kChallenge);
}

TEST_F(UnlockJourney, AnAccountOfTheDirectoryIsUnlockedByAWord) {
  Start(StartedWith({Email()}), WithUnlock(), false);
  Then(Type("u"));
  ASSERT_EQ(service_->operation, Service::kStart);
  EXPECT_TRUE(service_->unlock);
  Prove();
  ASSERT_EQ(service_->operation, Service::kUnlock);
  Then(Say(InProgress()));
  ASSERT_EQ(service_->operation, Service::kPoll);
  EXPECT_EQ(service_->token, "submitted");
  Then(Say(PolledAs(SetState::kSucceeded)));
  EXPECT_EQ(done_->outcome, Outcome::kUnlocked);
}

TEST_F(UnlockJourney, TheWordWorksHoweverEarlyItIsTyped) {
  Then(Begun{"alice", "alice@corp", false, 1});
  EXPECT_EQ(asked_, TextId::kAskConfirmOrUnlock);
  Then(Type("u"))
      .Then(Say(PendingList{}))
      .Then(Say(SetpwRefused{RefusalReason::kNotLocal}))
      .Then(Say(WithUnlock()))
      .Then(Say(StartedWith({Email()})));
  ASSERT_EQ(service_->operation, Service::kStart);
  EXPECT_TRUE(service_->unlock);
}

TEST_F(UnlockJourney, TheWordSaysWhereTheServiceCannot) {
  Start(StartedWith({Email()}), Extended(), false);
  Then(Type("u"));
  EXPECT_THAT(texts_, ElementsAre(TextId::kCannotUnlock));
  EXPECT_EQ(asked_, TextId::kAskConfirmOrUnlock);
  Then(Type(""));
  EXPECT_EQ(service_->operation, Service::kChallenge);
}

TEST_F(UnlockJourney, TheWordIsNoneForAnAccountOfTheMachine) {
  Start(StartedWith({Email()}), WithUnlock());
  Then(Type("u"));
  EXPECT_EQ(done_->text.id, TextId::kNothingChanged);
}

TEST_F(UnlockJourney, RefusalsSayWhatToDoNext) {
  const std::pair<Refused::Next, TextId> cases[] = {
      {Refused::Next::kNotLocked, TextId::kNotLocked},
      {Refused::Next::kUnlockDisabled, TextId::kUnlockRefused},
      {Refused::Next::kStartAgain, TextId::kExpired},
  };
  for (const auto& [next, text] : cases) {
    engine_ = FlowEngine();
    UnlockHere();
    Then(Say(RefusedAs(next)));
    ASSERT_TRUE(done_.has_value());
    EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
    EXPECT_EQ(done_->text.id, text);
  }
}

TEST_F(UnlockJourney, AMachineThatDoesNotUnlockIsNotHidden) {
  for (const SetpwReply& reply : {SetpwReply(SetpwFailed{}), SetpwReply(SetpwLost{})}) {
    engine_ = FlowEngine();
    UnlockHere();
    Then(Say(Succeeded())).Then(Say(reply));
    EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
    EXPECT_EQ(done_->text.id, TextId::kNotUnlocked);
  }
}

TEST_F(UnlockJourney, WithoutAPermitNothingIsAskedOfTheMachine) {
  UnlockHere();
  Submitted bare = Succeeded();
  bare.permit.reset();
  Then(Say(bare));
  EXPECT_FALSE(setpw_.has_value());
  EXPECT_EQ(done_->text.id, TextId::kNotUnlocked);
}

TEST_F(UnlockJourney, IsNoShortCutPastTheProofs) {
  LockedOut(WithUnlock());
  Then(Type("")).Then(Type("1"));
  Then(Say(StartedWith({Email()}, 2))).Then(Say(EmailChallenge())).Then(Type("12345678"));
  Then(Say(SecondGate({App()})));
  EXPECT_EQ(asked_, TextId::kAskAppCode);
}

// A machine that keeps the failed logins of accounts of the directory.
class DirectoryLockout : public UnlockJourney {
 public:
  static ServiceFeatures WithPermits() {
    ServiceFeatures features = WithUnlock();
    features.unlock_permits = true;
    return features;
  }
  void Open(bool locked_out, ServiceFeatures features = WithPermits()) {
    Then(Begun{"alice", "alice@corp", false, 1}).Then(Say(PendingList{}));
    ASSERT_EQ(setpw_->operation, Setpw::kPrepare);
    EXPECT_TRUE(setpw_->or_directory);
    SetpwReady ready;
    ready.of_directory = true;
    ready.locked_out = locked_out;
    Then(Say(ready)).Then(Say(features));
  }
  void Submit() {
    Prove();
    TypePassword();
    ASSERT_TRUE(service_.has_value());
    EXPECT_EQ(service_->operation, Service::kSubmit);
  }
};

TEST_F(DirectoryLockout, IsForgottenBehindTheNewPassword) {
  Open(false);
  ASSERT_EQ(service_->operation, Service::kStart);
  EXPECT_TRUE(service_->local_set.has_value());
  Then(Type(""));
  Submit();
  EXPECT_EQ(service_->commitment, (std::array<unsigned char, kCommitmentBytes>{}));
  Then(Say(Succeeded()));
  ASSERT_TRUE(setpw_.has_value());
  EXPECT_EQ(setpw_->operation, Setpw::kUnlock);
  EXPECT_TRUE(setpw_->permit.has_value());
  Then(Say(SetpwCommitted{}));
  ASSERT_TRUE(done_.has_value());
  EXPECT_EQ(done_->outcome, Outcome::kPasswordSet);
  EXPECT_EQ(done_->text.id, TextId::kSetInDirectory);
}

TEST_F(DirectoryLockout, ThatStaysIsNoReasonToHideTheNewPassword) {
  for (const SetpwReply& reply : {SetpwReply(SetpwFailed{}), SetpwReply(SetpwLost{})}) {
    engine_ = FlowEngine();
    Open(false);
    Then(Type(""));
    Submit();
    Then(Say(Succeeded())).Then(Say(reply));
    ASSERT_TRUE(done_.has_value());
    EXPECT_EQ(done_->outcome, Outcome::kPasswordSet);
  }
}

TEST_F(DirectoryLockout, WithoutAPermitNothingIsAskedOfTheMachine) {
  Open(false);
  Then(Type(""));
  Submit();
  Submitted bare = Succeeded();
  bare.permit.reset();
  Then(Say(bare));
  EXPECT_FALSE(setpw_.has_value());
  EXPECT_EQ(done_->outcome, Outcome::kPasswordSet);
}

TEST_F(DirectoryLockout, IsAskedAboutLikeThatOfAnAccountOfTheMachine) {
  Open(true);
  EXPECT_FALSE(service_.has_value());
  Then(Type(""));
  EXPECT_EQ(asked_, TextId::kAskUnlockOrReset);
  Then(Type("1"));
  ASSERT_EQ(service_->operation, Service::kStart);
  EXPECT_TRUE(service_->unlock);
  EXPECT_TRUE(service_->local_set.has_value());
  Prove();
  ASSERT_EQ(service_->operation, Service::kUnlock);
  Then(Say(Succeeded()));
  ASSERT_EQ(setpw_->operation, Setpw::kUnlock);
  Then(Say(SetpwCommitted{}));
  EXPECT_EQ(done_->outcome, Outcome::kUnlocked);
}

TEST_F(DirectoryLockout, WhereThereIsNoneHereTheServiceSaysWhetherAnythingIsLocked) {
  Open(false);
  Then(Say(StartedWith({Email()}))).Then(Type("u"));
  ASSERT_EQ(service_->operation, Service::kStart);
  EXPECT_FALSE(service_->local_set.has_value());
  Prove();
  Then(Say(Succeeded()));
  EXPECT_FALSE(setpw_.has_value());
  EXPECT_EQ(done_->outcome, Outcome::kUnlocked);
}

TEST_F(DirectoryLockout, ThatNobodyForgotIsNotHidden) {
  Open(true);
  Then(Type("")).Then(Type("1"));
  Prove();
  Submitted bare = Succeeded();
  bare.permit.reset();
  Then(Say(bare));
  EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
  EXPECT_EQ(done_->text.id, TextId::kNotUnlocked);
}

TEST_F(DirectoryLockout, IsLeftToAServiceThatGivesNoPermitForIt) {
  Open(true, WithUnlock());
  ASSERT_TRUE(service_.has_value());
  EXPECT_EQ(service_->operation, Service::kStart);
  EXPECT_FALSE(service_->local_set.has_value());
  Then(Type(""));
  Submit();
  EXPECT_FALSE(service_->commitment.has_value());
}

TEST(UnlockMessages, SayWhatTheServiceReads) {
  const Secret none;
  const auto form = [&](const ServiceCall& call) {
    return std::string(FormOf(call, {"sspr-login", {}, none, none}).value().Reveal());
  };
  EXPECT_THAT(form({.operation = Service::kStart, .username = "alice", .unlock = true}),
              HasSubstr("&operation=unlock"));
  EXPECT_EQ(form({.operation = Service::kUnlock, .token = "t"}),
            "client_id=sspr-login&continuation_token=t");
  EXPECT_EQ(PathOf(Service::kUnlock), "/resetpassword/v1.0/unlock");
  const auto next = [](const char* suberror) {
    const std::string body =
        std::string(R"({"error":"invalid_grant","suberror":")") + suberror + "\"}";
    return std::get<Refused>(Read(Service::kUnlock, {400, "application/json", body}).reply).next;
  };
  EXPECT_EQ(next("account_not_locked"), Refused::Next::kNotLocked);
  EXPECT_EQ(next("unlock_disabled"), Refused::Next::kUnlockDisabled);
}

}  // namespace
}  // namespace sspr
