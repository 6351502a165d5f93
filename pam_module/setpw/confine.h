// SPDX-License-Identifier: Apache-2.0
// What a root program that anybody's bytes may reach takes away from itself. It goes on only when
// every step succeeded.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace sspr::setpw {

enum class Streams {
  kSocketOnly,  // descriptor 0 is the caller; 1 and 2 become /dev/null
  kTerminal,    // run by an administrator: 0 to 2 stay
};

// Before anything else: fixed environment, folder /, umask 077, no inherited descriptors, signals
// or limits, no core, not to be traced, no new privileges, no page swapped out.
Status TakeFixedSurroundings(Streams streams);

// Which files may be made, written or removed from now on, and no other, and that no program may be
// started from any; whatever root may do. Reading is left to file modes: word lists of the password
// rules may be anywhere.
struct WritableFiles {
  std::vector<std::string> folders;  // files beneath them are made, replaced and removed
  std::string tally_folder;          // files in it are emptied; need not exist
};
Status RestrictFiles(const WritableFiles& files);

// When all files are open that need it: a list of system calls; no program can be started, no
// network reached, no memory made executable. Left out under sanitizers, which need more.
Status RestrictSystemCalls();

}  // namespace sspr::setpw
