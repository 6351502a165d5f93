// SPDX-License-Identifier: Apache-2.0
#include "service/directory/ldap_config.h"

#include <algorithm>
#include <chrono>

#include "service/directory/entry_ids.h"
#include "service/directory/ldap_urls.h"

namespace sspr::service {
namespace {

bool AreLdapUrls(const std::string& text) {
  return std::ranges::all_of(LdapUrlsOf(text), [](const std::string& url) {
    return url.starts_with("ldap://") || url.starts_with("ldaps://");
  });
}

LdapSettings ActiveDirectoryDefaults() {
  LdapSettings ldap;
  ldap.kind = LdapKind::kActiveDirectory;
  ldap.user_filter = "(&(objectCategory=person)(objectClass=user)(sAMAccountName=%u))";
  ldap.name_attribute = ldap.account_attribute = "sAMAccountName";
  ldap.display_attribute = "displayName";
  return ldap;
}

}  // namespace

LdapSettings ReadLdapSettings(KeyReader& reader, const std::string& type, const char* section) {
  LdapSettings ldap = type == "ad" ? ActiveDirectoryDefaults() : LdapSettings{};
  ldap.url = reader.Needed(section, "url");
  if (!AreLdapUrls(ldap.url)) {
    reader.FailAt(section, "url", "write ldaps://HOST or ldap://HOST, with :PORT if need be");
  }
  ldap.start_tls = reader.Switch(section, "start_tls", false);
  if (ldap.start_tls && ldap.url.starts_with("ldaps://")) {
    reader.FailAt(section, "start_tls", "ldaps:// is encrypted from the start: leave it out");
  }
  if (type == "ad" && !ldap.start_tls && ldap.url.find("ldap://") != std::string::npos) {
    reader.FailAt(section, "url", "Active Directory takes passwords over TLS only: ldaps://");
  }
  reader.Path(section, "ca_file", ldap.ca_file);
  ldap.bind_dn = reader.Needed(section, "bind_dn");
  reader.Needed(section, "bind_password_file");
  reader.Path(section, "bind_password_file", ldap.bind_password_file);
  ldap.base = reader.Needed(section, "base");
  ldap.user_filter = reader.Text(section, "user_filter", ldap.user_filter);
  if (ldap.user_filter.find("%u") == std::string::npos) {
    reader.FailAt(section, "user_filter", "write %u where the name is to stand");
  }
  if (type == "ldap") {
    ldap.id_attribute = reader.Text(section, "id_attribute", ldap.id_attribute);
    if (ldap.id_attribute != kEntryUuid && ldap.id_attribute != kNsUniqueId) {
      reader.FailAt(section, "id_attribute", "write entryUUID or nsUniqueId");
    }
  }
  ldap.name_attribute = reader.Text(section, "name_attribute", ldap.name_attribute);
  ldap.account_attribute = reader.Text(section, "account_attribute", ldap.account_attribute);
  ldap.display_attribute = reader.Text(section, "display_attribute", ldap.display_attribute);
  ldap.group_base = reader.Text(section, "group_base", "");
  constexpr int kMostConnections = 64;
  constexpr int kLongestTimeout = 60;
  ldap.connections =
      static_cast<unsigned>(reader.Number(section, "connections", 4, 1, kMostConnections));
  ldap.timeout = std::chrono::seconds(reader.Number(section, "timeout", 5, 1, kLongestTimeout));
  return ldap;
}

}  // namespace sspr::service
