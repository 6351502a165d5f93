// SPDX-License-Identifier: Apache-2.0
// The rules of a 389 Directory Server for a person's password, and what FreeIPA adds to them.
#pragma once

#include <optional>

#include "service/directory/ldap_connection.h"
#include "service/doctor/directory_checks.h"
#include "service/doctor/policy_conflicts.h"
#include "service/doctor/report.h"

namespace sspr::service {

// For SamplePerson.
inline constexpr char kPolicyOfThePerson[] = "pwdPolicySubentry";
inline constexpr char kFreeIpasExpiry[] = "krbPasswordExpiration";

struct RulesOf389 {
  std::string subject;  // the DN of the policy
  DirectoryRules rules;
};

// Of the person's own policy, or of the server's (cn=config). Nothing, and a note, when the
// service's account may not read it.
std::optional<RulesOf389> ReadRulesOf389(LdapConnection& connection, const LdapEntry& person,
                                         DoctorReport& report);

// FreeIPA takes a password that anybody but the person sets for one that is over, unless that
// account is exempt (passSyncManagersDNs). Says nothing of another server.
void CheckFreeIpa(LdapConnection& connection, const LdapEntry& person, const DirectoryCheck& check,
                  DoctorReport& report);

}  // namespace sspr::service
