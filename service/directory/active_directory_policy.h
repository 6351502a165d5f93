// SPDX-License-Identifier: Apache-2.0
// A domain's rules for passwords, as far as they explain why it took none. Active Directory says
// only that one of them was broken (0000052D); Samba says which.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "service/directory/ldap_connection.h"
#include "service/flow_service.h"

namespace sspr::service {

struct DomainPasswordPolicy {
  std::size_t min_length = 0;  // UTF-16 code units
  bool complex = false;        // three of five kinds of characters
  int history = 0;
  std::chrono::seconds min_age{0};
};

// Of the domain's root, or of a password settings object. Absent attributes: no rule.
DomainPasswordPolicy DomainPasswordPolicyOf(const LdapEntry& entry);

// Whether a password of that age may not be changed yet. changed_at 0: not known.
bool IsTooYoung(const DomainPasswordPolicy& policy, UnixSeconds changed_at, UnixSeconds now);

// Why the domain refused, for an answer with an error; nothing when it was not the password's
// fault.
std::optional<RefusalCode> ReasonOf(const LdapAnswer& answer, const DomainPasswordPolicy& policy,
                                    const Secret& password);

}  // namespace sspr::service
