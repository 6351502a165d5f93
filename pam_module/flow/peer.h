// SPDX-License-Identifier: Apache-2.0
// Who is at the other end, and whose password that may reset: uid 0 (a login, a greeter) any
// account that is permitted, any other uid (a screen locker) only its own.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace sspr {

struct Peer {
  uid_t uid = 0;
};

// By SO_PEERCRED. Nothing when the descriptor is no connected unix stream socket.
std::optional<Peer> PeerOf(int fd);

// user is carriable. Asks the machine's name service for a peer that is not uid 0.
bool MayReset(const Peer& peer, const std::string& user);

}  // namespace sspr
