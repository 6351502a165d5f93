// SPDX-License-Identifier: Apache-2.0
// OpenLDAP, 389 Directory Server and FreeIPA: the server hashes (RFC 3062), its password policy
// judges (draft-behera-ldap-password-policy), people are told apart by entryUUID. Where 389
// Directory Server has ways of its own, by those (directory_server_389.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/directory/ldap_dialect.h"

namespace sspr::service {

class Rfc3062Directory : public LdapDialect {
 public:
  explicit Rfc3062Directory(const LdapSettings& settings) : settings_(settings) {}

  std::vector<std::string> Attributes() const override;
  std::optional<DirectoryUser> Person(const LdapEntry& entry, UnixSeconds now) const override;
  std::optional<std::string> FilterOfId(std::string_view id) const override;
  LdapScope GroupScope() const override { return LdapScope::kChildren; }
  std::string FilterOfGroups(std::string_view escaped_dn) const override;
  bool IsBoundAs(LdapConnection& connection, const std::string& dn) const override;
  std::string RulesOf(const LdapEntry& entry) const override;
  std::string ModifierOf(const LdapEntry& entry) const override;
  LdapSetAnswer SetPassword(LdapConnection& connection, const LdapTarget& target,
                            const Secret& password, UnixSeconds now) override;
  bool WasSet(const PasswordState& before, const PasswordState& now,
              UnixSeconds claimed) const override;
  LdapAnswer Unlock(LdapConnection& connection, const LdapTarget& target) const override;

 private:
  const LdapSettings& settings_;
};

}  // namespace sspr::service
