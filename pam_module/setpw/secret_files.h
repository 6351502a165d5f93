// SPDX-License-Identifier: Apache-2.0
// The files in a home folder that the login password locks. To be called as the user whose home it
// is (user_child.h). Nothing is ever deleted but what was made here; symbolic links are not
// followed and files of others are left alone.
//
// A file that is made anew for the new password waits beside the old one under a name that carries
// the transaction, until the password is set. Every step may be repeated after a kill: the names
// say what was done.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/base/setpw_frames.h"

namespace sspr::setpw {

struct UserHome {
  std::string account;
  std::string folder;
  std::uint32_t uid = 0;
};

// The reset that a change belongs to.
struct ResetMark {
  std::string transaction;  // hexadecimal
  std::string date;         // 2026-11-28
};

// Sets of kSecret… bits.
OldSecrets FindOldSecrets(const UserHome& home);
// Of those that can be made anew, which this password opens.
OldSecrets OpenedBy(const UserHome& home, const Secret& password);
// Makes them anew, still beside the old ones, in place of an earlier try. kPolicy: the new password
// is too long for one of them.
Status StageSecrets(const UserHome& home, const ResetMark& mark, const Secret& old_password,
                    const Secret& new_password);
// The reset came to nothing.
void DropStagedSecrets(const UserHome& home, const ResetMark& mark);
// The new password is set: what was made anew takes its place, a keyring of the old password is put
// aside under a name that its own program still offers.
SettledSecrets SettleSecrets(const UserHome& home, const ResetMark& mark);

}  // namespace sspr::setpw
