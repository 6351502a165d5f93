// SPDX-License-Identifier: Apache-2.0
// Parts of CheckDirectory: rights and rules, on a connection that is bound as the service.
#pragma once

#include <optional>
#include <string>

#include "service/directory/ldap_connection.h"
#include "service/doctor/directory_checks.h"
#include "service/doctor/report.h"

namespace sspr::service {

// The person on whom rights are looked at, with those attributes. The report says why there is
// none.
std::optional<LdapEntry> SamplePerson(LdapConnection& connection, const DirectoryCheck& check,
                                      std::vector<std::string> attributes, DoctorReport& report);

// Active Directory: the access control list and allowedAttributesEffective; the domain's rules, its
// clock, and the controllers that DNS names.
void CheckActiveDirectory(LdapConnection& connection, const DirectoryCheck& check,
                          DoctorReport& report);
// Others: to delete a value that an attribute does not have changes nothing, and is refused in
// another way to who may not write there.
void CheckRfc3062Directory(LdapConnection& connection, const DirectoryCheck& check,
                           DoctorReport& report);

}  // namespace sspr::service
