// SPDX-License-Identifier: Apache-2.0
#include "service/doctor/rules_of_389.h"

#include <algorithm>
#include <charconv>

namespace sspr::service {
namespace {

constexpr char kServersPolicy[] = "cn=config";

int NumberIn(const LdapEntry& entry, std::string_view attribute) {
  const std::string text = entry.First(attribute);
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool IsOn(const LdapEntry& entry, std::string_view attribute) {
  return LowerCase(entry.First(attribute)) == "on";
}

}  // namespace

std::optional<RulesOf389> ReadRulesOf389(LdapConnection& connection, const LdapEntry& person,
                                         DoctorReport& report) {
  constexpr int kThree = 3;
  const std::string own = person.First("pwdpolicysubentry");
  const std::string policy = own.empty() ? kServersPolicy : own;
  std::vector<LdapEntry> found;
  (void)connection.Search(policy, LdapScope::kEntry, "(objectClass=*)",
                          {"passwordCheckSyntax", "passwordMinLength", "passwordMinCategories",
                           "passwordHistory", "passwordInHistory", "passwordMinAge"},
                          1, found);
  // What nobody may read is left out without a word.
  if (found.size() != 1 || found.front().First("passwordchecksyntax").empty()) {
    report.Add(
        "policy.found", FindingLevel::kNote, person.dn,
        "the password policy that counts, " + policy + ", cannot be read by the service's account",
        "let it read the passwordXyz attributes there, or compare ssprctl policy list with "
        "them by hand");
    return std::nullopt;
  }
  const LdapEntry& entry = found.front();
  RulesOf389 read{.subject = policy, .rules = {}};
  if (IsOn(entry, "passwordchecksyntax")) {
    read.rules.min_length =
        static_cast<std::size_t>(std::max(NumberIn(entry, "passwordminlength"), 0));
    read.rules.three_kinds = NumberIn(entry, "passwordmincategories") >= kThree;
  }
  if (IsOn(entry, "passwordhistory")) read.rules.history = NumberIn(entry, "passwordinhistory");
  read.rules.min_age = std::chrono::seconds(NumberIn(entry, "passwordminage"));
  return read;
}

void CheckFreeIpa(LdapConnection& connection, const LdapEntry& person, const DirectoryCheck& check,
                  DoctorReport& report) {
  constexpr char kBornExpired[] = "directory.born_expired";
  if (person.First(LowerCase(kFreeIpasExpiry)).empty()) return;
  std::vector<LdapEntry> found;
  (void)connection.Search("cn=ipa_pwd_extop,cn=plugins,cn=config", LdapScope::kEntry,
                          "(objectClass=*)", {"passSyncManagersDNs"}, 1, found);
  bool is_exempt = false;
  bool is_known = false;
  for (const LdapEntry& entry : found) {
    for (const auto& [name, values] : entry.attributes) {
      is_known = is_known || !values.empty();
      is_exempt = is_exempt || std::ranges::any_of(values, [&](const std::string& dn) {
                    return LowerCase(dn) == LowerCase(check.settings.bind_dn);
                  });
    }
  }
  if (is_exempt) {
    report.Good(kBornExpired, person.dn, "FreeIPA lets a password that the service sets last");
    return;
  }
  report.Add(kBornExpired, is_known ? FindingLevel::kFault : FindingLevel::kWarning, person.dn,
             is_known ? "FreeIPA takes each password that the service sets for one that is over: "
                        "the account is not in passSyncManagersDNs"
                      : "FreeIPA takes a password that somebody else sets for one that is over, "
                        "unless the account is in passSyncManagersDNs, which may not be read",
             "add " + check.settings.bind_dn +
                 " to passSyncManagersDNs of cn=ipa_pwd_extop,cn=plugins,cn=config; FreeIPA's own "
                 "rules do not count then: give the policy here the same");
}

}  // namespace sspr::service
