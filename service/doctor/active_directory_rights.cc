// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "common/http/url_parts.h"
#include "service/directory/domain_rules.h"
#include "service/directory/ldap_dialect.h"
#include "service/directory/ldap_urls.h"
#include "service/doctor/directory_rights.h"
#include "service/doctor/policy_conflicts.h"
#include "service/doctor/security_descriptor.h"
#include "service/doctor/service_records.h"

namespace sspr::service {
namespace {

constexpr char kRights[] = "directory.rights";
constexpr char kClock[] = "directory.clock";
constexpr char kRecords[] = "directory.srv";
constexpr char kAnything[] = "(objectClass=*)";
// Of User-Force-Change-Password and Unexpire-Password, as they are on the wire.
constexpr std::string_view kResetPassword(
    "\x70\x95\x29\x00\x6d\x24\xd0\x11\xa7\x68\x00\xaa\x00\x6e\x05\x29", 16);
constexpr std::string_view kUnexpirePassword(
    "\x7d\xdc\xc2\xcc\xad\xa6\x7a\x4a\x88\x46\xc0\x4e\x3c\xc5\x35\x01", 16);

struct Server {
  std::string domain;  // DN
  bool is_samba = false;
  std::string now;                // generalized time
  std::vector<std::string> sids;  // of the service's account
};

std::optional<Server> ReadServer(LdapConnection& connection) {
  std::vector<LdapEntry> found;
  const LdapAnswer answer = connection.Search(
      "", LdapScope::kEntry, kAnything,
      {"defaultNamingContext", "vendorName", "currentTime", "tokenGroups"}, 1, found);
  if (!answer.ok() || found.empty()) return std::nullopt;
  Server server{.domain = found.front().First("defaultnamingcontext"),
                .is_samba = found.front().First("vendorname").starts_with("Samba"),
                .now = found.front().First("currenttime"),
                .sids = {}};
  for (const auto& [name, values] : found.front().attributes) {
    if (name == "tokengroups") server.sids = values;
  }
  return server;
}

std::optional<std::vector<AccessEntry>> AccessListOf(LdapConnection& connection,
                                                     const std::string& dn) {
  std::vector<LdapEntry> found;
  const LdapAnswer answer =
      connection.Search(dn, LdapScope::kEntry, kAnything, {"nTSecurityDescriptor"}, 1, found, true);
  if (!answer.ok() || found.empty()) return std::nullopt;
  return ReadAccessList(found.front().First("ntsecuritydescriptor"));
}

void CheckControlRight(LdapConnection& connection, const Server& server, const std::string& dn,
                       std::string_view right, const std::string& name, DoctorReport& report) {
  const auto list = AccessListOf(connection, dn);
  const std::string subject = "\"" + name + "\" on " + dn;
  if (!list || server.sids.empty()) {
    report.Add(kRights, FindingLevel::kWarning, subject,
               "the access control list cannot be read, so nobody knows",
               "let the service's account read permissions there");
  } else if (HoldsControlRight(*list, server.sids, right)) {
    report.Good(kRights, subject, "the service's account holds it");
  } else {
    report.Add(kRights, FindingLevel::kFault, subject, "the service's account does not hold it",
               "delegate it: docs/service-configuration.md, Active Directory");
  }
}

void CheckAttributes(const LdapEntry& person, DoctorReport& report) {
  for (const char* attribute : {"lockoutTime", "pwdLastSet"}) {
    bool may = false;
    for (const auto& [name, values] : person.attributes) {
      may = may || (name == "allowedattributeseffective" &&
                    std::ranges::find(values, attribute) != values.end());
    }
    const std::string subject = std::string(attribute) + " of " + person.dn;
    if (may) {
      report.Good(kRights, subject, "the service's account may write it");
    } else {
      report.Add(kRights, FindingLevel::kFault, subject, "the service's account may not write it",
                 "delegate it: docs/service-configuration.md, Active Directory");
    }
  }
}

// Administrators, and the domain's and the forest's: with these rights nothing that is delegated
// counts, and who has the service has the domain.
void CheckTooMany(const Server& server, DoctorReport& report) {
  for (const std::string& sid : server.sids) {
    const std::string text = TextOfSid(sid);
    const bool is_domain = text.starts_with("S-1-5-21-");
    if (text == "S-1-5-32-544" || (is_domain && (text.ends_with("-512") || text.ends_with("-518") ||
                                                 text.ends_with("-519")))) {
      report.Add(kRights, FindingLevel::kWarning, text,
                 "the service's account is an administrator of the domain",
                 "take it out of that group, and delegate the rights that it needs");
      return;
    }
  }
}

void CheckClock(const Server& server, UnixSeconds now, DoctorReport& report) {
  constexpr UnixSeconds kAllowed = 60;
  constexpr UnixSeconds kKerberos = 300;
  const std::optional<UnixSeconds> theirs = GeneralizedTime(server.now);
  if (!theirs) return;
  const UnixSeconds away = std::abs(*theirs - now);
  if (away <= kAllowed) {
    report.Good(kClock, server.domain, "the clocks agree");
    return;
  }
  report.Add(kClock, away > kKerberos ? FindingLevel::kFault : FindingLevel::kWarning,
             server.domain,
             "the clocks of this host and of the controller are " + std::to_string(away) +
                 " seconds apart",
             "let both follow the same time servers");
}

std::string DnsNameOf(std::string_view dn) {
  std::string name;
  std::istringstream parts{std::string(dn)};
  for (std::string part; std::getline(parts, part, ',');) {
    if (LowerCase(part).starts_with("dc=")) name += (name.empty() ? "" : ".") + part.substr(3);
  }
  return name;
}

void CheckRecords(const Server& server, const LdapSettings& settings, DoctorReport& report) {
  const std::string name = "_ldap._tcp.dc._msdcs." + DnsNameOf(server.domain);
  const auto hosts = ServiceRecords(name);
  if (!hosts.ok() || hosts->empty()) {
    report.Add(kRecords, FindingLevel::kNote, name,
               hosts.ok() ? "DNS names no controller" : hosts.error().detail,
               "machines find the domain by these records: look at the DNS of this host");
    return;
  }
  std::size_t named = 0;
  for (const std::string& url : LdapUrlsOf(settings.url)) {
    const std::optional<UrlParts> parts = SplitUrl(url);
    const bool is_known =
        parts && std::ranges::find(*hosts, LowerCase(parts->host)) != hosts->end();
    named += is_known ? 1 : 0;
    if (!is_known) {
      report.Add(kRecords, FindingLevel::kWarning, url,
                 "DNS does not name this server as a controller of the domain",
                 "take it out of [directory] url if it was retired");
    }
  }
  if (named < 2 && hosts->size() > named) {
    report.Add(kRecords, FindingLevel::kNote, name,
               "DNS names " + std::to_string(hosts->size()) + " controllers, " +
                   std::to_string(named) + " of them in the configuration",
               "add another to [directory] url: it is asked when the first is away");
  } else {
    report.Good(kRecords, name, "DNS names the controllers that are configured");
  }
}

void CompareRules(LdapConnection& connection, const DirectoryCheck& check, DoctorReport& report) {
  DomainRules rules;
  const auto facts = rules.Get(connection, check.clock.Now());
  if (!facts.ok() || check.policy == nullptr) return;
  const auto compare = [&](const DomainPasswordPolicy& policy, const std::string& subject) {
    ComparePolicies(*check.policy,
                    {.min_length = policy.min_length,
                     .three_kinds = policy.complex,
                     .history = policy.history,
                     .min_age = policy.min_age},
                    subject, report);
  };
  compare((*facts)->policy, (*facts)->domain);
  for (const auto& [dn, policy] : (*facts)->objects) compare(policy, dn);
}

}  // namespace

void CheckActiveDirectory(LdapConnection& connection, const DirectoryCheck& check,
                          DoctorReport& report) {
  const std::optional<Server> server = ReadServer(connection);
  if (!server) {
    report.Add("directory.reach", FindingLevel::kFault, check.settings.url,
               "the server says nothing of itself", "look whether it is a domain controller");
    return;
  }
  CheckClock(*server, check.clock.Now(), report);
  CheckTooMany(*server, report);
  if (const auto person = SamplePerson(connection, check, {"allowedAttributesEffective"}, report)) {
    CheckControlRight(connection, *server, person->dn, kResetPassword, "Reset Password", report);
    CheckAttributes(*person, report);
  }
  if (!server->is_samba) {
    CheckControlRight(connection, *server, server->domain, kUnexpirePassword, "Unexpire Password",
                      report);
  }
  CompareRules(connection, check, report);
  CheckRecords(*server, check.settings, report);
}

}  // namespace sspr::service
