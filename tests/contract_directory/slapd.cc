// SPDX-License-Identifier: Apache-2.0
#include "tests/contract_directory/slapd.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sspr::service {
namespace {

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

int FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      bind(socket, plain, sizeof address) == 0 && getsockname(socket, plain, &size) == 0;
  close(socket);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool Answers(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<in_port_t>(port));
  const bool connected =
      connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(socket);
  return connected;
}

std::string Configuration(const std::string& folder, Slapd::Policy policy) {
  const bool strict = policy == Slapd::Policy::kStrict;
  return std::string("") +
         "include /etc/ldap/schema/core.schema\n"
         "include /etc/ldap/schema/cosine.schema\n"
         "include /etc/ldap/schema/nis.schema\n"
         "include /etc/ldap/schema/inetorgperson.schema\n"
         "modulepath /usr/lib/ldap\n"
         "moduleload back_mdb\n"
         "moduleload ppolicy\n"
         "allow bind_anon_cred bind_anon_dn\n"
         "pidfile " +
         folder +
         "/pid\n"
         "TLSCertificateFile " +
         folder +
         "/cert.pem\n"
         "TLSCertificateKeyFile " +
         folder +
         "/key.pem\n"
         "TLSCACertificateFile " +
         folder +
         "/cert.pem\n"
         "password-hash {SSHA}\n"
         "database mdb\n"
         "suffix dc=example,dc=org\n"
         "rootdn " +
         Slapd::kAdminDn +
         "\n"
         "rootpw " +
         Slapd::kAdminPassword +
         "\n"
         "directory " +
         folder +
         "/db\n"
         "maxsize 67108864\n"
         "index uid,entryUUID eq\n" +
         (strict ? "overlay ppolicy\n"
                   "ppolicy_default cn=default,ou=policies,dc=example,dc=org\n"
                   "ppolicy_hash_cleartext\n"
                 : "") +
         "access to attrs=userPassword by dn.exact=\"" + Slapd::kServiceDn +
         "\" write by self =xw by anonymous auth by * none\n" +
         (strict ? std::string("access to attrs=pwdAccountLockedTime by dn.exact=\"") +
                       Slapd::kServiceDn + "\" write by * read\n"
                 : std::string()) +
         "access to * by * read\n";
}

std::string Entries() {
  return std::string("") +
         "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: x\n"
         "dc: example\n\n"
         "dn: ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: people\n\n"
         "dn: ou=groups,dc=example,dc=org\nobjectClass: organizationalUnit\nou: groups\n\n"
         "dn: ou=services,dc=example,dc=org\nobjectClass: organizationalUnit\nou: services\n\n"
         "dn: ou=policies,dc=example,dc=org\nobjectClass: organizationalUnit\nou: policies\n\n"
         "dn: cn=default,ou=policies,dc=example,dc=org\nobjectClass: pwdPolicy\n"
         "objectClass: device\ncn: default\npwdAttribute: userPassword\npwdMinLength: 8\n"
         "pwdCheckQuality: 2\npwdInHistory: 2\npwdLockout: TRUE\npwdMaxFailure: 3\n\n"
         "dn: " +
         Slapd::kServiceDn +
         "\nobjectClass: device\nobjectClass: simpleSecurityObject\n"
         "cn: sspr\nuserPassword: " +
         Slapd::kServicePassword +
         "\n\n"
         "dn: cn=staff,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: staff\n"
         "member: uid=alice,ou=people,dc=example,dc=org\n\n"
         "dn: uid=alice,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\n"
         "uid: alice\ncn: Alice Example\nsn: Example\nemployeeNumber: asmith\n"
         "preferredLanguage: de\nentryUUID: " +
         kAliceUuid +
         "\n\n"
         "dn: uid=twin,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: twin\n"
         "cn: One\nsn: Twin\n\n"
         "dn: cn=Two,ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: twin\n"
         "cn: Two\nsn: Twin\n";
}

}  // namespace

Slapd::Slapd(Policy policy) {
  WriteFile(At("slapd.conf"), Configuration(folder_.Path(), policy));
  std::string entries = Entries();
  if (policy == Policy::kNone) {
    // The schema of the policy comes with its overlay.
    const std::size_t start = entries.find("dn: cn=default,");
    entries.erase(start, entries.find("\n\n", start) + 2 - start);
  }
  WriteFile(At("entries.ldif"), entries);
  Run("mkdir " + At("db"));
  Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
      "/CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
      At("key.pem") + " -out " + At("cert.pem"));
  Run("/usr/sbin/slapadd -q -f " + At("slapd.conf") + " -l " + At("entries.ldif"));
  plain_port_ = FreePort();
  tls_port_ = FreePort();
  WriteFile(At("password"), kServicePassword);
  Start();
}

Slapd::~Slapd() { Stop(); }

LdapSettings Slapd::Settings() const {
  LdapSettings settings;
  settings.url = "ldaps://127.0.0.1:" + std::to_string(tls_port_);
  settings.ca_file = At("cert.pem");
  settings.bind_dn = kServiceDn;
  settings.bind_password_file = At("password");
  settings.base = kPeople;
  settings.account_attribute = "employeeNumber";
  settings.group_base = "ou=groups,dc=example,dc=org";
  return settings;
}

std::string Slapd::PlainUrl() const { return "ldap://127.0.0.1:" + std::to_string(plain_port_); }

// Returns when it listens: the parent ends when its child is ready.
void Slapd::Start() {
  Run("/usr/sbin/slapd -f " + At("slapd.conf") + " -h '" + PlainUrl() + " " + Settings().url + "'");
  // It listens a moment after it has left the foreground.
  constexpr int kMostTries = 10'000;
  for (const int port : {plain_port_, tls_port_}) {
    for (int tries = 0; !Answers(port); ++tries) {
      if (tries == kMostTries) throw std::runtime_error("slapd does not listen");
      usleep(1000);
    }
  }
}

void Slapd::Stop() {
  const int pid = std::atoi(ReadFile(At("pid")).c_str());
  if (pid <= 1) return;
  kill(pid, SIGTERM);
  // It removes the file when it is done, and is no child of ours.
  while (access(At("pid").c_str(), F_OK) == 0 && kill(pid, 0) == 0) usleep(1000);
}

void Slapd::Modify(const std::string& ldif) {
  WriteFile(At("change.ldif"), ldif);
  Run("ldapmodify -x -H " + PlainUrl() + " -D " + kAdminDn + " -w " + kAdminPassword +
      " -e relax -f " + At("change.ldif"));
}

void Slapd::SetPassword(const std::string& bind_dn, const std::string& bind_password,
                        const std::string& dn, const std::string& password) {
  Run("ldappasswd -x -H " + PlainUrl() + " -D '" + bind_dn + "' -w '" + bind_password + "' -s '" +
      password + "' '" + dn + "'");
}

void Slapd::Run(const std::string& command) const {
  const std::string log = At("log");
  if (std::system((command + " >" + log + " 2>&1 </dev/null").c_str()) != 0) {  // NOLINT
    throw std::runtime_error(command + ": " + ReadFile(log));
  }
}

}  // namespace sspr::service
