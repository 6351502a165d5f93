// SPDX-License-Identifier: Apache-2.0
// The connection to sspr-online: that it is made is the whole request.
#pragma once

#include <string>

namespace sspr {

inline constexpr char kOnlineSocket[] = "/run/sspr/online.sock";

// Has the machine's SSSD and winbind told that the directory is there, and waits until that is
// done, 6 s at most. Quiet where nobody listens: such a machine has neither, or does without.
void TellMachineOnline(const std::string& socket_path);

}  // namespace sspr
