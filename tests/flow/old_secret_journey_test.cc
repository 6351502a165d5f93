// SPDX-License-Identifier: Apache-2.0
// What the old password protects: said and asked between the proofs and the new password.
#include <gmock/gmock.h>

#include "tests/flow/flow_journey.h"

namespace sspr {
namespace {

using sample::Say;
using sample::Type;
using ::testing::Contains;
using ::testing::Not;
using Setpw = SetpwCall::Operation;

OldSecrets Set(unsigned bits) { return static_cast<OldSecrets>(bits); }

class OldSecretJourney : public Journey {
 public:
  // Up to what follows the proofs, of an account for which sspr-setpw found these.
  void ProveWith(unsigned found) {
    SetpwReady ready;
    ready.secrets = Set(found);
    Then(Begun{"alice", "alice@corp", true, 1});
    Then(Say(PendingList{})).Then(Say(ready)).Then(Say(sample::Extended()));
    Then(Say(sample::StartedWith({sample::Email()})));
    Then(Type("")).Then(Say(sample::EmailChallenge())).Then(Type("12345678"));
    Then(Say(sample::Proven()));
  }
  void Remember(const char* text, unsigned opened) {
    Then(Type(text));
    ASSERT_TRUE(setpw_);
    EXPECT_EQ(setpw_->operation, Setpw::kRemember);
    EXPECT_EQ(engine_.new_password().Reveal(), text);
    Then(Say(SetpwRemembered{Set(opened)}));
    EXPECT_TRUE(engine_.new_password().empty());
  }
  TextId FarewellAfter(SettledSecrets settled) {
    TypePassword();
    Then(Say(SetpwProposed{})).Then(Say(sample::Succeeded())).Then(Say(SetpwCommitted{settled}));
    return done_ && done_->outcome == Outcome::kPasswordSet ? done_->text.id : TextId::kNone;
  }
};

TEST_F(OldSecretJourney, WithoutAnyNothingIsAsked) {
  ProveWith(kNoSecrets);
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  EXPECT_EQ(FarewellAfter({}), TextId::kSet);
}

TEST_F(OldSecretJourney, AKeyringIsNamedBeforeTheNewPasswordAndEnterGoesOnWithoutIt) {
  ProveWith(kSecretGnomeKeyring);
  EXPECT_THAT(texts_, Contains(TextId::kOldKeyring));
  EXPECT_THAT(texts_, Not(Contains(TextId::kOldHome)));
  EXPECT_EQ(asked_, TextId::kAskOldPassword);
  Then(Type(""));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  SettledSecrets settled;
  settled.aside = kSecretGnomeKeyring;
  EXPECT_EQ(FarewellAfter(settled), TextId::kSetKeyringAside);
}

TEST_F(OldSecretJourney, TheOldPasswordIsTriedBeforeTheNewOneIsAsked) {
  ProveWith(kSecretGnomeKeyring);
  Remember("wrong", kNoSecrets);
  EXPECT_THAT(texts_, Contains(TextId::kOldWrong));
  EXPECT_EQ(asked_, TextId::kAskOldPassword);
  Remember("right", kSecretGnomeKeyring);
  EXPECT_THAT(texts_, Contains(TextId::kOldTaken));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  SettledSecrets settled;
  settled.relocked = kSecretGnomeKeyring;
  EXPECT_EQ(FarewellAfter(settled), TextId::kSet);
}

TEST_F(OldSecretJourney, AWalletCannotBeLockedAnewAndIsOnlyNamed) {
  ProveWith(kSecretKWallet);
  EXPECT_THAT(texts_, Contains(TextId::kOldKeyring));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
}

TEST_F(OldSecretJourney, AnEncryptedHomeNeedsTheWholeWordAndEnterStopsBeforeAnythingIsSet) {
  for (const char* answer : {"", "y", "no", "yes "}) {
    engine_ = FlowEngine();
    ProveWith(kSecretEcryptfs);
    EXPECT_THAT(texts_, Contains(TextId::kOldHome));
    Then(Type(""));
    ASSERT_EQ(asked_, TextId::kAskConsent);
    Then(Type(answer));
    ASSERT_TRUE(done_) << answer;
    EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
    EXPECT_EQ(done_->text.id, TextId::kOldHomeStays);
  }
}

TEST_F(OldSecretJourney, WhoSaysYesGoesOnAndIsToldAgainAtTheEnd) {
  for (const char* answer : {"yes", "ja", "oui", "sí", "نعم"}) {
    engine_ = FlowEngine();
    ProveWith(kSecretEcryptfs);
    Then(Type("")).Then(Type(answer));
    ASSERT_EQ(asked_, TextId::kAskNewPassword) << answer;
    EXPECT_EQ(FarewellAfter({}), TextId::kSetHomeLeft);
  }
}

TEST_F(OldSecretJourney, NothingVisibleIsAskedRightBehindATypedPassword) {
  ProveWith(kSecretEcryptfs);
  for (int i = 0; i < 4; ++i) {
    Remember("wrong", kNoSecrets);
    ASSERT_EQ(asked_, TextId::kAskOldPassword);
  }
  Remember("wrong", kNoSecrets);
  ASSERT_TRUE(done_);
  EXPECT_EQ(done_->text.id, TextId::kOldHomeStays);
}

TEST_F(OldSecretJourney, AProtectorOfFscryptIsConsentedToFirstThenTheRestIsAsked) {
  ProveWith(kSecretFscrypt | kSecretGnomeKeyring);
  EXPECT_EQ(asked_, TextId::kAskConsent);
  Then(Type("yes"));
  EXPECT_EQ(asked_, TextId::kAskOldPassword);
  Remember("right", kSecretGnomeKeyring);
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
  EXPECT_EQ(FarewellAfter({}), TextId::kSetHomeLeft);
}

TEST_F(OldSecretJourney, WhatFailedBehindTheNewPasswordIsSaid) {
  ProveWith(kSecretGnomeKeyring);
  Then(Type(""));
  SettledSecrets settled;
  settled.failed = kSecretGnomeKeyring;
  EXPECT_EQ(FarewellAfter(settled), TextId::kSetKeyringLeft);
}

TEST_F(OldSecretJourney, ARejectedPasswordIsAskedAgainWithoutTheOldOne) {
  ProveWith(kSecretGnomeKeyring);
  Remember("right", kSecretGnomeKeyring);
  TypePassword();
  Then(Say(SetpwRejected{RejectionReason::kTooWeak, ""}));
  EXPECT_EQ(asked_, TextId::kAskNewPassword);
}

TEST_F(OldSecretJourney, ALostSetpwEndsTheFlowWithNothingChanged) {
  ProveWith(kSecretGnomeKeyring);
  Then(Type("right")).Then(Say(SetpwLost{}));
  ASSERT_TRUE(done_);
  EXPECT_EQ(done_->outcome, Outcome::kNotChanged);
}

}  // namespace
}  // namespace sspr
