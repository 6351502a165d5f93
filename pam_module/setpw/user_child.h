// SPDX-License-Identifier: Apache-2.0
// Work in the folder of a user, done as that user: a child process that has given up root for good
// before it opens the first of the user's files. A link or a race in that folder reaches nothing
// that the user could not reach without us.
#pragma once

#include <sys/types.h>

#include "pam_module/setpw/child_work.h"

namespace sspr::setpw {

// As RunInChild. kInternal also when root could not be given up: then work was not begun. The
// process must be root.
Result<ChildAnswer> RunAsUser(uid_t uid, gid_t gid, const std::function<ChildAnswer()>& work,
                              std::chrono::milliseconds limit);

}  // namespace sspr::setpw
