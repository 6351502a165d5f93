// SPDX-License-Identifier: Apache-2.0
// Whose name was typed. Somebody whom we do not know, who is switched off or who lacks the methods
// goes on as nobody: the same steps, the same answers, and no code is ever right.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"

namespace sspr::service {

struct Identity {
  std::string subject;
  std::optional<DirectoryUser> user;     // whom the name belongs to
  const char* nobody_because = nullptr;  // null: the user may go on
  bool needs_another_client = false;     // the user could reset with one that knows more methods
  Policy policy = {};                    // for a reset: the user's own, or the tenant's for nobody
};

Identity IdentifyForReset(EngineParts& parts, std::string_view typed, const Policy& policy,
                          const Capabilities& capabilities, UnixSeconds now);
Identity IdentifyForSignIn(EngineParts& parts, std::string_view typed);

}  // namespace sspr::service
