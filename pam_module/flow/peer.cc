// SPDX-License-Identifier: Apache-2.0
#include "pam_module/flow/peer.h"

#include <pwd.h>
#include <sys/socket.h>

#include <vector>

namespace sspr {

std::optional<Peer> PeerOf(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
    return std::nullopt;
  }
  int domain = 0;
  size = sizeof domain;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX) {
    return std::nullopt;
  }
  ucred credentials{};
  size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || credentials.pid == 0) {
    return std::nullopt;
  }
  return Peer{credentials.uid};
}

bool MayReset(const Peer& peer, const std::string& user) {
  if (peer.uid == 0) return true;
  std::vector<char> memory(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  const int fault = getpwnam_r(user.c_str(), &entry, memory.data(), memory.size(), &found);
  return fault == 0 && found != nullptr && found->pw_uid == peer.uid;
}

}  // namespace sspr
