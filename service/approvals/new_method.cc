// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/new_method.h"

#include <algorithm>

#include "service/engine/notices.h"
#include "service/methods/method_kind.h"

namespace sspr::service {
UnixSeconds UsableFrom(EngineParts& parts, const DirectoryUser& user, const Policy& policy,
                       UnixSeconds now) {
  const std::vector<MethodRecord> methods = parts.store.ListMethods(user.id);
  const bool has_usable = std::ranges::any_of(methods, [now](const MethodRecord& method) {
    return method.kind != MethodKind::kTemporaryPass && method.usable_from <= now;
  });
  if (has_usable || policy.cooling_hours == 0) return 0;
  return now + policy.cooling_hours * kHourSeconds;
}

void AddMethod(EngineParts& parts, const Caller& caller, const DirectoryUser& user,
               const MethodRecord& method) {
  const std::vector<MethodRecord> audience = parts.store.ListMethods(user.id);
  Record(parts,
         {.event = "method.add",
          .outcome = "done",
          .reason = Name(method.kind),
          .user_id = user.id,
          .username = user.username,
          .address = caller.address,
          .correlation_id = caller.correlation_id},
         AuditLog::Weight::kFinal);
  parts.store.InsertMethod(method);
  TellOfMethodChange(parts, user, audience, method.kind, MethodChange::kAdded);
}

}  // namespace sspr::service
