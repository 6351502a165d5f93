// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"

namespace sspr {

// Every page that is used from now on stays in memory: no secret reaches the swap, wherever a copy
// of it may be. A forked child calls it again. Where the limit of locked memory is a small one that
// this process cannot raise (started by hand, not by its unit), nothing is locked: half a lock
// would refuse a thread its stack in the middle of a reset. kInternal when the kernel refuses what
// the limit allows.
Status KeepOutOfSwap();

}  // namespace sspr
