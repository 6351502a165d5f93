// SPDX-License-Identifier: Apache-2.0
// A time limit for setting up a connection to a directory, TLS included: libldap has one for the
// TCP connection alone, and with a server that falls silent during the handshake it would wait
// forever. When the time is up the socket is shut down, which ends whatever reads from it.
#pragma once

#include <ldap.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace sspr::service {

class ConnectDeadline {
 public:
  // From now until the object goes, each connection that the handle makes has so long from when it
  // stands. The thread that made the object uses the handle; the object goes first.
  ConnectDeadline(ldap* handle, std::chrono::milliseconds limit);
  ConnectDeadline(const ConnectDeadline&) = delete;
  ConnectDeadline& operator=(const ConnectDeadline&) = delete;
  ~ConnectDeadline();

  // Whether the callback could be put in place.
  bool is_in_place() const { return is_in_place_; }

 private:
  struct Callback : ldap_conncb {
    ConnectDeadline* deadline;
  };
  static int OnConnect(ldap* handle, Sockbuf* buffer, LDAPURLDesc* server, sockaddr* address,
                       ldap_conncb* callback);
  static void OnClose(ldap* handle, Sockbuf* buffer, ldap_conncb* callback);
  void Watch(int socket);
  void Wait();

  ldap* const handle_;
  const std::chrono::milliseconds limit_;
  Callback callback_{};
  bool is_in_place_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  int socket_ = -1;  // a descriptor of our own, so that it is never somebody else's
  std::chrono::steady_clock::time_point ends_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace sspr::service
