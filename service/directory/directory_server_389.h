// SPDX-License-Identifier: Apache-2.0
// What 389 Directory Server, and what is built on it (Red Hat Directory Server, FreeIPA), does in
// its own way: how an entry says that it is locked, and when its password was changed; why a
// password was not taken. The server is known by its entries: each has an nsUniqueId.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "service/directory/directory.h"
#include "service/directory/ldap_connection.h"
#include "service/directory/ldap_dialect.h"
#include "service/flow_service.h"

namespace sspr::service {

// Those that the functions below look at.
std::vector<std::string> AttributesOf389();
bool IsOf389(const LdapEntry& entry);

// pwdUpdateTime is there with passwordTrackUpdateTime alone; there is no counter of changes.
PasswordState PasswordStateOf389(const LdapEntry& entry);
// After failed sign-ins. Who was set a password in the meantime is not, though the time of the
// unlock still stands in the entry.
bool IsLockedBy389(const LdapEntry& entry, UnixSeconds now);
// FreeIPA's account that is over. nsAccountLock is not looked at.
bool IsOverInFreeIpa(const LdapEntry& entry, UnixSeconds now);
// Who changed the entry last. Empty: that is not known, for the server itself writes behind a set.
std::string ModifierOf389(const LdapEntry& entry);

// userPassword in a change, which the server hashes and judges as it does with RFC 3062. It answers
// that one with "Failed to update password" and does not tell the history from other reasons;
// and where passwords have to be changed after an administrator's reset (passwordMustChange) it
// takes that one for such, whoever asks. A lock goes in the same step, if the account may take it
// away: the server does so itself, but only after it has answered.
LdapSetAnswer SetPasswordIn389(LdapConnection& connection, const LdapTarget& target,
                               const Secret& password);
LdapAnswer UnlockIn389(LdapConnection& connection, const std::string& dn);

// For an answer with an error: which rule it was, by the server's own words. Nothing when it was
// not the password's fault.
std::optional<RefusalCode> ReasonOf389(const LdapAnswer& answer);

}  // namespace sspr::service
