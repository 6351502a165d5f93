// SPDX-License-Identifier: Apache-2.0
// Whether an LDAP directory is there and lets the service do its work. Asks as the service's own
// account, and changes nothing: rights are those that the directory itself says are effective, or
// that it shows by how it refuses what cannot be done.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "service/directory/ldap_settings.h"
#include "service/doctor/report.h"
#include "service/policy/policy.h"

namespace sspr::service {

struct DirectoryCheck {
  const LdapSettings& settings;
  const Clock& clock;
  std::string person = {};         // on whom rights are looked at; empty: the first that is found
  const Policy* policy = nullptr;  // null: not compared
};

void CheckDirectory(const DirectoryCheck& check, DoctorReport& report);

}  // namespace sspr::service
