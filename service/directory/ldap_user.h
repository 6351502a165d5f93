// SPDX-License-Identifier: Apache-2.0
// What an entry of an LDAP directory says of a person.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/directory/directory.h"
#include "service/directory/ldap_connection.h"
#include "service/directory/ldap_settings.h"

namespace sspr::service {

// The attributes that PersonOf looks at.
std::vector<std::string> AttributesOf(const LdapSettings& settings);

// Without the groups. Nothing when the entry has no entryUUID or no usable name.
std::optional<DirectoryUser> PersonOf(const LdapEntry& entry, const LdapSettings& settings,
                                      UnixSeconds now);

// "20261128040000Z", or with a fraction, in UTC; nothing otherwise.
std::optional<UnixSeconds> GeneralizedTime(std::string_view text);

// entryUUID as the store writes identifiers, and back. Nothing when it is none.
std::optional<std::string> IdOfUuid(std::string_view uuid);
std::optional<std::string> UuidOfId(std::string_view id);

// What tells whether the password of an entry was changed since.
struct PasswordState {
  std::string changed;  // pwdChangedTime
  std::string version;  // entryCSN
};
std::string TextOf(const PasswordState& state);
PasswordState StateOf(std::string_view text);

}  // namespace sspr::service
