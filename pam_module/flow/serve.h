// SPDX-License-Identifier: Apache-2.0
// The two things that sspr-flow does: serve one connection, and settle what was left open.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/client/machine_log.h"

namespace sspr {

// The connection is descriptor 0. The exit code: 0 when a person was served, whatever the outcome.
int ServeConnection(const std::string& config_path, const MachineLog& log);

// The exit code: 0 nothing is left open, 1 something is, 2 it could not be asked for.
int Recover(const std::string& config_path, const MachineLog& log,
            const std::function<void(std::string_view)>& say);

}  // namespace sspr
