// SPDX-License-Identifier: Apache-2.0
// What our programs of the login screen give up at once: search paths, boxes of Windows', reports
// of a crash that would hold what was in memory, and what an intruder would need (code made at run
// time, other people's DLLs, further processes). A rule that this Windows does not know is not
// there.
#pragma once

namespace sspr {

void TakeProcessRules() noexcept;

}  // namespace sspr
