// SPDX-License-Identifier: Apache-2.0
// What is different from one kind of LDAP directory to another: what an entry says of a person, how
// a password is set, what a refusal means. Safe from several threads at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "service/directory/directory.h"
#include "service/directory/ldap_connection.h"
#include "service/directory/ldap_settings.h"

namespace sspr::service {

// What tells whether the password of an entry was changed since.
struct PasswordState {
  std::string changed;  // generalized time, as the directory writes it
  std::string version;  // of the entry
};
std::string TextOf(const PasswordState& state);
PasswordState StateOf(std::string_view text);

// "20261128040000Z", or with a fraction, in UTC; nothing otherwise.
std::optional<UnixSeconds> GeneralizedTime(std::string_view text);

// What an error of the password policy's control says of the password
// (draft-behera-ldap-password-policy-10, section 6.2); nothing for those that are not of it.
std::optional<RefusalCode> RefusalOfPolicy(int error);

struct LdapSetAnswer {
  LdapAnswer answer;
  std::optional<RefusalCode> refusal = {};  // with an error: another password may do
  // With an error: the generation that the password has now, where trying it changed that.
  std::optional<std::int64_t> generation = {};
};

// Who is set a password, or unlocked.
struct LdapTarget {
  const std::string& dn;
  const DirectoryUser& user;
  const std::string& rules;  // as RulesOf said of the entry
};

class LdapDialect {
 public:
  // settings outlive it.
  static std::unique_ptr<LdapDialect> Make(const LdapSettings& settings);
  LdapDialect() = default;
  LdapDialect(const LdapDialect&) = delete;
  LdapDialect& operator=(const LdapDialect&) = delete;
  virtual ~LdapDialect() = default;

  // Those that Person looks at.
  virtual std::vector<std::string> Attributes() const = 0;
  // Without the groups. Nothing when the entry has no identifier or no usable name.
  virtual std::optional<DirectoryUser> Person(const LdapEntry& entry, UnixSeconds now) const = 0;
  // Nothing when it is no id.
  virtual std::optional<std::string> FilterOfId(std::string_view id) const = 0;
  virtual LdapScope GroupScope() const = 0;
  virtual std::string FilterOfGroups(std::string_view escaped_dn) const = 0;

  // Whether that bind made the connection that entry's.
  virtual bool IsBoundAs(LdapConnection& connection, const std::string& dn) const = 0;
  // Before people are read by this connection: what SetPassword will need of the server besides.
  virtual void Prepare(LdapConnection& connection, UnixSeconds now) {
    (void)connection;
    (void)now;
  }
  // Which rules for passwords are this entry's, where it says so: kept for what is done to it.
  virtual std::string RulesOf(const LdapEntry& entry) const {
    (void)entry;
    return {};
  }
  // Who changed the entry last; empty: it does not say.
  virtual std::string ModifierOf(const LdapEntry& entry) const {
    return entry.First("modifiersname");
  }
  // One exchange with the server, as a rule.
  virtual LdapSetAnswer SetPassword(LdapConnection& connection, const LdapTarget& target,
                                    const Secret& password, UnixSeconds now) = 0;
  // Whether the password was set anew since `claimed`, between the two states.
  virtual bool WasSet(const PasswordState& before, const PasswordState& now,
                      UnixSeconds claimed) const = 0;
  virtual LdapAnswer Unlock(LdapConnection& connection, const LdapTarget& target) const = 0;
};

}  // namespace sspr::service
