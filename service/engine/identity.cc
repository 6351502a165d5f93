// SPDX-License-Identifier: Apache-2.0
#include "service/engine/identity.h"

#include "service/engine/offers.h"
#include "service/engine/risk.h"
#include "service/policy/audience.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

Identity Identify(EngineParts& parts, std::string_view typed) {
  const std::optional<std::string> canonical = CanonicalUserName(typed);
  Identity identity{.subject = SubjectOf(parts.keys, typed, canonical), .user = {}};
  identity.user = parts.directory.Find(canonical.value_or(""));
  if (!identity.user) {
    identity.nobody_because = "unknown user";
  } else if (!identity.user->enabled) {
    identity.nobody_because = "disabled user";
  }
  return identity;
}

}  // namespace

Identity IdentifyForReset(EngineParts& parts, std::string_view typed, const Policy& policy,
                          const Capabilities& capabilities, UnixSeconds now) {
  Identity identity = Identify(parts, typed);
  const std::vector<std::string> groups =
      identity.user ? identity.user->groups : std::vector<std::string>();
  std::vector<MethodRecord> methods =
      parts.store.ListMethods(identity.user ? identity.user->id : std::string());
  std::erase_if(methods, [&](const MethodRecord& one) { return !IsThere(parts, one.kind); });
  const Policy own = PolicyOf(parts, policy, identity.user);
  identity.policy = policy;
  const bool is_registered = IsRegistered(methods, own, capabilities, now);
  const bool is_registered_elsewhere = IsRegistered(methods, own, kKnowsEverything, now);
  const bool is_stopped =
      parts.approvals != nullptr &&
      parts.approvals->StoppedUntil(identity.user ? identity.user->id : std::string(), now) != 0;
  if (identity.nobody_because != nullptr) return identity;
  if (!IsInScope(policy, groups)) {
    identity.nobody_because = "out of scope";
  } else if (!is_registered) {
    identity.nobody_because = "too few methods";
    identity.needs_another_client = is_registered_elsewhere && !is_stopped;
  } else if (is_stopped) {
    identity.nobody_because = "stopped by a report";
  } else {
    identity.policy = own;
  }
  return identity;
}

Identity IdentifyForSignIn(EngineParts& parts, std::string_view typed) {
  return Identify(parts, typed);
}

}  // namespace sspr::service
