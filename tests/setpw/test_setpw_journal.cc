// SPDX-License-Identifier: Apache-2.0
// The journal: what is written is read back by this machine alone; what was torn, changed, renamed
// or carried here from elsewhere is recognised.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pam_module/setpw/account_lock.h"
#include "pam_module/setpw/journal.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::setpw {
namespace {

JournalEntry Sample(char number = 't') {
  JournalEntry entry;
  entry.transaction.fill(number);
  entry.state = EntryState::kCommitting;
  entry.created_at = 1'700'000'000;
  entry.account = "alice";
  entry.uid = 1000;
  entry.old = FingerprintOf("old");
  entry.nonce.fill('n');
  entry.commitment.fill('c');
  entry.new_hash = *CryptHash::CopyOf("$y$j9T$salt$hash");
  return entry;
}

JournalKey Key(char value) { return *JournalKey::CopyOf(std::string(kJournalKeyBytes, value)); }

TEST(JournalEntry, IsReadBack) {
  const auto sealed = SealEntry(Sample(), Key('k'), "machine");
  ASSERT_TRUE(sealed.ok());
  const auto entry = OpenEntry(*sealed, Key('k'), "machine");
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->transaction, Sample().transaction);
  EXPECT_EQ(entry->state, EntryState::kCommitting);
  EXPECT_EQ(entry->created_at, Sample().created_at);
  EXPECT_EQ(entry->account, "alice");
  EXPECT_EQ(entry->uid, 1000u);
  EXPECT_EQ(entry->old, Sample().old);
  EXPECT_EQ(entry->nonce, Sample().nonce);
  EXPECT_EQ(entry->commitment, Sample().commitment);
  EXPECT_EQ(entry->new_hash.Reveal(), "$y$j9T$salt$hash");
}

TEST(JournalEntry, HashAndNameAreSealedAndNoTwoSealsAreAlike) {
  const auto first = SealEntry(Sample(), Key('k'), "machine");
  const auto second = SealEntry(Sample(), Key('k'), "machine");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
  EXPECT_EQ(first->find("$y$"), std::string::npos);
  EXPECT_EQ(first->find("alice"), std::string::npos);
}

TEST(JournalEntry, EveryFlippedBitAndEveryCutIsNoticed) {
  const std::string sealed = *SealEntry(Sample(), Key('k'), "machine");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(OpenEntry(changed, Key('k'), "machine").ok()) << "bit " << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(OpenEntry(sealed.substr(0, size), Key('k'), "machine").ok()) << size;
  }
  EXPECT_FALSE(OpenEntry(sealed + "x", Key('k'), "machine").ok());
}

TEST(JournalEntry, AnotherMachineOrKeyOpensNothing) {
  const std::string sealed = *SealEntry(Sample(), Key('k'), "machine");
  EXPECT_FALSE(OpenEntry(sealed, Key('k'), "clone").ok());
  EXPECT_FALSE(OpenEntry(sealed, Key('l'), "machine").ok());
  EXPECT_FALSE(OpenEntry(sealed, Key('k'), "").ok());
}

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() { chmod(folder_.Path().c_str(), 0700); }
  Journal Open(const std::string& binding = "machine") {
    return Journal::Open(folder_.Path(), binding).value();
  }
  std::string EntryFile(const JournalEntry& entry) const {
    return "journal/" + ToHex(View(entry.transaction)) + ".entry";
  }
  test::ScratchFolder folder_;
};

TEST_F(JournalTest, EntriesSurviveTheProcess) {
  ASSERT_TRUE(Open().Write(Sample()).ok());
  const Journal journal = Open();
  ASSERT_EQ(journal.Transactions().size(), 1u);
  const auto entry = journal.Read(journal.Transactions()[0]);
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->account, "alice");
  struct stat about {};
  ASSERT_EQ(stat(folder_.File("journal.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777u, 0600u);
  ASSERT_EQ(stat(folder_.File(EntryFile(*entry)).c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777u, 0600u);
}

TEST_F(JournalTest, WritingAgainReplacesAndRemovingIsRepeatable) {
  Journal journal = Open();
  JournalEntry entry = Sample();
  ASSERT_TRUE(journal.Write(entry).ok());
  entry.state = EntryState::kProposed;
  ASSERT_TRUE(journal.Write(entry).ok());
  EXPECT_EQ(journal.Transactions().size(), 1u);
  EXPECT_EQ(journal.Read(entry.transaction)->state, EntryState::kProposed);
  EXPECT_TRUE(journal.Remove(entry.transaction).ok());
  EXPECT_TRUE(journal.Remove(entry.transaction).ok());
  EXPECT_EQ(journal.Read(entry.transaction).error().code, Errc::kUnreachable);
}

TEST_F(JournalTest, TornForeignAndRenamedEntriesAreRecognised) {
  Journal journal = Open();
  ASSERT_TRUE(journal.Write(Sample('1')).ok());
  const std::string bytes = folder_.Read(EntryFile(Sample('1')));
  folder_.Write(EntryFile(Sample('2')), bytes);                         // renamed
  folder_.Write(EntryFile(Sample('3')), "");                            // empty
  folder_.Write(EntryFile(Sample('4')), bytes.substr(0, 40));           // torn
  folder_.Write(EntryFile(Sample('5')), std::string(10'000, 'x'));      // too long
  folder_.Write(EntryFile(Sample('6')), "SSPJ\x02" + bytes.substr(5));  // another version
  folder_.Write("journal/notes.entry", "not an entry's name");
  EXPECT_EQ(journal.Transactions().size(), 6u);
  for (const char number : {'2', '3', '4', '5', '6'}) {
    const auto entry = journal.Read(Sample(number).transaction);
    ASSERT_FALSE(entry.ok()) << number;
    EXPECT_EQ(entry.error().code, Errc::kProtocol) << number;
    EXPECT_TRUE(journal.Quarantine(Sample(number).transaction).ok());
  }
  EXPECT_EQ(journal.Transactions().size(), 1u);
  EXPECT_TRUE(journal.Read(Sample('1').transaction).ok());
  EXPECT_FALSE(Open("another machine").Read(Sample('1').transaction).ok());
}

TEST_F(JournalTest, LeftoversOfKilledWritersAreRemoved) {
  Journal journal = Open();
  ASSERT_TRUE(journal.Write(Sample()).ok());
  folder_.Write("journal/" + ToHex(View(Sample('9').transaction)) + ".new", "half");
  EXPECT_EQ(journal.Transactions().size(), 1u);
  journal.RemoveLeftovers();
  EXPECT_FALSE(folder_.Has("journal/" + ToHex(View(Sample('9').transaction)) + ".new"));
  EXPECT_EQ(journal.Transactions().size(), 1u);
}

TEST_F(JournalTest, KeysThatOthersReadAndFoldersThatOthersWriteAreRefused) {
  Open();
  ASSERT_EQ(chmod(folder_.File("journal.key").c_str(), 0640), 0);
  EXPECT_FALSE(Journal::Open(folder_.Path(), "machine").ok());
  ASSERT_EQ(chmod(folder_.File("journal.key").c_str(), 0600), 0);
  folder_.Write("journal.key", "short");
  EXPECT_FALSE(Journal::Open(folder_.Path(), "machine").ok());
  std::filesystem::remove(folder_.File("journal.key"));
  ASSERT_EQ(chmod(folder_.Path().c_str(), 0770), 0);
  EXPECT_FALSE(Journal::Open(folder_.Path(), "machine").ok());
  EXPECT_FALSE(Journal::Open(folder_.File("missing"), "machine").ok());
}

TEST_F(JournalTest, TooManyOpenEntriesAreRefusedButThoseThereCanBeFinished) {
  Journal journal = Open();
  JournalEntry entry = Sample();
  for (std::size_t i = 0; i < kMaxOpenEntries; ++i) {
    entry.transaction[0] = static_cast<char>(i & 0xFF);
    entry.transaction[1] = static_cast<char>(i >> 8);
    ASSERT_TRUE(journal.Write(entry).ok());
  }
  EXPECT_TRUE(journal.Write(entry).ok());
  entry.transaction[2] = 1;
  const Status refused = journal.Write(entry);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::kPolicy);
}

TEST_F(JournalTest, AnAccountIsLockedByUid) {
  const Journal journal = Open();
  auto first = AccountLock::TryTake(journal.State(), 1000);
  ASSERT_TRUE(first);
  EXPECT_FALSE(AccountLock::TryTake(journal.State(), 1000));
  EXPECT_TRUE(AccountLock::TryTake(journal.State(), 1001));
  first.reset();
  EXPECT_TRUE(AccountLock::TryTake(journal.State(), 1000));
}

}  // namespace
}  // namespace sspr::setpw
