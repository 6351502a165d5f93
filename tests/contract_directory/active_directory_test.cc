// SPDX-License-Identifier: Apache-2.0
// Against a real Samba domain controller, which samba_dc.py has started: the service's account has
// delegated rights on OU=Staff alone.
#include "service/directory/active_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "service/directory/ldap_directory.h"
#include "service/directory/try_directory.h"
#include "service/doctor/directory_checks.h"
#include "service/store/sql_store.h"
#include "tests/contract_directory/fault_proxy.h"
#include "tests/fakes/fake_clock.h"
#include "tests/setpw/scratch_folder.h"
#include "tests/writeback/agent_world.h"

namespace sspr::service {
namespace {

constexpr char kDomain[] = "DC=ad,DC=example,DC=test";
constexpr char kFirst[] = "Begin-Pw-1x";
constexpr char kGood[] = "Correct-Horse-7";

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + ": run me by samba_dc.py");
  return value;
}

class ActiveDirectoryTest : public testing::Test {
 protected:
  ActiveDirectoryTest() {
    std::signal(SIGPIPE, SIG_IGN);
    clock.Advance(std::time(nullptr) - clock.Now());
    auto opened = SqlDatabase::Open(folder.File("x.db"), 4);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database = std::move(*opened);
    store = std::make_unique<SqlStore>(database, random);
    auto made = LdapDirectory::Make(Settings(), database, *store, clock);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    directory = std::move(*made);
  }

  LdapSettings Settings() {
    LdapSettings settings;
    settings.kind = LdapKind::kActiveDirectory;
    settings.url = Environment("SSPR_DC_URL");
    settings.ca_file = Environment("SSPR_DC_CA");
    settings.bind_dn = std::string("CN=sspr,CN=Users,") + kDomain;
    settings.bind_password_file = Environment("SSPR_DC_PASSWORD_FILE");
    settings.base = kDomain;
    settings.user_filter = "(&(objectCategory=person)(objectClass=user)(sAMAccountName=%u))";
    settings.name_attribute = settings.account_attribute = "sAMAccountName";
    settings.display_attribute = "displayName";
    settings.group_base = kDomain;
    return settings;
  }

  void Run(const std::string& command) const {
    const std::string log = folder.File("log");
    if (std::system((command + " >" + log + " 2>&1 </dev/null").c_str()) != 0) {  // NOLINT
      std::ostringstream said;
      said << std::ifstream(log).rdbuf();
      throw std::runtime_error(command + ": " + said.str());
    }
  }
  void Tool(const std::string& words) const {
    Run("samba-tool " + words + " -s " + Environment("SSPR_DC_CONFIG"));
  }
  void Modify(const std::string& dn, const std::string& change) const {
    std::ofstream(folder.File("ldif")) << "dn: " << dn << "\nchangetype: modify\n"
                                       << change << "\n";
    Run("env -u LDAPNOINIT LDAPTLS_CACERT=" + Environment("SSPR_DC_CA") + " ldapmodify -x -H " +
        Environment("SSPR_DC_URL") + " -D Administrator@ad.example.test -w " +
        Environment("SSPR_DC_ADMIN_PASSWORD") + " -f " + folder.File("ldif"));
  }
  static std::string DnOf(const std::string& name) { return "CN=" + name + ",OU=Staff," + kDomain; }

  // A new person below OU=Staff; gives the id.
  std::string Person(const std::string& name) {
    Tool("user create " + name + " " + kFirst + " --userou=OU=Staff --given-name=" + name +
         " --surname=Example --use-username-as-cn");
    const auto user = directory->Find(name);
    if (!user) throw std::runtime_error(name + ": is not found");
    return user->id;
  }
  SetReply Set(const char* transaction, const std::string& id, std::string_view password) {
    return directory->SetPassword(transaction, id, Hidden(password));
  }
  bool Right(const std::string& id, std::string_view password) {
    const Result<bool> right = directory->Verify(id, Hidden(password));
    EXPECT_TRUE(right.ok()) << right.error().detail;
    return right.ok() && *right;
  }

  test::ScratchFolder folder;
  SystemRandom random;
  FakeClock clock;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<LdapDirectory> directory;
};

TEST_F(ActiveDirectoryTest, PersonIsFoundByNameAndById) {
  const std::string id = Person("anna");
  EXPECT_EQ(id.size(), 32U);
  for (const auto& user : {directory->Find("anna"), directory->GetFresh(id)}) {
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->id, id);
    EXPECT_EQ(user->username, "anna");
    EXPECT_EQ(user->display_name, "anna Example");
    EXPECT_EQ(user->local_account, "anna");
    EXPECT_TRUE(user->enabled);
    EXPECT_FALSE(user->locked);
    EXPECT_NEAR(static_cast<double>(user->password_changed_at),
                static_cast<double>(std::time(nullptr)), 3600);
  }
  for (const char* name : {"*", "ann*", "nobody", "anna)(cn=*", ""}) {
    EXPECT_FALSE(directory->Find(name).has_value()) << name;
  }
  EXPECT_TRUE(TryDirectory(Settings(), clock).ok());
}

TEST_F(ActiveDirectoryTest, NewPasswordIsRight_TheOldOneIsNot_AndNeedsNoChange) {
  const std::string id = Person("berta");
  EXPECT_TRUE(Right(id, kFirst));
  EXPECT_EQ(Set("t1", id, kGood), SetOutcome::kSet);
  EXPECT_TRUE(Right(id, kGood));
  EXPECT_FALSE(Right(id, kFirst));
  EXPECT_FALSE(Right(id, ""));
  EXPECT_GT(directory->GetFresh(id)->password_changed_at, 0) << "it is not born expired";
  EXPECT_EQ(Set("t2", id, "Pässwörd-Ω-\xF0\x9F\x98\x80-1"), SetOutcome::kSet);
  EXPECT_TRUE(Right(id, "Pässwörd-Ω-\xF0\x9F\x98\x80-1"));
}

TEST_F(ActiveDirectoryTest, RulesOfTheDomainAreToldApart_AndAnotherPasswordMayFollow) {
  const std::string id = Person("carla");
  EXPECT_EQ(Set("t1", id, "Sh0rt!").refusal, RefusalCode::kPasswordTooShort);
  EXPECT_EQ(Set("t1", id, "alllowercaseonly").refusal, RefusalCode::kPasswordTooWeak);
  const SetReply used = Set("t1", id, kFirst);
  EXPECT_EQ(used.refusal, RefusalCode::kPasswordRecentlyUsed) << used.detail;
  EXPECT_EQ(used.generation, 0) << "it was judged with a temporary password";
  EXPECT_EQ(directory->GetFresh(id)->password_generation, 0);
  EXPECT_EQ(Set("t1", id, kGood), SetOutcome::kSet);
  EXPECT_TRUE(Right(id, kGood));
  EXPECT_EQ(Set("t2", id, kGood).refusal, RefusalCode::kPasswordRecentlyUsed);
}

TEST_F(ActiveDirectoryTest, MinimumAgeIsHeldBeforeAnythingIsChanged) {
  const std::string id = Person("dora");
  Tool("domain passwordsettings set --min-pwd-age=1");
  clock.Advance(60);  // as long as what the domain said counts
  const SetReply young = Set("t1", id, kGood);
  Tool("domain passwordsettings set --min-pwd-age=0");
  EXPECT_EQ(young.refusal, RefusalCode::kPasswordTooYoung) << young.detail;
  EXPECT_TRUE(Right(id, kFirst)) << "nothing was changed";
}

TEST_F(ActiveDirectoryTest, LockIsSeen_AndEndsWithUnlockOrReset) {
  const std::string id = Person("emma");
  const auto lock = [&] {
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(Right(id, "Wrong-Pw-1x"));
    EXPECT_TRUE(directory->GetFresh(id)->locked);
    EXPECT_TRUE(directory->GetFresh(id)->enabled);
  };
  lock();
  EXPECT_FALSE(Right(id, kFirst));
  ASSERT_TRUE(directory->Unlock(id).ok());
  EXPECT_FALSE(directory->GetFresh(id)->locked);
  EXPECT_TRUE(Right(id, kFirst));
  lock();
  const SetReply set = Set("t1", id, kGood);
  EXPECT_EQ(set, SetOutcome::kSet) << set.detail;
  EXPECT_TRUE(Right(id, kGood));
}

TEST_F(ActiveDirectoryTest, DisabledExpiredAndProtectedAccountsAreNobodyToReset) {
  const std::string disabled = Person("fritz");
  Tool("user disable fritz");
  EXPECT_FALSE(directory->GetFresh(disabled)->enabled);
  const std::string expired = Person("gustav");
  Modify(DnOf("gustav"), "replace: accountExpires\naccountExpires: 132000000000000000\n");
  EXPECT_FALSE(directory->GetFresh(expired)->enabled);
  const std::string admin = Person("heinz");
  Modify(DnOf("heinz"), "replace: adminCount\nadminCount: 1\n");
  EXPECT_FALSE(directory->GetFresh(admin)->enabled);
}

TEST_F(ActiveDirectoryTest, RightsAreThoseThatWereDelegated) {
  Tool(std::string("user create outsider ") + kFirst);
  const auto outsider = directory->Find("outsider");
  ASSERT_TRUE(outsider.has_value());
  const SetReply reply = Set("t1", outsider->id, kGood);
  EXPECT_EQ(reply, SetOutcome::kNotSet);
  EXPECT_FALSE(reply.refusal.has_value()) << "no other password would do";
  EXPECT_NE(reply.detail.find("nsufficient access"), std::string::npos) << reply.detail;
  EXPECT_TRUE(Right(outsider->id, kFirst));
}

TEST_F(ActiveDirectoryTest, GroupsCountThroughGroups) {
  const std::string id = Person("ida");
  Tool("group add inner");
  Tool("group add outer");
  Tool("group addmembers inner ida");
  Tool("group addmembers outer inner");
  clock.Advance(60);
  const auto groups = directory->GetFresh(id)->groups;
  EXPECT_NE(std::ranges::find(groups, "inner"), groups.end());
  EXPECT_NE(std::ranges::find(groups, "outer"), groups.end());
}

// Killed between the two steps, or behind them: the account itself tells which.
TEST_F(ActiveDirectoryTest, InterruptedSetIsSettledByWhatTheAccountSays) {
  const std::string id = Person("judith");
  constexpr int kLongAgo = 600;
  const auto announced = [&](const char* transaction) {
    directory->Announce(transaction, *directory->GetFresh(id));
  };
  announced("nothing");
  clock.Advance(kLongAgo);
  EXPECT_EQ(directory->Settle("nothing"), SetOutcome::kNotSet);
  announced("half");
  Tool("user setpassword judith --newpassword=Temp-Pw-55x --must-change-at-next-login");
  clock.Advance(kLongAgo);
  EXPECT_EQ(directory->Settle("half"), SetOutcome::kNotSet);
  announced("whole");
  Tool("user setpassword judith --newpassword=Whole-Pw-66x");
  clock.Advance(kLongAgo);
  EXPECT_EQ(directory->Settle("whole"), SetOutcome::kSet);
  EXPECT_EQ(Set("whole", id, kGood), SetOutcome::kSet) << "once is enough";
  EXPECT_TRUE(Right(id, "Whole-Pw-66x"));
}

TEST_F(ActiveDirectoryTest, SecondControllerIsAskedWhenTheFirstIsGone) {
  const std::string id = Person("karl");
  LdapSettings settings = Settings();
  settings.url = "ldaps://127.0.0.1:1 " + settings.url;
  auto made = LdapDirectory::Make(settings, database, *store, clock);
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE((*made)->Find("karl").has_value());
  EXPECT_EQ((*made)->SetPassword("t1", id, Hidden(kGood)), SetOutcome::kSet);
}

// What was read with the person is not asked for again while the person waits. Samba knows no
// hints: where there is a history it needs a second step.
TEST_F(ActiveDirectoryTest, SetCostsOneExchange_AndWhereSambaHasAHistoryTwo) {
  const std::string id = Person("lotte");
  FaultProxy relay(636);
  LdapSettings settings = Settings();
  settings.url += ":" + std::to_string(relay.port());
  settings.connections = 1;
  const auto exchanges_of_a_set = [&](const char* transaction, std::string_view password) {
    auto made = LdapDirectory::Make(settings, database, *store, clock);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    const auto user = (*made)->GetFresh(id);
    if (!user) throw std::runtime_error("lotte is not found");
    (*made)->Announce(transaction, *user);
    const int before = relay.exchanges();
    const SetReply set = (*made)->SetPassword(transaction, id, Hidden(password));
    EXPECT_EQ(set, SetOutcome::kSet) << set.detail;
    return relay.exchanges() - before;
  };
  EXPECT_EQ(exchanges_of_a_set("t1", "First-Of-Three-1"), 2);
  Tool("domain passwordsettings set --history-length=0");
  const int without_history = exchanges_of_a_set("t2", "Second-Of-Three-2");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Right(id, "Wrong-Pw-1x"));
  EXPECT_TRUE(directory->GetFresh(id)->locked);
  const int with_unlock = exchanges_of_a_set("t3", "Third-Of-Three-3");
  Tool("domain passwordsettings set --history-length=5");
  EXPECT_EQ(without_history, 1);
  EXPECT_EQ(with_unlock, 1) << "the lock goes in the same step";
  EXPECT_TRUE(Right(id, "Third-Of-Three-3"));
}

TEST_F(ActiveDirectoryTest, RulesOfAnObjectOfTheirOwnCountForItsPeople) {
  const std::string strict = Person("mathilde");
  const std::string others = Person("nora");
  Tool(
      "domain passwordsettings pso create strict 1 --min-pwd-length=20 --history-length=3 "
      "--min-pwd-age=0 --max-pwd-age=0 --complexity=on");
  Tool("domain passwordsettings pso apply strict mathilde");
  const SetReply refused = Set("t1", strict, kGood);
  EXPECT_EQ(refused.refusal, RefusalCode::kPasswordTooShort) << refused.detail;
  EXPECT_EQ(Set("t1", strict, "Correct-Horse-Battery-7"), SetOutcome::kSet);
  EXPECT_EQ(Set("t2", others, kGood), SetOutcome::kSet);
  Tool("domain passwordsettings pso delete strict");
}

// "level id subject" of all findings that are not good, and of those about rights.
std::vector<std::string> Examined(const DirectoryCheck& check) {
  DoctorReport report;
  CheckDirectory(check, report);
  std::vector<std::string> lines;
  for (const DoctorFinding& one : report.findings()) {
    if (one.level == FindingLevel::kGood && one.id != "directory.rights") continue;
    lines.push_back(std::string(Name(one.level)) + " " + one.id + " " + one.subject);
  }
  return lines;
}

TEST_F(ActiveDirectoryTest, DoctorTellsRightsAsTheyAreEffective) {
  (void)Person("olga");
  const LdapSettings settings = Settings();
  const auto of_staff = Examined({.settings = settings, .clock = clock, .person = "olga"});
  EXPECT_EQ(of_staff,
            (std::vector<std::string>{"ok directory.rights \"Reset Password\" on " + DnOf("olga"),
                                      "ok directory.rights lockoutTime of " + DnOf("olga"),
                                      "ok directory.rights pwdLastSet of " + DnOf("olga")}));
  // Nobody delegated anything there.
  Tool(std::string("user create stranger ") + kFirst);
  const auto of_others = Examined({.settings = settings, .clock = clock, .person = "stranger"});
  ASSERT_EQ(of_others.size(), 3U);
  for (const std::string& line : of_others) EXPECT_TRUE(line.starts_with("fault directory.rights"));
  // A denial comes first, however much was given.
  Tool("dsacl set --objectdn=" + DnOf("olga") +
       " --sddl='(OD;;CR;00299570-246d-11d0-a768-00aa006e0529;;WD)'");
  EXPECT_EQ(Examined({.settings = settings, .clock = clock, .person = "olga"})[0],
            "fault directory.rights \"Reset Password\" on " + DnOf("olga"));
}

TEST_F(ActiveDirectoryTest, DoctorTellsRulesThatDisagree_ClocksAndControllers) {
  (void)Person("paula");
  LdapSettings settings = Settings();
  Policy policy = LoadPolicy(*store);
  policy.min_length = 6;
  policy.min_classes = 0;
  policy.history = 24;
  clock.Advance(400);
  settings.url = "ldaps://127.0.0.1:1 " + settings.url;
  const auto found =
      Examined({.settings = settings, .clock = clock, .person = "paula", .policy = &policy});
  for (const std::string& wanted : {std::string("fault directory.reach ldaps://127.0.0.1:1"),
                                    std::string("fault directory.clock ") + kDomain,
                                    std::string("warning policy.min_length ") + kDomain,
                                    std::string("warning policy.min_classes ") + kDomain,
                                    std::string("warning policy.history ") + kDomain,
                                    std::string("warning directory.srv ldaps://127.0.0.1:1")}) {
    EXPECT_NE(std::ranges::find(found, wanted), found.end()) << wanted;
  }
}

TEST_F(ActiveDirectoryTest, DoctorTellsAnAccountThatMayTooMuch) {
  (void)Person("quirin");
  LdapSettings settings = Settings();
  settings.bind_dn = std::string("CN=Administrator,CN=Users,") + kDomain;
  std::ofstream(folder.File("password")) << Environment("SSPR_DC_ADMIN_PASSWORD") << "\n";
  ASSERT_EQ(chmod(folder.File("password").c_str(), 0600), 0);
  settings.bind_password_file = folder.File("password");
  const auto found = Examined({.settings = settings, .clock = clock, .person = "quirin"});
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found[0].starts_with("warning directory.rights S-1-5-")) << found[0];
}

TEST_F(ActiveDirectoryTest, ThroughAnAgentItIsTheSame) {
  const std::string id = Person("agatha");
  AgentWorld agent(Settings());
  agent.clock().Advance(clock.Now() - agent.clock().Now());
  Directory& through = agent.directory();
  const auto set = [&](const char* transaction, std::string_view password) {
    return through.SetPassword(transaction, id, Hidden(password));
  };
  ASSERT_EQ(through.Find("agatha").value_or(DirectoryUser{}).id, id);
  EXPECT_EQ(set("a1", "Sh0rt").refusal, RefusalCode::kPasswordTooShort);
  EXPECT_EQ(set("a1", kFirst).refusal, RefusalCode::kPasswordRecentlyUsed);
  EXPECT_EQ(set("a1", kGood), SetOutcome::kSet) << "for the same transaction";
  EXPECT_TRUE(Right(id, kGood));
  EXPECT_FALSE(Right(id, kFirst));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Right(id, "Wrong-Pw-1x"));
  EXPECT_TRUE(through.GetFresh(id)->locked);
  EXPECT_TRUE(through.Unlock(id).ok());
  EXPECT_FALSE(through.GetFresh(id)->locked);
  EXPECT_TRUE(*through.Verify(id, Hidden(kGood)));
  Tool("user disable agatha");
  EXPECT_FALSE(through.GetFresh(id)->enabled);
}

TEST_F(ActiveDirectoryTest, PlainTextIsNeverSpokenWithAPassword) {
  LdapSettings settings = Settings();
  settings.url = "ldap://dc1.ad.example.test";
  EXPECT_FALSE(TryDirectory(settings, clock).ok());
  settings.start_tls = true;
  EXPECT_TRUE(TryDirectory(settings, clock).ok());
}

}  // namespace
}  // namespace sspr::service
