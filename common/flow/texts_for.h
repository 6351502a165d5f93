// SPDX-License-Identifier: Apache-2.0
// Which sentence goes with which fault: one table, complete over the enums.
#pragma once

#include "common/base/setpw_frames.h"
#include "common/flow/password_rules.h"
#include "common/flow/service_values.h"
#include "common/flow/text_id.h"

namespace sspr {

Text TextFor(ServiceFailure failure);
// For a refusal that ends the flow.
Text TextFor(const Refused& refused);
Text TextFor(RefusalReason reason);
Text TextFor(PasswordFault fault);
Text TextFor(RuleBroken broken, const PasswordRules& rules);

}  // namespace sspr
