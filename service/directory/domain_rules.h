// SPDX-License-Identifier: Apache-2.0
// What a domain says of itself and of its rules for passwords: read once a minute beside a person's
// entry, so that nobody waits for it when the password is set. Safe from several threads at once.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/directory/active_directory_policy.h"
#include "service/directory/ldap_connection.h"

namespace sspr::service {

struct DomainFacts {
  std::string domain;        // DN of the root
  bool knows_hints = false;  // the controller that was asked; another may not
  DomainPasswordPolicy policy = {};
  // Password settings objects that the service's account may read, by their DN in small letters.
  std::map<std::string, DomainPasswordPolicy, std::less<>> objects = {};
  UnixSeconds read_at = 0;

  // Of a person for whom that object counts (msDS-ResultantPSO); empty, or one that may not be
  // read: the domain's.
  const DomainPasswordPolicy& PolicyFor(std::string_view object) const;
};

class DomainRules {
 public:
  using Facts = std::shared_ptr<const DomainFacts>;

  // Reads them when they are old, unless somebody else does at this moment. What fails is tried
  // again later.
  void Refresh(LdapConnection& connection, UnixSeconds now);
  // Those that are kept, or else as of now: three exchanges. kInternal.
  Result<Facts> Get(LdapConnection& connection, UnixSeconds now);
  void Forget();

 private:
  std::mutex mutex_;
  Facts facts_;
  UnixSeconds tried_at_ = 0;
};

}  // namespace sspr::service
