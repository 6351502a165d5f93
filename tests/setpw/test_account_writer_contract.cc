// SPDX-License-Identifier: Apache-2.0
// What every AccountWriter promises, held against the fake of the tests and the real files.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>

#include "pam_module/setpw/account_files.h"
#include "tests/fakes/fake_clock.h"
#include "tests/setpw/memory_accounts.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::setpw {
namespace {

constexpr char kOldHash[] = "$6$oldsalt$theOldHashOfAlice";
constexpr char kNewHash[] = "$y$j9T$newsalt$theNewHashOfAlice";
constexpr char kOtherHash[] = "$6$other$setByTheAdministrator";

class Fake {
 public:
  Fake() { SetAccount(1000, kOldHash); }
  AccountWriter& Writer() { return accounts_; }
  void SetAccount(uid_t uid, const std::string& hash) { accounts_.accounts["alice"] = {uid, hash}; }
  void RemoveAccount() { accounts_.accounts.erase("alice"); }
  std::string Hash() { return accounts_.accounts["alice"].hash; }
  void Lock() { accounts_.locked = true; }
  void Unlock() { accounts_.locked = false; }
  void Break() { accounts_.broken = true; }

 private:
  test::MemoryAccounts accounts_;
};

class Files {
 public:
  Files() {
    SetAccount(1000, kOldHash);
    AccountFiles::Settings settings;
    settings.etc = folder_.Path();
    settings.tally_folder = folder_.File("faillock");
    settings.note = [](const std::string&) {};
    writer_ = std::make_unique<AccountFiles>(std::move(settings), clock_);
  }
  AccountWriter& Writer() { return *writer_; }
  void SetAccount(uid_t uid, const std::string& hash) {
    folder_.Write("passwd", "root:x:0:0::/:/bin/sh\nalice:x:" + std::to_string(uid) +
                                ":1000::/home/alice:/bin/sh\n");
    folder_.Write("shadow", "root:*:1::::::\nalice:" + hash + ":19000:0:99999:7:::\n");
    folder_.Write("group", "alice:x:1000:\n");
  }
  void RemoveAccount() { folder_.Write("passwd", "root:x:0:0::/:/bin/sh\n"); }
  std::string Hash() {
    const std::string shadow = folder_.Read("shadow");
    const std::size_t begin = shadow.find("alice:") + 6;
    return shadow.substr(begin, shadow.find(':', begin) - begin);
  }
  void Lock() {
    lock_ = UniqueFd(open(folder_.File(".pwd.lock").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    struct flock whole {};
    whole.l_type = F_WRLCK;
    ASSERT_EQ(fcntl(lock_.get(), F_OFD_SETLK, &whole), 0);
  }
  void Unlock() { lock_.Reset(); }
  void Break() { std::filesystem::remove(folder_.File("shadow")); }

 private:
  test::ScratchFolder folder_;
  FakeClock clock_;
  std::unique_ptr<AccountFiles> writer_;
  UniqueFd lock_;
};

template <typename Implementation>
class AccountWriterContract : public ::testing::Test {
 protected:
  HashChange Change() const { return {"alice", 1000, FingerprintOf(kOldHash), kNewHash, 0}; }
  Implementation under_test_;
};
using Implementations = ::testing::Types<Fake, Files>;
TYPED_TEST_SUITE(AccountWriterContract, Implementations);

TYPED_TEST(AccountWriterContract, LooksUpUidAndHash) {
  const Lookup found = this->under_test_.Writer().Look("alice");
  const auto* account = std::get_if<LocalAccount>(&found);
  ASSERT_NE(account, nullptr);
  EXPECT_EQ(account->name, "alice");
  EXPECT_EQ(account->uid, 1000u);
  EXPECT_EQ(account->hash.Reveal(), kOldHash);
}

TYPED_TEST(AccountWriterContract, SaysWhyNot) {
  const auto reason = [this](std::string_view account) {
    const Lookup found = this->under_test_.Writer().Look(account);
    return std::get<Refusal>(found).reason;
  };
  EXPECT_EQ(reason("bob"), RefusalReason::kNotLocal);
  this->under_test_.SetAccount(1000, std::string("!") + kOldHash);
  EXPECT_EQ(reason("alice"), RefusalReason::kNotPermitted);
  this->under_test_.Break();
  EXPECT_EQ(reason("alice"), RefusalReason::kInternal);
}

TYPED_TEST(AccountWriterContract, SetsOnceAndSaysSoWhenRepeated) {
  EXPECT_EQ(this->under_test_.Writer().SetHash(this->Change()), SetOutcome::kSet);
  EXPECT_EQ(this->under_test_.Hash(), kNewHash);
  EXPECT_EQ(this->under_test_.Writer().SetHash(this->Change()), SetOutcome::kAlreadySet);
  EXPECT_EQ(this->under_test_.Hash(), kNewHash);
}

TYPED_TEST(AccountWriterContract, RehearsalChangesNothing) {
  EXPECT_TRUE(this->under_test_.Writer().Rehearse(this->Change()).ok());
  EXPECT_EQ(this->under_test_.Hash(), kOldHash);
}

TYPED_TEST(AccountWriterContract, WhatChangedMeanwhileIsLeftAlone) {
  for (const auto& [uid, hash] : {std::pair<uid_t, std::string>{1000, kOtherHash},
                                  {1000, std::string("!") + kOldHash},
                                  {1000, "*"},
                                  {1001, kOldHash}}) {
    this->under_test_.SetAccount(uid, hash);
    EXPECT_EQ(this->under_test_.Writer().SetHash(this->Change()), SetOutcome::kChanged) << hash;
    EXPECT_EQ(this->under_test_.Hash(), hash);
  }
  this->under_test_.RemoveAccount();
  EXPECT_EQ(this->under_test_.Writer().SetHash(this->Change()), SetOutcome::kChanged);
}

TYPED_TEST(AccountWriterContract, LockedFilesAreATemporaryAnswer) {
  this->under_test_.Lock();
  EXPECT_EQ(this->under_test_.Writer().SetHash(this->Change()), SetOutcome::kLocked);
  const Status rehearsed = this->under_test_.Writer().Rehearse(this->Change());
  ASSERT_FALSE(rehearsed.ok());
  EXPECT_EQ(rehearsed.error().code, Errc::kTimedOut);
  EXPECT_EQ(this->under_test_.Hash(), kOldHash);
  this->under_test_.Unlock();
  EXPECT_EQ(this->under_test_.Writer().SetHash(this->Change()), SetOutcome::kSet);
}

TYPED_TEST(AccountWriterContract, BrokenFilesAreATemporaryAnswer) {
  this->under_test_.Break();
  EXPECT_EQ(this->under_test_.Writer().SetHash(this->Change()), SetOutcome::kFailed);
  EXPECT_FALSE(this->under_test_.Writer().Rehearse(this->Change()).ok());
}

}  // namespace
}  // namespace sspr::setpw
