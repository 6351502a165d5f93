// SPDX-License-Identifier: Apache-2.0
// The local half of a reset where time passes, locks are held and disks fail; the journal is real,
// accounts and clock are not.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>

#include "common/permit/permit_keys.h"
#include "pam_module/setpw/local_reset.h"
#include "tests/fakes/fake_clock.h"
#include "tests/setpw/memory_accounts.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::setpw {
namespace {

constexpr char kOldHash[] = "$6$salt$theOldHashOfAlice";

class LocalResetTest : public ::testing::Test {
 protected:
  LocalResetTest() : key_(SigningKey::Generate().value()) {
    chmod(folder_.Path().c_str(), 0700);
    accounts_.accounts["alice"] = {1000, kOldHash};
    policy_.hash = {"$6$", 1000, 0};
    device_.fill('d');
    transaction_.fill('t');
    journal_.emplace(Journal::Open(folder_.Path(), "machine").value());
  }
  LocalReset Begin() {
    return LocalReset(Enrolment{device_, {key_.Public().value()}}, policy_, accounts_, *journal_,
                      clock_);
  }
  void Propose(LocalReset& reset) {
    const auto ready = reset.Prepare("alice", false);
    ASSERT_TRUE(std::holds_alternative<ReadyToReset>(ready));
    nonce_ = std::get<ReadyToReset>(ready).nonce;
    const auto proposed = reset.Propose(transaction_, *Secret::CopyOf("copper lantern 42"));
    ASSERT_TRUE(std::holds_alternative<Commitment>(proposed));
    commitment_ = std::get<Commitment>(proposed);
  }
  std::string Signed(UnixSeconds issued_at, UnixSeconds lifetime = 600,
                     const SigningKey* key = nullptr) {
    Permit permit;
    permit.account = "alice";
    permit.device_id = device_;
    permit.nonce = nonce_;
    permit.commitment = commitment_;
    permit.issued_at = issued_at;
    permit.expires_at = issued_at + lifetime;
    permit.transaction_id = transaction_;
    return std::string(View(SignPermit(key != nullptr ? *key : key_, permit).value()));
  }
  bool IsSet() { return accounts_.accounts["alice"].hash != kOldHash; }

  test::ScratchFolder folder_;
  FakeClock clock_;
  test::MemoryAccounts accounts_;
  MachinePolicy policy_;
  SigningKey key_;
  DeviceId device_{};
  TransactionId transaction_{};
  Nonce nonce_{};
  Commitment commitment_{};
  std::optional<Journal> journal_;
};

TEST_F(LocalResetTest, APermitHoldsWithinItsHoursGiveOrTakeFiveMinutes) {
  const std::pair<UnixSeconds, bool> cases[] = {
      {0, true}, {300, true}, {301, false}, {-900, true}, {-901, false}};
  for (const auto& [issued, good] : cases) {
    LocalReset reset = Begin();
    Propose(reset);
    const auto failure = reset.Commit(Signed(clock_.Now() + issued));
    EXPECT_EQ(!failure.has_value(), good) << issued;
    accounts_.accounts["alice"].hash = kOldHash;
    ASSERT_TRUE(journal_->Remove(transaction_).ok());
  }
}

TEST_F(LocalResetTest, APermitOfASuccessorHolds_OfAnyOtherKeyDoesNot) {
  const SigningKey next = SigningKey::Generate().value();
  const SigningKey stranger = SigningKey::Generate().value();
  const auto enrolment = [&] {
    Enrolment made{device_, {key_.Public().value()}};
    made.permit_keys.push_back(next.Public().value());
    return made;
  };
  {
    LocalReset reset(enrolment(), policy_, accounts_, *journal_, clock_);
    Propose(reset);
    EXPECT_EQ(reset.Commit(Signed(clock_.Now(), 600, &stranger)), FailureReason::kBadPermit);
    EXPECT_FALSE(IsSet());
    EXPECT_TRUE(reset.Abort());
  }
  LocalReset reset(enrolment(), policy_, accounts_, *journal_, clock_);
  Propose(reset);
  EXPECT_FALSE(reset.Commit(Signed(clock_.Now(), 600, &next)).has_value());
  EXPECT_TRUE(IsSet());
}

TEST_F(LocalResetTest, LockedFilesAreFinishedByTheNextVisit) {
  {
    LocalReset reset = Begin();
    Propose(reset);
    accounts_.locked = true;
    EXPECT_EQ(reset.Commit(Signed(clock_.Now())), FailureReason::kLocked);
  }
  EXPECT_FALSE(IsSet());
  LocalReset next = Begin();
  EXPECT_TRUE(next.Pending().empty()) << "it needs no verdict any more";
  EXPECT_FALSE(IsSet());
  accounts_.locked = false;
  next.Pending();
  EXPECT_TRUE(IsSet());
  EXPECT_TRUE(journal_->Transactions().empty());
}

TEST_F(LocalResetTest, ASpentPermitIsFinishedHoweverLateAndUnderAnyClock) {
  for (const UnixSeconds later : {48L * 3600, 10L * 365 * 24 * 3600, -1'600'000'000L}) {
    accounts_.accounts["alice"].hash = kOldHash;
    {
      LocalReset reset = Begin();
      Propose(reset);
      accounts_.broken = true;
      EXPECT_EQ(reset.Commit(Signed(clock_.Now())), FailureReason::kInternal);
    }
    accounts_.broken = false;
    clock_.Step(later);
    Begin().Pending();
    clock_.Step(-later);
    EXPECT_TRUE(IsSet()) << later;
  }
}

TEST_F(LocalResetTest, WithoutAVerdictATransactionIsGivenUpAfterADay) {
  {
    LocalReset reset = Begin();
    Propose(reset);
  }
  clock_.Advance(kVerdictLimitSeconds);
  EXPECT_EQ(Begin().Pending().size(), 1u);
  clock_.Advance(1);
  EXPECT_TRUE(Begin().Pending().empty());
  EXPECT_TRUE(journal_->Transactions().empty());
  EXPECT_FALSE(IsSet());
}

TEST_F(LocalResetTest, AnOlderTransactionNeverOverwritesANewerPassword) {
  std::string permit;
  {
    LocalReset first = Begin();
    Propose(first);
    permit = Signed(clock_.Now());
  }
  accounts_.accounts["alice"].hash = "$6$salt$chosenElsewhere";
  EXPECT_EQ(Begin().Resolve(transaction_, Verdict::kSucceeded, permit), Resolution::kVoided);
  EXPECT_EQ(accounts_.accounts["alice"].hash, "$6$salt$chosenElsewhere");
  EXPECT_TRUE(journal_->Transactions().empty());
}

TEST_F(LocalResetTest, AResetBehindAnOpenOneEndsTheOpenOne) {
  {
    LocalReset first = Begin();
    Propose(first);
  }
  const TransactionId open = transaction_;
  const std::string permit_of_open = Signed(clock_.Now());
  transaction_.fill('u');
  std::unique_ptr<LocalReset> second(new LocalReset(Begin()));
  Propose(*second);
  EXPECT_FALSE(second->Commit(Signed(clock_.Now())));
  const std::string set = accounts_.accounts["alice"].hash;
  EXPECT_EQ(Begin().Resolve(open, Verdict::kSucceeded, permit_of_open), Resolution::kKept)
      << "the account is still locked by the second";
  second.reset();
  EXPECT_EQ(Begin().Resolve(open, Verdict::kSucceeded, permit_of_open), Resolution::kVoided);
  EXPECT_EQ(accounts_.accounts["alice"].hash, set);
}

TEST_F(LocalResetTest, EntriesOfAnotherMachineArePutAside) {
  {
    LocalReset reset = Begin();
    Propose(reset);
  }
  journal_.emplace(Journal::Open(folder_.Path(), "a clone of it").value());
  EXPECT_TRUE(Begin().Pending().empty());
  EXPECT_TRUE(journal_->Transactions().empty());
  EXPECT_TRUE(folder_.Has("journal/" + ToHex(View(transaction_)) + ".bad"));
  EXPECT_EQ(Begin().Resolve(transaction_, Verdict::kSucceeded, Signed(clock_.Now())),
            Resolution::kVoided);
  EXPECT_FALSE(IsSet());
}

TEST_F(LocalResetTest, WhatCannotBeRehearsedIsNotProposed) {
  LocalReset reset = Begin();
  ASSERT_TRUE(std::holds_alternative<ReadyToReset>(reset.Prepare("alice", false)));
  accounts_.locked = true;
  const auto proposed = reset.Propose(transaction_, *Secret::CopyOf("copper lantern 42"));
  ASSERT_TRUE(std::holds_alternative<Rejection>(proposed));
  EXPECT_EQ(std::get<Rejection>(proposed).reason, RejectionReason::kInternal);
  EXPECT_TRUE(journal_->Transactions().empty());
}

TEST_F(LocalResetTest, NoncesAreNeverTheSame) {
  Nonce before{};
  for (int i = 0; i < 20; ++i) {
    LocalReset reset = Begin();
    const auto ready = reset.Prepare("alice", false);
    ASSERT_TRUE(std::holds_alternative<ReadyToReset>(ready));
    EXPECT_NE(std::get<ReadyToReset>(ready).nonce, before);
    before = std::get<ReadyToReset>(ready).nonce;
  }
}

}  // namespace
}  // namespace sspr::setpw
