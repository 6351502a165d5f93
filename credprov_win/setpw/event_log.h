// SPDX-License-Identifier: Apache-2.0
// What sspr-setpw.exe tells the event log: the log "Application", source "SSPR Login". The numbers
// are those of SSPR-S... on Linux and 300. Never a password or a permit; names only once they are
// known to be those of an account.
#pragma once

#include <cstdint>
#include <string_view>

namespace sspr::setpw {

enum class Event : std::uint16_t {
  kPrepareRefused = 303,
  kProposed = 304,
  kProposalRejected = 305,
  kPermitRefused = 306,
  kPasswordSet = 307,
  kNotSet = 308,
  kBrokenProtocol = 311,
  kBesideTheChange = 312,
  kInternal = 313,
  kUnlocked = 320,
};

// A sentence for the administrator, and the detail.
void LogEvent(Event event, std::string_view detail);

}  // namespace sspr::setpw
