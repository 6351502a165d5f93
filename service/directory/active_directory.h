// SPDX-License-Identifier: Apache-2.0
// Active Directory, and Samba as its domain controller. A password is set by writing unicodePwd
// (MS-ADTS 3.1.1.3.1.5), over TLS only.
//
// The history: a domain controller of Windows applies it to a password that is set for somebody
// when the policy-hints control asks for that. One that does not know the control (Samba) gets a
// temporary password first, which nobody knows, and then a change from that to the new one, which
// its history judges. When it refuses, the temporary one stays: the person had forgotten the old
// one, and the next try, or an administrator, sets another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/crypto/random.h"
#include "service/directory/domain_rules.h"
#include "service/directory/ldap_dialect.h"

namespace sspr::service {

class ActiveDirectory : public LdapDialect {
 public:
  explicit ActiveDirectory(const LdapSettings& settings) : settings_(settings) {}

  std::vector<std::string> Attributes() const override;
  std::optional<DirectoryUser> Person(const LdapEntry& entry, UnixSeconds now) const override;
  std::optional<std::string> FilterOfId(std::string_view id) const override;
  LdapScope GroupScope() const override { return LdapScope::kSubtree; }
  std::string FilterOfGroups(std::string_view escaped_dn) const override;
  // It takes no empty password and no NUL, which are not sent; its "who am I" knows no DN.
  bool IsBoundAs(LdapConnection&, const std::string&) const override { return true; }
  void Prepare(LdapConnection& connection, UnixSeconds now) override {
    rules_.Refresh(connection, now);
  }
  std::string RulesOf(const LdapEntry& entry) const override;
  LdapSetAnswer SetPassword(LdapConnection& connection, const LdapTarget& target,
                            const Secret& password, UnixSeconds now) override;
  bool WasSet(const PasswordState& before, const PasswordState& now,
              UnixSeconds claimed) const override;
  LdapAnswer Unlock(LdapConnection& connection, const LdapTarget& target) const override;

 private:
  // is_locked: the lock is taken away in the same step.
  LdapAnswer Reset(LdapConnection& connection, const std::string& dn, const Secret& password,
                   bool hints, bool is_locked);
  // The pair of steps for a server that does not know hints. has_begun: the first was taken.
  LdapAnswer ResetByChange(LdapConnection& connection, const std::string& dn,
                           const Secret& password, bool is_locked, bool& has_begun);

  const LdapSettings& settings_;
  DomainRules rules_;
  SystemRandom random_;
};

}  // namespace sspr::service
