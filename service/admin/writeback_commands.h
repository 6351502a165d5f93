// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/admin/commands.h"

namespace sspr::service {

void AddWritebackCommands(CLI::App& app, FoundationCommand& chosen);

}  // namespace sspr::service
