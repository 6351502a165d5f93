// SPDX-License-Identifier: Apache-2.0
// What all phases of one PAM transaction ask and remember: its items, its marks, its log.
#pragma once

#include <security/pam_modules.h>

#include <string_view>

#include "common/base/secret.h"
#include "pam_module/module/audience.h"
#include "pam_module/module/options.h"
#include "pam_module/module/reset.h"

namespace sspr {

// Things that happened in a PAM transaction, remembered for its later phases.
inline constexpr char kMarkReset[] = "sspr_reset_done";   // it had its one reset
inline constexpr char kMarkSet[] = "sspr_password_set";   // and a password was set
inline constexpr char kMarkDemanded[] = "sspr_demanded";  // a new password is demanded
inline constexpr char kMarkManaged[] = "sspr_managed";    // the service keeps this password too

// False when it cannot be remembered.
bool Mark(pam_handle_t* pam, const char* name) noexcept;
bool IsMarked(pam_handle_t* pam, const char* name) noexcept;

// Empty when there is none; holds until the host or a module sets the item.
std::string_view Item(pam_handle_t* pam, int type) noexcept;
Place PlaceOf(pam_handle_t* pam) noexcept;

// Options and user of a call. False when a word is malformed (it is logged) or there is no user:
// then nothing of ours is done.
bool Prepare(pam_handle_t* pam, int argc, const char** argv, Options& options,
             Secret& user) noexcept;

void LogEnd(pam_handle_t* pam, const Options& options, ResetEnd end) noexcept;
void LogNoOffer(pam_handle_t* pam, const Options& options, const char* reason) noexcept;
bool UserChanged(pam_handle_t* pam, const Secret& user) noexcept;

}  // namespace sspr
