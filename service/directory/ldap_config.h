// SPDX-License-Identifier: Apache-2.0
// The keys of [directory], or of another section, that say where an LDAP directory or an Active
// Directory is, for every program that reaches one.
#pragma once

#include <string>

#include "common/config/key_reader.h"
#include "service/directory/ldap_settings.h"

namespace sspr::service {

// type: "ldap" or "ad". What is wrong is the reader's fault.
LdapSettings ReadLdapSettings(KeyReader& reader, const std::string& type,
                              const char* section = "directory");

}  // namespace sspr::service
