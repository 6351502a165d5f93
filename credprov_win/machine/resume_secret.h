// SPDX-License-Identifier: Apache-2.0
// The secret by which a reset that was cut off is found again (common/client/resume_key.h). SYSTEM
// and administrators may write it, LocalService (sspr-flow.exe) may read it, nobody else may.
#pragma once

#include "common/base/result.h"

namespace sspr {

// Below HKEY_LOCAL_MACHINE.
inline constexpr char kResumeSecretKey[] = "SOFTWARE\\SSPR Login\\Resume";

// Makes one unless it is there. kDenied without the right to write.
Status MakeResumeSecret();
Status RemoveResumeSecret();

}  // namespace sspr
