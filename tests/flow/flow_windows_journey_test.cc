// SPDX-License-Identifier: Apache-2.0
// An account of a Windows computer itself: what its old password sealed is lost, which is said
// before the new one is asked for, and nothing is finished later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/flow/flow_journey.h"

namespace sspr {
namespace {

using namespace sample;  // NOLINT: the names are the vocabulary of this file
using ::testing::ElementsAre;
using Service = ServiceCall::Operation;
using Setpw = SetpwCall::Operation;

class WindowsJourney : public Journey {
 protected:
  void BeginWindows() {
    Then(Begun{.user = "alice",
               .service_username = "alice@corp",
               .in_local_files = true,
               .min_gates = 1,
               .draws_codes = false,
               .in_windows = true});
    Then(Say(PendingList{}));
  }
  void ProveWindows() {
    BeginWindows();
    Then(Say(SetpwReady{}));
    Then(Say(Extended()));
    Then(Say(StartedWith({Email()})));
    Then(Type("")).Then(Say(EmailChallenge())).Then(Type("12345678")).Then(Say(Proven()));
  }
  // Up to sspr-setpw's part.
  void Submit() {
    TypePassword();
    Then(Say(SetpwProposed{{7}}));
    Then(Say(Succeeded()));
  }
};

TEST_F(WindowsJourney, WhatIsLostIsSaidBeforeTheNewPasswordIsAsked) {
  ProveWindows();
  EXPECT_THAT(texts_, ElementsAre(TextId::kOldSeals, TextId::kPasswordRules));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  Submit();
  EXPECT_EQ(setpw_->operation, Setpw::kCommit);
  Then(Say(SetpwCommitted{}));
  EXPECT_EQ(done_->outcome, Outcome::kPasswordSet);
}

TEST_F(WindowsJourney, LeavingThereChangesNothing) {
  ProveWindows();
  Then(Cancelled{});
  EXPECT_FALSE(service_ || setpw_);
  ASSERT_TRUE(done_);
  EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
}

TEST_F(WindowsJourney, AnAccountThatTheComputerDoesNotHaveIsNotTakenForADirectorys) {
  BeginWindows();
  Then(Type(""));
  Then(Say(SetpwRefused{RefusalReason::kNotLocal}));
  EXPECT_FALSE(service_);
  ASSERT_TRUE(done_);
  EXPECT_EQ(done_->text.id, TextId::kAccountNotPermitted);
}

TEST_F(WindowsJourney, NothingIsPromisedForLater) {
  const auto end_of = [this](FlowEvent event) {
    engine_ = FlowEngine();
    ProveWindows();
    Submit();
    Then(std::move(event));
    EXPECT_TRUE(done_);
    EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
    return done_->text.id;
  };
  EXPECT_EQ(end_of(Say(SetpwLost{})), TextId::kLocalUnknown);
  EXPECT_EQ(end_of(Say(SetpwFailed{FailureReason::kInternal})), TextId::kLocalUnknown);
  EXPECT_EQ(end_of(Say(SetpwFailed{FailureReason::kChanged})), TextId::kLocalNotSet);
  EXPECT_EQ(end_of(Say(SetpwFailed{FailureReason::kBadPermit})), TextId::kLocalNotSet);
}

}  // namespace
}  // namespace sspr
