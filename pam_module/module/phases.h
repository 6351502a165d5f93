// SPDX-License-Identifier: Apache-2.0
// The phases behind the authentication. Each does something only where the administrator put a line
// of ours into it; all but a demand, and a change that was begun, end in PAM_IGNORE.
#pragma once

#include <security/pam_modules.h>

#include "common/base/secret.h"
#include "pam_module/module/options.h"

namespace sspr {

// Asks the service whether the user may go on with the password there is. PAM_NEW_AUTHTOK_REQD: not
// before a new one is set; PAM_PERM_DENIED: not at all, or the service was not there and the
// administrator wrote unreachable=closed.
int CheckAccount(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept;

// The same within the authentication, for front ends that cannot change a password later: behind
// the password module, which has taken the password. PAM_IGNORE or PAM_PERM_DENIED.
int DemandWithinAuthentication(pam_handle_t* pam, int flags, const Options& options,
                               const Secret& user) noexcept;

// A password that the service keeps too is set there and here, by a reset. PAM_SUCCESS (in the
// first round: it is such a password; in the second: it is set), PAM_AUTHTOK_ERR, or, for every
// other password, PAM_IGNORE.
int ChangePassword(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept;

// Reminds who has no way to prove who it is yet. PAM_IGNORE.
int Remind(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept;

}  // namespace sspr
