// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/admin/commands.h"

namespace sspr::service {

void AddFollowerCommands(CLI::App& app, FoundationCommand& chosen);

}  // namespace sspr::service
