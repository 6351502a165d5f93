// SPDX-License-Identifier: Apache-2.0
// How often a shared device may begin a reset in an hour, whoever asks. Kept as empty files, named
// by the time, in a folder that need not outlive a boot (on /run): so it works on a read-only root,
// and for a process that may not let a file grow.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace sspr {

// Takes one start from the budget. kDenied: it is used up. kInternal: the folder cannot be used; it
// has to be the process' own, and nobody else's to write to. Several processes may call it at once.
// now: seconds, of a clock that all of them share.
Status TakeStart(const std::string& folder, int starts_per_hour, std::int64_t now);

}  // namespace sspr
