// SPDX-License-Identifier: Apache-2.0
// What the process gives up before it reads its first frame: environment, descriptors, core files,
// the user it was started as, new privileges, and every system call that a reset does not need.
#pragma once

#include <string>

#include "common/base/result.h"

namespace sspr {

// Standard output and error to /dev/null (unless keep_output), every descriptor above closed,
// environment emptied, cwd /, umask 077, no core, not dumpable, no page swapped out, few
// descriptors, and (unless keep_output) no file that grows.
Status TidyProcess(bool keep_output);

// From root to that user, its group and no other group; checked afterwards. Nothing to do when the
// process has no privileges to begin with.
Status DropTo(const std::string& user);

// No new privileges, and the allow-list of system_calls.cc. No way back.
Status ConfineSystemCalls();

}  // namespace sspr
