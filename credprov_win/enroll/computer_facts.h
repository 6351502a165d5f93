// SPDX-License-Identifier: Apache-2.0
// What this computer tells the service of itself.
#pragma once

#include "common/protocol/device_messages.h"

namespace sspr {

DeviceFacts ComputerFacts();

}  // namespace sspr
