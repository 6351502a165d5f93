// SPDX-License-Identifier: Apache-2.0
// What an entry of Active Directory says of a person.
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

std::vector<std::string> ActiveDirectoryAttributes(const LdapSettings& settings);

// Without the groups. Nothing when the entry has no objectGUID or no usable name. Who is protected
// (adminCount: a member of a group like Domain Admins, now or once) counts as disabled: nobody's
// reset from a login screen may reach those.
std::optional<DirectoryUser> ActiveDirectoryPerson(const LdapEntry& entry,
                                                   const LdapSettings& settings, UnixSeconds now);

// Windows counts time in these.
inline constexpr long long kTicksPerSecond = 10'000'000;

// The 16 bytes of an objectGUID as the store writes identifiers: the digits that Windows shows,
// without the dashes; and back. Nothing when it is none.
std::optional<std::string> IdOfGuid(std::string_view guid);
std::optional<std::string> GuidOfId(std::string_view id);

// 100 ns since 1601 in UTC, decimal, as generalized time with seven digits behind the second;
// empty for 0 and for what is no such number.
std::string TimeOfFileTime(std::string_view file_time);

}  // namespace sspr::service
