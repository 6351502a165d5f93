// SPDX-License-Identifier: Apache-2.0
#include <ldap.h>

#include <array>
#include <charconv>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/random.h"
#include "service/directory/directory_server_389.h"
#include "service/directory/entry_ids.h"
#include "service/doctor/directory_rights.h"
#include "service/doctor/policy_conflicts.h"
#include "service/doctor/rules_of_389.h"

namespace sspr::service {
namespace {

constexpr char kRights[] = "directory.rights";
constexpr char kLongAgo[] = "19700101000001Z";

int NumberOf(const std::string& text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// A value that no entry has.
std::string AbsentPassword() {
  SystemRandom random;
  std::array<unsigned char, 32> bytes{};
  random.Fill(bytes);
  return "none-" + ToHex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void CheckWrite(LdapConnection& connection, const std::string& dn, const std::string& attribute,
                const std::string& absent, DoctorReport& report) {
  const LdapAnswer answer = connection.Modify(
      dn, {{.operation = LdapChange::Operation::kDelete, .attribute = attribute, .value = absent}});
  const std::string subject = attribute + " of " + dn;
  if (answer.is_answered && answer.code == LDAP_NO_SUCH_ATTRIBUTE) {
    report.Good(kRights, subject, "the service's account may write it");
  } else if (answer.is_answered && answer.code == LDAP_INSUFFICIENT_ACCESS) {
    report.Add(kRights, FindingLevel::kFault, subject, "the service's account may not write it",
               "give it write access: docs/service-configuration.md, An LDAP directory");
  } else if (answer.is_answered && answer.code == LDAP_UNDEFINED_TYPE) {
    report.Add(kRights, FindingLevel::kNote, subject, "the server knows no such attribute",
               "without a password policy in the directory nothing locks or ages there");
  } else {
    report.Add(kRights, FindingLevel::kWarning, subject,
               "whether it may be written was not found out: " + answer.detail,
               "try a reset with somebody of the test people");
  }
}

void CheckIdentifier(const LdapEntry& person, const std::string& attribute, DoctorReport& report) {
  if (!person.First(LowerCase(attribute)).empty()) return;
  report.Add("directory.people", FindingLevel::kFault, person.dn,
             "has no " + attribute + " that may be read, and so is nobody here",
             IsOf389(person) && attribute != kNsUniqueId
                 ? "give all entries one (dsconf plugin entryuuid fixup), or set id_attribute = "
                   "nsUniqueId before the first person is adopted"
                 : "let the service's account read it");
}

// The person's own policy, or the only one there is.
std::optional<LdapEntry> PolicyEntry(LdapConnection& connection, const LdapEntry& person,
                                     DoctorReport& report) {
  constexpr char kPolicy[] = "policy.found";
  const std::vector<std::string> attributes = {"pwdMinLength", "pwdMinAge", "pwdInHistory",
                                               "pwdCheckQuality"};
  std::vector<LdapEntry> found;
  const std::string own = person.First("pwdpolicysubentry");
  if (!own.empty()) {
    (void)connection.Search(own, LdapScope::kEntry, "(objectClass=*)", attributes, 1, found);
  } else {
    std::vector<LdapEntry> root;
    (void)connection.Search("", LdapScope::kEntry, "(objectClass=*)", {"namingContexts"}, 1, root);
    const std::string suffix = root.empty() ? std::string() : root.front().First("namingcontexts");
    (void)connection.Search(suffix, LdapScope::kSubtree, "(objectClass=pwdPolicy)", attributes, 2,
                            found);
  }
  if (found.size() == 1) return std::move(found.front());
  report.Add(kPolicy, FindingLevel::kNote, person.dn,
             found.empty() ? "no password policy of the directory was found"
                           : "the directory has several password policies, and does not say which "
                             "is this person's",
             "compare ssprctl policy list with the directory's rules by hand");
  return std::nullopt;
}

}  // namespace

void CheckRfc3062Directory(LdapConnection& connection, const DirectoryCheck& check,
                           DoctorReport& report) {
  const std::string& id = check.settings.id_attribute;
  std::vector<std::string> attributes = AttributesOf389();
  for (const char* also : {id.c_str(), kPolicyOfThePerson, kFreeIpasExpiry}) {
    attributes.emplace_back(also);
  }
  const auto person = SamplePerson(connection, check, attributes, report);
  if (!person) return;
  const bool is_389 = IsOf389(*person);
  CheckIdentifier(*person, id, report);
  CheckWrite(connection, person->dn, "userPassword", AbsentPassword(), report);
  if (is_389) {
    CheckWrite(connection, person->dn, "accountUnlockTime", kLongAgo, report);
    CheckWrite(connection, person->dn, "passwordRetryCount", "2147483647", report);
    CheckFreeIpa(connection, *person, check, report);
  } else {
    CheckWrite(connection, person->dn, "pwdAccountLockedTime", kLongAgo, report);
  }
  if (check.policy == nullptr) return;
  if (is_389) {
    const auto rules = ReadRulesOf389(connection, *person, report);
    if (rules) ComparePolicies(*check.policy, rules->rules, rules->subject, report);
    return;
  }
  const auto rules = PolicyEntry(connection, *person, report);
  if (!rules) return;
  const bool checks = NumberOf(rules->First("pwdcheckquality")) > 0;
  ComparePolicies(
      *check.policy,
      {.min_length = checks ? static_cast<std::size_t>(NumberOf(rules->First("pwdminlength"))) : 0,
       .three_kinds = false,
       .history = NumberOf(rules->First("pwdinhistory")),
       .min_age = std::chrono::seconds(NumberOf(rules->First("pwdminage")))},
      rules->dn, report);
}

}  // namespace sspr::service
