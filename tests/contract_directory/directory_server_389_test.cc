// SPDX-License-Identifier: Apache-2.0
// Against a real 389 Directory Server, which dirsrv_389.py has started: the contract of all
// directories, and what is true of this one alone. The service's account has delegated rights on
// ou=people and no others.
#include "service/directory/directory_server_389.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "service/doctor/directory_checks.h"
#include "service/store/sql_store.h"
#include "tests/contract_directory/directory_contract.h"
#include "tests/contract_directory/directory_server_389.h"
#include "tests/contract_directory/fault_proxy.h"

namespace sspr::service {
namespace {

constexpr char kStrict[] = "cn=strict,cn=nsPwPolicyContainer,ou=people,dc=example,dc=org";
constexpr char kHidden[] =
    "(targetattr = \"entryUUID\")(version 3.0; acl \"hidden\"; deny (read, search) userdn = "
    "\"ldap:///anyone\";)";
constexpr char kNoUnlock[] =
    "(targetattr = \"accountUnlockTime || passwordRetryCount\")(version 3.0; acl \"no unlock\"; "
    "deny (write) userdn = \"ldap:///anyone\";)";
constexpr char kGood[] = "Correct-Horse-7";
constexpr char kOther[] = "Northern-Wind-8";
constexpr char kThird[] = "Yet-Another-One-9";

using Worlds = testing::Types<World389, World389ThroughAnAgent>;
INSTANTIATE_TYPED_TEST_SUITE_P(DirectoryServer389, DirectoryContract, Worlds);

class Directory389Test : public testing::Test, protected World389 {
 protected:
  bool Right(std::string_view password) {
    const Result<bool> right = ldap->Verify(Id(), Hidden(password));
    EXPECT_TRUE(right.ok()) << right.error().detail;
    return right.ok() && *right;
  }
  SetReply Set(const char* transaction, std::string_view password) {
    return ldap->SetPassword(transaction, Id(), Hidden(password));
  }
  std::optional<RefusalCode> Refusal(std::string_view password) {
    const SetReply reply = Set(("t" + std::to_string(++count)).c_str(), password);
    EXPECT_EQ(reply, SetOutcome::kNotSet) << password;
    EXPECT_FALSE(reply.detail.empty());
    return reply.refusal;
  }
  // By and by: see UntilAliceHas.
  bool BecomesRight(std::string_view password) {
    constexpr int kMostTries = 10'000;
    for (int tries = 0; tries < kMostTries; ++tries) {
      if (Right(password)) return true;
      usleep(1000);
    }
    return false;
  }
  // Signs in wrongly until the server has had enough of it.
  bool BecomesLocked() {
    constexpr int kMostTries = 100;
    for (int tries = 0; tries < kMostTries && !Alice().locked; ++tries)
      EXPECT_FALSE(Right("wrong"));
    return Alice().locked;
  }
  DirectoryUser Alice() { return *ldap->GetFresh(Id()); }
  // The server's times are whole seconds: what is to be seen as later is done in a later one.
  void UntilTheNextSecond() {
    const std::time_t now = std::time(nullptr);
    while (std::time(nullptr) == now) usleep(10'000);
    clock.Advance(std::time(nullptr) - clock.Now());
  }
  int count = 0;
};

TEST_F(Directory389Test, RulesThatRefuseAreToldApart) {
  server.Configure(
      "passwordCheckSyntax: on|passwordMinLength: 9|passwordMinCategories: 3|passwordHistory: on|"
      "passwordInHistory: 5|");
  EXPECT_EQ(Refusal("Short-7"), RefusalCode::kPasswordTooShort);
  EXPECT_EQ(Refusal("onlysmallletters"), RefusalCode::kPasswordTooWeak);
  EXPECT_EQ(Refusal("Alice-Example-7"), RefusalCode::kPasswordTooWeak) << "it is her name";
  EXPECT_EQ(Set("u1", "Short-7").refusal, RefusalCode::kPasswordTooShort);
  EXPECT_EQ(Set("u1", kGood), SetOutcome::kSet) << "for the same transaction";
  EXPECT_EQ(Refusal(kGood), RefusalCode::kPasswordRecentlyUsed);
  EXPECT_EQ(Set("u2", kOther), SetOutcome::kSet);
  server.UntilAliceHas("passwordHistory:");
  EXPECT_EQ(Refusal(kGood), RefusalCode::kPasswordRecentlyUsed);
  server.Configure("passwordMinAge: 3600|");
  EXPECT_EQ(Set("u3", kThird), SetOutcome::kSet) << "the time runs from the next set on";
  server.UntilAliceHas("passwordAllowChangeTime:");
  EXPECT_EQ(Refusal("And-The-Last-10"), RefusalCode::kPasswordTooYoung);
  EXPECT_TRUE(Right(kThird));
}

TEST_F(Directory389Test, PolicyOfThePersonsOwnCounts) {
  server.Try("ldapdelete", std::string(kStrict) + "\ncn=nsPwPolicyContainer," + kPeople + "\n");
  server.Modify(std::string("dn: cn=nsPwPolicyContainer,") + kPeople +
                "\nchangetype: add\nobjectClass: nsContainer\n\ndn: " + kStrict +
                "\nchangetype: add\nobjectClass: ldapsubentry\nobjectClass: passwordpolicy\n"
                "passwordCheckSyntax: on\npasswordMinLength: 20\npasswordMinCategories: 1\n");
  EXPECT_EQ(Set("u1", kGood), SetOutcome::kSet);
  server.ChangeAlice(std::string("add: pwdPolicySubentry\npwdPolicySubentry: ") + kStrict);
  EXPECT_EQ(Refusal(kOther), RefusalCode::kPasswordTooShort);
  EXPECT_EQ(Set("u2", "twenty characters or more"), SetOutcome::kSet);
}

// By RFC 3062 it would have to be changed at once.
TEST_F(Directory389Test, PasswordIsForGood_AlsoWhereAnAdministratorsResetIsNot) {
  server.Configure("passwordMustChange: on|");
  EXPECT_EQ(Set("u1", kGood), SetOutcome::kSet);
  EXPECT_TRUE(Right(kGood));
  server.Modify(std::string("dn: ") + kAliceDn +
                "\nchangetype: modify\nreplace: userPassword\nuserPassword: By-An-Admin-1\n");
  server.UntilAliceHas("pwdReset: TRUE");
  EXPECT_FALSE(Right("By-An-Admin-1")) << "nobody is signed in with what has to be changed first";
  EXPECT_EQ(Set("u2", kOther), SetOutcome::kSet);
  EXPECT_TRUE(BecomesRight(kOther));
}

TEST_F(Directory389Test, PasswordThatLooksLikeAHashIsNotTakenForOne) {
  for (const char* rules : {"passwordCheckSyntax: off|", "passwordCheckSyntax: on|"}) {
    server.Configure(rules);
    for (const char* text : {"{CLEAR}Correct-Horse-7", "{clear}Correct-Horse-7",
                             "{SSHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=", "{nobody}Knows-This-7"}) {
      const SetReply reply = Set(("h" + std::to_string(++count)).c_str(), text);
      const bool is_refused = reply.refusal == RefusalCode::kPasswordInvalid;
      EXPECT_TRUE(is_refused || (reply == SetOutcome::kSet && Right(text))) << text;
      EXPECT_FALSE(Right(kGood)) << text;
    }
  }
}

TEST_F(Directory389Test, LockOfTheDirectoryIsSeenAndTakenAway) {
  server.Configure("passwordLockout: on|passwordMaxFailure: 3|");
  ASSERT_EQ(Set("u1", kGood), SetOutcome::kSet);
  EXPECT_FALSE(Alice().locked);
  ASSERT_TRUE(BecomesLocked());
  EXPECT_FALSE(Right(kGood));
  EXPECT_TRUE(Alice().enabled);
  ASSERT_TRUE(ldap->Unlock(Id()).ok());
  EXPECT_FALSE(Alice().locked);
  EXPECT_TRUE(Right(kGood));
  ASSERT_TRUE(ldap->Unlock(Id()).ok()) << "there is nothing to do";
}

TEST_F(Directory389Test, ResetEndsALock_AlsoOneWithoutAnEnd) {
  for (const char* unlock : {"on", "off"}) {
    server.Configure(std::string("passwordLockout: on|passwordMaxFailure: 3|passwordUnlock: ") +
                     unlock + "|");
    ASSERT_TRUE(BecomesLocked()) << unlock;
    ASSERT_EQ(Set(("u" + std::to_string(++count)).c_str(), kGood), SetOutcome::kSet);
    EXPECT_FALSE(Alice().locked) << unlock;
    EXPECT_TRUE(Right(kGood)) << unlock;
  }
}

TEST_F(Directory389Test, ResetByAnAccountThatMayNotUnlock_LeavesThatToTheServer) {
  const std::string change = std::string("dn: ") + kPeople + "\nchangetype: modify\n";
  server.Configure("passwordLockout: on|passwordMaxFailure: 3|");
  ASSERT_EQ(Set("u1", kGood), SetOutcome::kSet);
  ASSERT_TRUE(BecomesLocked());
  server.Modify(change + "add: aci\naci: " + kNoUnlock + "\n");
  const Status unlocked = ldap->Unlock(Id());
  const SetReply set = Set("u2", kOther);
  server.Modify(change + "delete: aci\naci: " + kNoUnlock + "\n");
  EXPECT_FALSE(unlocked.ok());
  EXPECT_EQ(set, SetOutcome::kSet);
  EXPECT_TRUE(BecomesRight(kOther));
  EXPECT_FALSE(Alice().locked) << "though the time of the unlock still stands there";
}

TEST_F(Directory389Test, WhoIsDisabledIsNotEnabledByAReset) {
  server.ChangeAlice("add: nsAccountLock\nnsAccountLock: true");
  EXPECT_FALSE(Alice().enabled);
  EXPECT_EQ(Set("u1", kGood), SetOutcome::kSet);
  EXPECT_FALSE(Alice().enabled);
  EXPECT_FALSE(Right(kGood));
  server.ChangeAlice("delete: nsAccountLock");
  EXPECT_TRUE(Alice().enabled);
  EXPECT_TRUE(Right(kGood));
}

TEST_F(Directory389Test, PasswordThatIsOverIsReset) {
  server.Configure("passwordExp: on|passwordMaxAge: 86400|passwordWarning: 3600|");
  ASSERT_EQ(Set("u1", kGood), SetOutcome::kSet);
  EXPECT_TRUE(Right(kGood));
  server.ChangeAlice("replace: passwordExpirationTime\npasswordExpirationTime: 20200101000000Z");
  EXPECT_FALSE(Right(kGood));
  EXPECT_TRUE(Alice().enabled);
  ASSERT_EQ(Set("u2", kOther), SetOutcome::kSet);
  EXPECT_TRUE(BecomesRight(kOther));
}

TEST_F(Directory389Test, GroupsArePerMember) {
  server.Try("ldapdelete",
             std::string("cn=staff,ou=groups,") + kBase + "\ncn=crew,ou=groups," + kBase + "\n");
  server.Modify(std::string("dn: cn=staff,ou=groups,") + kBase +
                "\nchangetype: add\nobjectClass: groupOfNames\nmember: " + kAliceDn +
                "\n\ndn: cn=crew,ou=groups," + kBase +
                "\nchangetype: add\nobjectClass: groupOfUniqueNames\nuniqueMember: " + kAliceDn +
                "\n");
  EXPECT_EQ(Alice().groups, (std::vector<std::string>{"crew", "staff"}));
}

TEST_F(Directory389Test, PersonWithoutAnEntryUuid_IsKnownByNsUniqueId) {
  LdapSettings settings = Server389::Settings();
  settings.id_attribute = "nsUniqueId";
  const auto by_unique_id = Make(settings);
  const auto alice = by_unique_id->Find("alice");
  ASSERT_TRUE(alice.has_value());
  EXPECT_NE(alice->id, Id());
  EXPECT_EQ(by_unique_id->GetFresh(alice->id)->username, "alice");
  EXPECT_FALSE(by_unique_id->GetFresh(Id()).has_value());
  EXPECT_EQ(by_unique_id->SetPassword("u1", alice->id, Hidden(kGood)), SetOutcome::kSet);
  EXPECT_TRUE(*by_unique_id->Verify(alice->id, Hidden(kGood)));
}

TEST_F(Directory389Test, TimeOfTheSetIsKnownWhereTheServerKeepsIt) {
  ASSERT_EQ(Set("u1", kGood), SetOutcome::kSet);
  EXPECT_EQ(Alice().password_changed_at, 0);
  server.Configure("passwordTrackUpdateTime: on|");
  const std::time_t before = std::time(nullptr);
  ASSERT_EQ(Set("u2", kOther), SetOutcome::kSet);
  server.UntilAliceHas("pwdUpdateTime:");
  EXPECT_GE(Alice().password_changed_at, before);
  EXPECT_LE(Alice().password_changed_at, std::time(nullptr));
}

TEST_F(Directory389Test, ClaimOfACrash_IsSettledByWhatTheDirectoryHolds) {
  for (const char* tracks : {"off", "on"}) {
    server.Configure(std::string("passwordTrackUpdateTime: ") + tracks + "|");
    const std::string not_asked = std::string("not-asked-") + tracks;
    const std::string asked = std::string("asked-") + tracks;
    UntilTheNextSecond();
    ldap->Announce(not_asked, *ldap->Find("alice"));
    EXPECT_EQ(Make(Server389::Settings())->Settle(not_asked), SetOutcome::kUnknown);
    clock.Advance(60);
    EXPECT_EQ(Make(Server389::Settings())->Settle(not_asked), SetOutcome::kNotSet) << tracks;

    clock.Advance(std::time(nullptr) - clock.Now());
    ldap->Announce(asked, *ldap->Find("alice"));
    // As of a process that dies before it writes down what it was told.
    ASSERT_EQ(ldap->SetPassword(asked, Id(), Hidden(kGood)), SetOutcome::kSet);
    clock.Advance(60);
    EXPECT_EQ(Make(Server389::Settings())->Settle(asked), SetOutcome::kSet) << tracks;
    clock.Advance(std::time(nullptr) - clock.Now());
  }
}

TEST_F(Directory389Test, SetAndRefusalCostOneExchangeEach) {
  server.Configure("passwordCheckSyntax: on|passwordMinLength: 9|passwordMinCategories: 3|");
  FaultProxy relay(Server389::Port());
  LdapSettings settings = Server389::Settings();
  settings.url = "ldaps://127.0.0.1:" + std::to_string(relay.port());
  const auto relayed = Make(settings);
  relayed->Announce("t1", *relayed->GetFresh(Id()));
  int before = relay.exchanges();
  EXPECT_EQ(relayed->SetPassword("t1", Id(), Hidden("Short-7")).refusal,
            RefusalCode::kPasswordTooShort);
  EXPECT_EQ(relay.exchanges() - before, 1);
  relayed->Announce("t2", *relayed->GetFresh(Id()));
  before = relay.exchanges();
  EXPECT_EQ(relayed->SetPassword("t2", Id(), Hidden(kGood)), SetOutcome::kSet);
  EXPECT_EQ(relay.exchanges() - before, 1);
}

TEST_F(Directory389Test, EmptyPasswordIsNeverSent) {
  ASSERT_EQ(Set("u1", kGood), SetOutcome::kSet);
  EXPECT_EQ(Set("u2", ""), SetOutcome::kNotSet);
  EXPECT_EQ(Set("u3", std::string("Correct\0Horse-7", 15)), SetOutcome::kNotSet);
  EXPECT_FALSE(Right(""));
  EXPECT_TRUE(Right(kGood));
}

class Doctor389Test : public Directory389Test {
 protected:
  using Lines = std::vector<std::string>;
  // "level id" of all that is not good, and of what is said of rights.
  Lines Findings(const LdapSettings& settings, const Policy* policy = nullptr) {
    DoctorReport report;
    texts.clear();
    CheckDirectory({.settings = settings, .clock = clock, .person = "alice", .policy = policy},
                   report);
    Lines lines;
    for (const DoctorFinding& one : report.findings()) {
      texts += one.subject + ": " + one.text + "\n";
      if (one.level == FindingLevel::kGood && one.id != "directory.rights") continue;
      if (one.id == "directory.certificate") continue;  // it is of two days
      lines.push_back(std::string(Name(one.level)) + " " + one.id);
    }
    return lines;
  }
  std::string texts;
};

TEST_F(Doctor389Test, RightsAreShownByWhatIsRefused_AndNothingIsChanged) {
  const std::string before = Alice().state_before;
  EXPECT_EQ(Findings(Server389::Settings()),
            (Lines{"ok directory.rights", "ok directory.rights", "ok directory.rights"}));
  EXPECT_EQ(Alice().state_before, before);
  server.Try("ldapdelete", std::string("cn=reader,ou=services,") + kBase + "\n");
  server.Modify(std::string("dn: cn=reader,ou=services,") + kBase +
                "\nchangetype: add\nobjectClass: applicationProcess\n"
                "objectClass: simpleSecurityObject\nuserPassword: service-password\n");
  LdapSettings reader = Server389::Settings();
  reader.bind_dn = std::string("cn=reader,ou=services,") + kBase;
  EXPECT_EQ(Findings(reader),
            (Lines{"fault directory.rights", "fault directory.rights", "fault directory.rights"}));
}

TEST_F(Doctor389Test, PersonWithoutTheIdentifierIsNamed) {
  // As of a server from before it gave UUIDs: the account may not read hers.
  server.Modify(std::string("dn: ") + kPeople + "\nchangetype: modify\nadd: aci\naci: " + kHidden +
                "\n");
  const Lines found = Findings(Server389::Settings());
  const bool is_found = ldap->Find("alice").has_value();
  LdapSettings settings = Server389::Settings();
  settings.id_attribute = "nsUniqueId";
  const Lines found_by_unique_id = Findings(settings);
  const bool is_found_by_unique_id = Make(settings)->Find("alice").has_value();
  server.Modify(std::string("dn: ") + kPeople +
                "\nchangetype: modify\ndelete: aci\naci: " + kHidden + "\n");
  EXPECT_EQ(found.front(), "fault directory.people");
  EXPECT_FALSE(is_found);
  EXPECT_EQ(found_by_unique_id.front(), "ok directory.rights");
  EXPECT_TRUE(is_found_by_unique_id);
}

// What the attributes of FreeIPA mean, in entries of this server: no FreeIPA is here.
TEST_F(Doctor389Test, AttributesOfFreeIpaAreHeeded) {
  server.ChangeAlice(
      "add: objectClass\nobjectClass: krbPrincipalAux\n-\nadd: krbPasswordExpiration\n"
      "krbPasswordExpiration: 20260101000000Z");
  EXPECT_EQ(Findings(Server389::Settings()).back(), "warning directory.born_expired");
  EXPECT_NE(texts.find("passSyncManagersDNs"), std::string::npos) << texts;
  EXPECT_TRUE(Alice().enabled);
  server.ChangeAlice("add: krbPrincipalExpiration\nkrbPrincipalExpiration: 20200101000000Z");
  EXPECT_FALSE(Alice().enabled);
}

TEST_F(Doctor389Test, RulesThatDisagreeAreNamed) {
  Policy policy = LoadPolicy(*store);
  policy.min_length = 6;
  policy.history = 5;
  EXPECT_EQ(Findings(Server389::Settings(), &policy).back(), "note policy.found")
      << "the service's account may not read cn=config";
  server.Configure(
      "passwordCheckSyntax: on|passwordMinLength: 9|passwordMinCategories: 3|passwordHistory: on|"
      "passwordInHistory: 2|passwordMinAge: 3600|");
  LdapSettings reader = Server389::Settings();
  reader.bind_dn = std::string("cn=policies,ou=services,") + kBase;
  server.Try("ldapdelete", reader.bind_dn + "\n");
  server.Modify("dn: " + reader.bind_dn +
                "\nchangetype: add\nobjectClass: applicationProcess\n"
                "objectClass: simpleSecurityObject\nuserPassword: service-password\n");
  server.Try("ldapmodify",
             "dn: cn=config\nchangetype: modify\nadd: aci\naci: (target = \"ldap:///cn=config\")"
             "(targetattr = \"objectClass || passwordCheckSyntax || passwordMinLength || "
             "passwordMinCategories || passwordHistory || passwordInHistory || passwordMinAge\")"
             "(version 3.0; acl \"sspr reads the policy\"; allow (read, search) userdn = "
             "\"ldap:///" +
                 reader.bind_dn + "\";)\n");
  const Lines found = Findings(reader, &policy);
  for (const char* line : {"warning policy.min_length", "warning policy.min_classes",
                           "warning policy.history", "warning policy.min_age"}) {
    EXPECT_NE(std::ranges::find(found, line), found.end()) << line << "\n" << texts;
  }
  EXPECT_NE(texts.find("wants 9 characters, the policy here 6"), std::string::npos) << texts;
}

TEST(Reasons389, WordsOfFreeIpaAreKnown) {
  const auto reason = [](const char* said) {
    return ReasonOf389({.code = 19, .is_answered = true, .said = said});
  };
  EXPECT_EQ(reason("Password reuse not permitted"), RefusalCode::kPasswordRecentlyUsed);
  EXPECT_EQ(reason("Too soon to change password"), RefusalCode::kPasswordTooYoung);
  EXPECT_EQ(reason("Password is too short"), RefusalCode::kPasswordTooShort);
  EXPECT_EQ(reason("something else"), RefusalCode::kPasswordInvalid);
  EXPECT_FALSE(ReasonOf389({.code = 50, .is_answered = true, .said = "in history"}).has_value());
}

}  // namespace
}  // namespace sspr::service
