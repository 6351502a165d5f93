// SPDX-License-Identifier: Apache-2.0
// What is done with every method that a person adds on these pages.
#pragma once

#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"

namespace sspr::service {

// Only the first method of a person has to cool: who has one has proved with it who they are.
UnixSeconds UsableFrom(EngineParts& parts, const DirectoryUser& user, const Policy& policy,
                       UnixSeconds now);

// Audits it, which throws when it cannot be written, keeps it, and tells the person everywhere.
void AddMethod(EngineParts& parts, const Caller& caller, const DirectoryUser& user,
               const MethodRecord& method);

}  // namespace sspr::service
