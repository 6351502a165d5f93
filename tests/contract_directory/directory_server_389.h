// SPDX-License-Identifier: Apache-2.0
// A real 389 Directory Server, which dirsrv_389.py has started and which is there for all tests:
// as its administrator sees it, and as the place of the passwords, with alice in it.
#pragma once

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "service/directory/entry_ids.h"
#include "service/directory/ldap_directory.h"
#include "service/store/sql_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/setpw/scratch_folder.h"
#include "tests/writeback/agent_world.h"

namespace sspr::service {

inline constexpr char kBase[] = "dc=example,dc=org";
inline constexpr char kPeople[] = "ou=people,dc=example,dc=org";
inline constexpr char kServiceDn[] = "cn=sspr,ou=services,dc=example,dc=org";
inline constexpr char kAliceDn[] = "uid=alice,ou=people,dc=example,dc=org";

inline std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + ": run me by dirsrv_389.py");
  return value;
}

// The server as its administrator sees it, with alice and without rules.
class Server389 {
 public:
  Server389() {
    std::signal(SIGPIPE, SIG_IGN);  // as sspr-service does: a server may hang up
    Modify(RulesOf("passwordCheckSyntax: off|passwordHistory: off|passwordLockout: off|"
                   "passwordMinAge: 0|passwordMustChange: off|passwordTrackUpdateTime: off|"
                   "passwordExp: off|passwordUnlock: on|") +
           "\ndn: " + kAliceDn + "\nchangetype: delete\n\ndn: " + kAliceDn +
           "\nchangetype: add\nobjectClass: inetOrgPerson\nuid: alice\ncn: Alice Example\n"
           "sn: Example\nemployeeNumber: asmith\npreferredLanguage: de\n");
    id_ = IdOfAlice();
  }

  static LdapSettings Settings() {
    LdapSettings settings;
    settings.url = Environment("SSPR_389_URL");
    settings.ca_file = Environment("SSPR_389_CA");
    settings.bind_dn = kServiceDn;
    settings.bind_password_file = Environment("SSPR_389_PASSWORD_FILE");
    settings.base = kPeople;
    settings.account_attribute = "employeeNumber";
    settings.group_base = "ou=groups,dc=example,dc=org";
    return settings;
  }
  const std::string& id() const { return id_; }  // of alice
  static int Port() {
    const std::string url = Environment("SSPR_389_URL");
    return std::stoi(url.substr(url.rfind(':') + 1));
  }

  // "attribute: value|attribute: value|", of cn=config.
  void Configure(const std::string& values) const { Modify(RulesOf(values)); }
  // LDIF with changes, as the administrator. Throws when it fails.
  void Modify(const std::string& ldif) const {
    if (!Try("ldapmodify", ldif)) throw std::runtime_error(ldif + Said());
  }
  void ChangeAlice(const std::string& change) const {
    Modify(std::string("dn: ") + kAliceDn + "\nchangetype: modify\n" + change + "\n");
  }
  // One of the tools of ldap-utils, with that as its input.
  bool Try(const std::string& tool, const std::string& input) const {
    std::ofstream(folder_.File("input")) << input;
    return Run(tool + " -f " + folder_.File("input"));
  }
  // The server answers a set before it has written down all that comes of it. line: "attribute:
  // value", or how that begins.
  void UntilAliceHas(const std::string& line) const {
    constexpr int kMostTries = 1000;
    for (int tries = 0; tries < kMostTries; ++tries) {
      Run(std::string("ldapsearch -LLL -b ") + kAliceDn + " -s base '(objectClass=*)' " +
          line.substr(0, line.find(':')));
      if (Said().find("\n" + line) != std::string::npos) return;
    }
    throw std::runtime_error(line + " does not come: " + Said());
  }
  std::string Said() const {
    std::ostringstream said;
    said << std::ifstream(folder_.File("log")).rdbuf();
    return said.str();
  }

 private:
  static std::string RulesOf(const std::string& values) {
    std::string ldif = "dn: cn=config\nchangetype: modify\n";
    std::istringstream lines(values);
    for (std::string line; std::getline(lines, line, '|');) {
      ldif.append("replace: ").append(line.substr(0, line.find(':'))).append("\n");
      ldif.append(line).append("\n-\n");
    }
    return ldif;
  }
  bool Run(const std::string& tool) const {
    const std::string command =
        "env -u LDAPNOINIT LDAPTLS_CACERT=" + Environment("SSPR_389_CA") + " " + tool + " -x -H " +
        Environment("SSPR_389_URL") + " -D 'cn=Directory Manager' -w " +
        Environment("SSPR_389_ADMIN_PASSWORD") + " >" + folder_.File("log") + " 2>&1 </dev/null";
    return std::system(command.c_str()) == 0;  // NOLINT
  }
  // The server gives each entry a UUID of its own, whatever it is told.
  std::string IdOfAlice() const {
    constexpr std::string_view kName = "entryUUID: ";
    constexpr std::size_t kSize = 36;
    const bool found =
        Run(std::string("ldapsearch -LLL -b ") + kAliceDn + " -s base '(objectClass=*)' entryUUID");
    const std::string said = Said();
    const std::size_t at = said.find(kName);
    if (!found || at == std::string::npos) throw std::runtime_error("no entryUUID: " + said);
    return IdOfEntry(kEntryUuid, said.substr(at + kName.size(), kSize)).value_or("");
  }

  test::ScratchFolder folder_;
  std::string id_;
};

struct World389 {
  static constexpr bool kCountsPasswords = false;
  static constexpr bool kTakesAllBytes = true;
  static constexpr const char* kName = "alice";

  World389() {
    clock.Advance(std::time(nullptr) - clock.Now());
    auto opened = SqlDatabase::Open(folder.File("x.db"), 4);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database = std::move(*opened);
    store = std::make_unique<SqlStore>(database, random);
    ldap = Make(Server389::Settings());
  }
  std::unique_ptr<LdapDirectory> Make(LdapSettings settings) {
    auto made = LdapDirectory::Make(std::move(settings), database, *store, clock);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    return std::move(*made);
  }
  Directory& directory() { return *ldap; }
  std::string Id() const { return server.id(); }

  Server389 server;
  test::ScratchFolder folder;
  SystemRandom random;
  FakeClock clock;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<LdapDirectory> ldap;
};

struct World389ThroughAnAgent {
  static constexpr bool kCountsPasswords = false;
  static constexpr bool kTakesAllBytes = true;
  static constexpr const char* kName = "alice";
  Directory& directory() { return agent.directory(); }
  std::string Id() const { return server.id(); }
  Server389 server;
  AgentWorld agent{Server389::Settings()};
};

}  // namespace sspr::service
