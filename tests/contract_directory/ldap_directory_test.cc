// SPDX-License-Identifier: Apache-2.0
// What is true of the LDAP directory alone, against a real slapd with a password policy.
#include "service/directory/ldap_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <memory>
#include <stdexcept>

#include "service/directory/entry_ids.h"
#include "service/directory/ldap_dialect.h"
#include "service/directory/try_directory.h"
#include "service/doctor/directory_checks.h"
#include "service/store/sql_store.h"
#include "tests/contract_directory/fault_proxy.h"
#include "tests/contract_directory/slapd.h"
#include "tests/fakes/fake_clock.h"

namespace sspr::service {
namespace {

constexpr char kAliceDn[] = "uid=alice,ou=people,dc=example,dc=org";
constexpr char kGood[] = "a good password";

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

class LdapDirectoryTest : public testing::Test {
 protected:
  LdapDirectoryTest() : slapd(Slapd::Policy::kStrict) {
    std::signal(SIGPIPE, SIG_IGN);  // as sspr-service does: a server may hang up
    auto opened = SqlDatabase::Open(folder.File("x.db"), 4);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database = std::move(*opened);
    store = std::make_unique<SqlStore>(database, random);
    directory = Make(slapd.Settings());
  }
  std::unique_ptr<LdapDirectory> Make(LdapSettings settings) {
    auto made = LdapDirectory::Make(std::move(settings), database, *store, clock);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    return std::move(*made);
  }
  bool Right(std::string_view password) {
    const Result<bool> right = directory->Verify(kAliceId, Hidden(password));
    EXPECT_TRUE(right.ok()) << right.error().detail;
    return right.ok() && *right;
  }
  SetReply Set(const char* transaction, std::string_view password) {
    return directory->SetPassword(transaction, kAliceId, Hidden(password));
  }
  void ChangeAlice(const std::string& change) {
    slapd.Modify(std::string("dn: ") + kAliceDn + "\nchangetype: modify\n" + change + "\n");
  }
  void TimePasses() { clock.Advance(60); }

  test::ScratchFolder folder;
  SystemRandom random;
  FakeClock clock;
  Slapd slapd;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<LdapDirectory> directory;
};

TEST_F(LdapDirectoryTest, ReasonsOfThePasswordPolicyAreTold_AndAnotherPasswordMayFollow) {
  const SetReply too_short = Set("t1", "short");
  EXPECT_EQ(too_short, SetOutcome::kNotSet);
  EXPECT_EQ(too_short.refusal, RefusalCode::kPasswordTooShort);
  EXPECT_EQ(Set("t1", kGood), SetOutcome::kSet) << "for the same transaction";
  EXPECT_EQ(Set("t2", "another good one"), SetOutcome::kSet);
  EXPECT_EQ(Set("t3", kGood).refusal, RefusalCode::kPasswordRecentlyUsed);
  EXPECT_EQ(Set("t3", "another good one").refusal, RefusalCode::kPasswordRecentlyUsed);
  EXPECT_TRUE(Right("another good one"));
  slapd.Modify(
      "dn: cn=default,ou=policies,dc=example,dc=org\nchangetype: modify\nadd: pwdMinAge\n"
      "pwdMinAge: 3600\n");
  EXPECT_EQ(Set("t4", "yet another one").refusal, RefusalCode::kPasswordTooYoung);
}

TEST_F(LdapDirectoryTest, RefusalWithoutAReason_IsFinal) {
  slapd.Modify(
      "dn: cn=default,ou=policies,dc=example,dc=org\nchangetype: modify\nadd: "
      "pwdAllowUserChange\npwdAllowUserChange: FALSE\n");
  const SetReply reply = directory->SetPassword("t1", kAliceId, Hidden(""));
  EXPECT_EQ(reply, SetOutcome::kNotSet);
  EXPECT_FALSE(reply.refusal.has_value());
  EXPECT_FALSE(reply.detail.empty());
  EXPECT_EQ(Set("t1", kGood), SetOutcome::kNotSet);
}

TEST_F(LdapDirectoryTest, LockOfTheDirectoryIsSeenAndTakenAway) {
  ASSERT_EQ(Set("t1", kGood), SetOutcome::kSet);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Right("wrong"));
  EXPECT_FALSE(Right(kGood));
  EXPECT_TRUE(directory->GetFresh(kAliceId)->locked);
  EXPECT_TRUE(directory->GetFresh(kAliceId)->enabled);
  ASSERT_TRUE(directory->Unlock(kAliceId).ok());
  EXPECT_FALSE(directory->GetFresh(kAliceId)->locked);
  EXPECT_TRUE(Right(kGood));
}

TEST_F(LdapDirectoryTest, WhoIsLockedForGoodOrExpiredIsDisabled) {
  ChangeAlice("add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n");
  EXPECT_FALSE(directory->Find("alice")->enabled);
  ChangeAlice("delete: pwdAccountLockedTime\n");
  EXPECT_TRUE(directory->Find("alice")->enabled);
  ChangeAlice(
      "add: objectClass\nobjectClass: shadowAccount\n-\nadd: shadowExpire\nshadowExpire: 1\n");
  EXPECT_FALSE(directory->Find("alice")->enabled);
}

TEST_F(LdapDirectoryTest, SetThatComesLongAfterItWasAnnounced_DoesNothingBehindASettlement) {
  directory->Announce("t1", *directory->GetFresh(kAliceId));
  clock.Advance(600);
  EXPECT_EQ(directory->Settle("t1"), SetOutcome::kNotSet);
  EXPECT_EQ(Set("t1", kGood), SetOutcome::kNotSet);
  EXPECT_FALSE(Right(kGood));
}

TEST_F(LdapDirectoryTest, EmptyPasswordIsNeverBound_ThoughTheServerWouldTakeIt) {
  ASSERT_EQ(Set("t1", kGood), SetOutcome::kSet);
  EXPECT_FALSE(Right(""));
  EXPECT_FALSE(Right(std::string("\0a good password", 16)));
  EXPECT_FALSE(Right(std::string("a good password\0x", 17)));
}

TEST_F(LdapDirectoryTest, NameIsAValueOfTheFilter_NotAPieceOfIt) {
  for (const char* name :
       {"*", "al*", "alice)(uid=*", "\\2a", "ali\\63e", "(", "", "ALICE", " alice", "nobody"}) {
    EXPECT_FALSE(directory->Find(name).has_value()) << name;
  }
  EXPECT_EQ(EscapedForFilter("a*)(\\\x01"), "a\\2a\\29\\28\\5c\\01");
  ASSERT_TRUE(directory->Find("alice").has_value());
}

TEST_F(LdapDirectoryTest, TwoEntriesOfOneNameAreNobody) {
  EXPECT_FALSE(directory->Find("twin").has_value());
}

TEST_F(LdapDirectoryTest, GroupsAreThoseRightBelowTheBase) {
  EXPECT_EQ(directory->Find("alice")->groups, std::vector<std::string>{"staff"});
}

TEST_F(LdapDirectoryTest, PersonStaysTheSame_WhateverTheEntryIsCalled) {
  ASSERT_EQ(Set("t1", kGood), SetOutcome::kSet);
  slapd.Modify(std::string("dn: ") + kAliceDn +
               "\nchangetype: modrdn\nnewrdn: uid=alicia\ndeleteoldrdn: 1\n");
  EXPECT_FALSE(directory->Find("alice").has_value());
  TimePasses();
  const auto renamed = directory->Get(kAliceId);
  ASSERT_TRUE(renamed.has_value());
  EXPECT_EQ(renamed->username, "alicia");
  EXPECT_TRUE(Right(kGood));
}

TEST_F(LdapDirectoryTest, FirstSignInMakesARowForTheMethodsToHangOn) {
  EXPECT_FALSE(store->GetUser(kAliceId).has_value());
  ASSERT_EQ(Set("t1", kGood), SetOutcome::kSet);
  EXPECT_FALSE(Right("wrong"));
  EXPECT_FALSE(store->GetUser(kAliceId).has_value());
  EXPECT_TRUE(Right(kGood));
  ASSERT_TRUE(store->GetUser(kAliceId).has_value());
  EXPECT_EQ(store->GetUser(kAliceId)->username, "alice");
}

TEST_F(LdapDirectoryTest, ClaimOfACrash_IsSettledByWhatTheDirectoryHolds) {
  directory->Announce("t1", *directory->Find("alice"));
  const auto after_restart = Make(slapd.Settings());
  EXPECT_EQ(after_restart->Settle("t1"), SetOutcome::kUnknown) << "the one who asked may yet live";
  TimePasses();
  EXPECT_EQ(after_restart->Settle("t1"), SetOutcome::kNotSet);
  EXPECT_EQ(after_restart->SetPassword("t1", kAliceId, Hidden(kGood)), SetOutcome::kNotSet);

  directory->Announce("t2", *directory->Find("alice"));
  slapd.SetPassword(Slapd::kServiceDn, Slapd::kServicePassword, kAliceDn, kGood);
  TimePasses();
  EXPECT_EQ(after_restart->Settle("t2"), SetOutcome::kSet);
  EXPECT_EQ(after_restart->Settle("t2"), SetOutcome::kSet);

  directory->Announce("t3", *directory->Find("alice"));
  slapd.SetPassword(Slapd::kAdminDn, Slapd::kAdminPassword, kAliceDn, "by somebody else");
  TimePasses();
  EXPECT_EQ(after_restart->Settle("t3"), SetOutcome::kNotSet);
}

TEST_F(LdapDirectoryTest, TransactionIsAnnouncedOnce) {
  const DirectoryUser alice = *directory->Find("alice");
  directory->Announce("t1", alice);
  EXPECT_THROW(directory->Announce("t1", alice), StoreFailure);
  EXPECT_EQ(Set("t1", kGood), SetOutcome::kSet);
}

TEST_F(LdapDirectoryTest, SetCostsOneExchange) {
  LdapSettings settings = slapd.Settings();
  FaultProxy relay(std::stoi(settings.url.substr(settings.url.rfind(':') + 1)));
  settings.url = "ldaps://127.0.0.1:" + std::to_string(relay.port());
  const auto relayed = Make(settings);
  relayed->Announce("t1", *relayed->GetFresh(kAliceId));
  const int before = relay.exchanges();
  EXPECT_EQ(relayed->SetPassword("t1", kAliceId, Hidden(kGood)), SetOutcome::kSet);
  EXPECT_EQ(relay.exchanges() - before, 1);
}

TEST_F(LdapDirectoryTest, ServerThatComesBackIsUsedAgain) {
  ASSERT_EQ(Set("t1", kGood), SetOutcome::kSet);
  slapd.Stop();
  EXPECT_THROW((void)directory->Find("alice"), StoreFailure);
  EXPECT_FALSE(directory->Verify(kAliceId, Hidden(kGood)).ok());
  const SetReply reply = Set("t2", "while it is down");
  EXPECT_FALSE(reply == SetOutcome::kSet);
  slapd.Start();
  TimePasses();
  EXPECT_TRUE(Right(kGood));
  EXPECT_EQ(Set("t3", "another good one"), SetOutcome::kSet);
}

TEST_F(LdapDirectoryTest, KeptConnectionThatTheServerClosed_IsNotNoticed) {
  ASSERT_TRUE(directory->Find("alice").has_value());
  slapd.Stop();
  slapd.Start();
  EXPECT_EQ(Set("t1", kGood), SetOutcome::kSet);
  EXPECT_TRUE(Right(kGood));
}

TEST_F(LdapDirectoryTest, ServerOfAnotherAuthorityGetsNoPassword) {
  const Slapd other(Slapd::Policy::kNone);
  LdapSettings settings = slapd.Settings();
  settings.ca_file = other.Settings().ca_file;
  EXPECT_FALSE(TryDirectory(settings, clock).ok());
  settings.url = slapd.PlainUrl();
  settings.start_tls = true;
  EXPECT_FALSE(TryDirectory(settings, clock).ok());
  settings.ca_file = slapd.Settings().ca_file;
  const Status good = TryDirectory(settings, clock);
  EXPECT_TRUE(good.ok()) << good.error().detail;
}

TEST_F(LdapDirectoryTest, WrongSettingsAreToldInASentence) {
  LdapSettings settings = slapd.Settings();
  settings.base = "ou=nowhere,dc=example,dc=org";
  EXPECT_NE(TryDirectory(settings, clock).error().detail.find("ou=nowhere"), std::string::npos);
  settings = slapd.Settings();
  settings.bind_dn = Slapd::kAdminDn;
  EXPECT_NE(TryDirectory(settings, clock).error().detail.find("Invalid credentials"),
            std::string::npos);
  settings = slapd.Settings();
  settings.url = "ldap://192.0.2.1";
  EXPECT_NE(TryDirectory(settings, clock).error().detail.find("STARTTLS"), std::string::npos);
}

class DirectoryDoctorTest : public LdapDirectoryTest {
 protected:
  // "level id" of all that is not good, and of what is said of rights.
  std::vector<std::string> Findings(const LdapSettings& settings, const Policy* policy = nullptr) {
    DoctorReport report;
    CheckDirectory({.settings = settings, .clock = clock, .person = "alice", .policy = policy},
                   report);
    std::vector<std::string> lines;
    for (const DoctorFinding& one : report.findings()) {
      texts += one.text + "\n";
      if (one.level == FindingLevel::kGood && one.id != "directory.rights") continue;
      lines.push_back(std::string(Name(one.level)) + " " + one.id);
    }
    return lines;
  }
  using Lines = std::vector<std::string>;
  std::string texts;
};

TEST_F(DirectoryDoctorTest, RightsAreShownByWhatIsRefused_AndNothingIsChanged) {
  ASSERT_EQ(Set("t1", kGood), SetOutcome::kSet);
  const std::string before = directory->GetFresh(kAliceId)->state_before;
  clock.Advance(std::time(nullptr) - clock.Now());
  EXPECT_EQ(Findings(slapd.Settings()),
            (Lines{"warning directory.certificate", "ok directory.rights", "ok directory.rights"}));
  EXPECT_EQ(directory->GetFresh(kAliceId)->state_before, before);
  EXPECT_TRUE(Right(kGood));

  // Somebody else may read all of it, and write nothing.
  slapd.Modify(
      "dn: cn=reader,ou=services,dc=example,dc=org\nchangetype: add\nobjectClass: device\n"
      "objectClass: simpleSecurityObject\ncn: reader\nuserPassword: service-password\n");
  LdapSettings reader = slapd.Settings();
  reader.bind_dn = "cn=reader,ou=services,dc=example,dc=org";
  EXPECT_EQ(Findings(reader), (Lines{"warning directory.certificate", "fault directory.rights",
                                     "fault directory.rights"}));
  EXPECT_EQ(directory->GetFresh(kAliceId)->state_before, before);
}

TEST_F(DirectoryDoctorTest, LockThatIsThereStaysThere) {
  ASSERT_EQ(Set("t1", kGood), SetOutcome::kSet);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Right("wrong"));
  (void)Findings(slapd.Settings());
  EXPECT_TRUE(directory->GetFresh(kAliceId)->locked);
}

TEST_F(DirectoryDoctorTest, RulesThatDisagreeAreNamed) {
  Policy policy = LoadPolicy(*store);
  policy.min_length = 6;
  policy.history = 5;
  slapd.Modify(
      "dn: cn=default,ou=policies,dc=example,dc=org\nchangetype: modify\nadd: pwdMinAge\n"
      "pwdMinAge: 3600\n");
  clock.Advance(std::time(nullptr) - clock.Now());
  const Lines found = Findings(slapd.Settings(), &policy);
  for (const char* line :
       {"warning policy.min_length", "warning policy.history", "warning policy.min_age"}) {
    EXPECT_NE(std::ranges::find(found, line), found.end()) << line;
  }
  EXPECT_NE(texts.find("wants 8 characters, the policy here 6"), std::string::npos) << texts;
  EXPECT_NE(texts.find("60 minutes"), std::string::npos) << texts;
}

TEST_F(DirectoryDoctorTest, WhatIsInTheWayIsToldApart) {
  LdapSettings settings = slapd.Settings();
  const Slapd other(Slapd::Policy::kNone);
  settings.ca_file = other.Settings().ca_file;
  EXPECT_EQ(Findings(settings), Lines{"fault directory.reach"});
  EXPECT_NE(texts.find("no TLS was agreed on"), std::string::npos) << texts;
  settings = slapd.Settings();
  settings.url = "ldaps://127.0.0.1:1";
  texts.clear();
  EXPECT_EQ(Findings(settings), Lines{"fault directory.reach"});
  EXPECT_NE(texts.find("nobody listens at port 1"), std::string::npos) << texts;
  settings = slapd.Settings();
  settings.bind_dn = Slapd::kAdminDn;
  texts.clear();
  clock.Advance(std::time(nullptr) - clock.Now());
  EXPECT_EQ(Findings(settings),
            (Lines{"warning directory.certificate", "fault directory.sign_in"}));
  settings = slapd.Settings();
  settings.base = "ou=nowhere,dc=example,dc=org";
  EXPECT_EQ(Findings(settings).back(), "fault directory.people");
}

TEST(LdapUser, TimesAndIdentifiersAreReadStrictly) {
  EXPECT_EQ(GeneralizedTime("20260101000000Z"), 1767225600);
  EXPECT_EQ(GeneralizedTime("20260101000000.123456Z"), 1767225600);
  for (const char* wrong : {"", "Z", "20260101", "20260101000000", "2026-01-01 00:00Z"}) {
    EXPECT_FALSE(GeneralizedTime(wrong).has_value()) << wrong;
  }
  EXPECT_EQ(IdOfEntry(kEntryUuid, kAliceUuid), kAliceId);
  EXPECT_EQ(EntryOfId(kEntryUuid, kAliceId), kAliceUuid);
  EXPECT_FALSE(IdOfEntry(kEntryUuid, "*").has_value());
  EXPECT_FALSE(EntryOfId(kEntryUuid, "11111111222243338444*").has_value());
  constexpr char kUniqueId[] = "b2a1619a-eb8e11f1-b782dd6a-2dc91ac7";
  constexpr char kIdOfIt[] = "b2a1619aeb8e11f1b782dd6a2dc91ac7";
  EXPECT_EQ(IdOfEntry(kNsUniqueId, kUniqueId), kIdOfIt);
  EXPECT_EQ(EntryOfId(kNsUniqueId, kIdOfIt), kUniqueId);
  EXPECT_FALSE(IdOfEntry(kNsUniqueId, kAliceUuid).has_value());
  EXPECT_FALSE(IdOfEntry(kEntryUuid, kUniqueId).has_value());
}

}  // namespace
}  // namespace sspr::service
