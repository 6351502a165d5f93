// SPDX-License-Identifier: Apache-2.0
// What kReady says of the account's failed logins (setpw_frames.h).
#pragma once

#include <cstdint>

namespace sspr {

// A set.
enum Locked : std::uint8_t {
  kLockedOut = 1,    // too many failed logins keep the account out
  kOfDirectory = 2,  // it is no account of this machine's own files
};

}  // namespace sspr
