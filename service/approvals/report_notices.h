// SPDX-License-Identifier: Apache-2.0
// Who is told when a person reports a reset as not theirs: the person, and the administrators.
#pragma once

#include <string>

#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"

namespace sspr::service {

// What cannot be sent is logged; the report stands.
void TellOfReport(EngineParts& parts, const DirectoryUser& user, const Policy& policy,
                  const std::string& place, const std::string& flow_id);

}  // namespace sspr::service
