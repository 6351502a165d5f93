// SPDX-License-Identifier: Apache-2.0
// A directory that gets each new password behind the one where the passwords are.
#pragma once

#include <optional>
#include <string>

#include "service/directory/ldap_settings.h"
#include "service/entra/entra_settings.h"

namespace sspr::service {

struct FollowerSettings {
  std::string name;                    // the section of the configuration: for the audit
  std::optional<LdapSettings> ldap;    // or
  std::optional<EntraSettings> entra;  // or neither: the service's own database
};

}  // namespace sspr::service
