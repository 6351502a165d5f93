// SPDX-License-Identifier: Apache-2.0
// What people are told after a reset or an unlock: the user at every address, and the other
// administrators when one of them resets.
#pragma once

#include "service/engine/engine_parts.h"

namespace sspr::service {

// What cannot be sent is logged; the reset stands.
void TellOfSuccess(EngineParts& parts, const TransactionRecord& transaction);

}  // namespace sspr::service
