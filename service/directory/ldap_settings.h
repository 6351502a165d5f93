// SPDX-License-Identifier: Apache-2.0
// Where an LDAP directory is, and how people are found in it.
#pragma once

#include <chrono>
#include <string>

namespace sspr::service {

enum class LdapKind { kRfc3062, kActiveDirectory };

struct LdapSettings {
  LdapKind kind = LdapKind::kRfc3062;
  // ldaps://HOST[:PORT], or ldap:// with STARTTLS or to this machine. Several, with spaces between,
  // are tried in that order.
  std::string url;
  bool start_tls = false;
  std::string ca_file;  // PEM; empty: the machine's
  std::string bind_dn;  // of the service's own account
  std::string bind_password_file;
  std::string base;  // below which the people are
  // "%u" stands for the name, escaped. Has to find one entry at most.
  std::string user_filter = "(&(objectClass=inetOrgPerson)(uid=%u))";
  // What people are known by for good: entryUUID or nsUniqueId. Not of Active Directory.
  std::string id_attribute = "entryUUID";
  std::string name_attribute = "uid";
  std::string account_attribute = "uid";  // the account of a machine; empty: nobody has one
  std::string display_attribute = "cn";
  // Groups are entries right below this one (of Active Directory: anywhere below it, also through
  // other groups), by their cn, with the people's DN as member; empty: nobody is in a group.
  std::string group_base;
  unsigned connections = 4;
  std::chrono::milliseconds timeout{5'000};  // of each operation
};

}  // namespace sspr::service
