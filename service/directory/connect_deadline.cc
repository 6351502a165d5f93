// SPDX-License-Identifier: Apache-2.0
#include "service/directory/connect_deadline.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sspr::service {

ConnectDeadline::ConnectDeadline(ldap* handle, std::chrono::milliseconds limit)
    : handle_(handle), limit_(limit) {
  callback_.lc_add = OnConnect;
  callback_.lc_del = OnClose;
  callback_.deadline = this;
  is_in_place_ = ldap_set_option(handle, LDAP_OPT_CONNECT_CB, &callback_) == LDAP_OPT_SUCCESS;
  thread_ = std::thread([this] { Wait(); });
}

ConnectDeadline::~ConnectDeadline() {
  // The handle keeps a list of callbacks; this is how one is taken off it.
  if (is_in_place_) ldap_get_option(handle_, LDAP_OPT_CONNECT_CB, &callback_);
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (socket_ >= 0) close(socket_);
}

int ConnectDeadline::OnConnect(ldap* handle, Sockbuf* buffer, LDAPURLDesc*, sockaddr*,
                               ldap_conncb* callback) {
  ber_socket_t socket = -1;
  ber_sockbuf_ctrl(buffer, LBER_SB_OPT_GET_FD, &socket);
  static_cast<Callback*>(callback)->deadline->Watch(socket);
  // Now that TCP is connected: with this limit libldap goes round and round during the handshake
  // instead of waiting.
  ldap_set_option(handle, LDAP_OPT_NETWORK_TIMEOUT, nullptr);
  return 0;
}

void ConnectDeadline::OnClose(ldap*, Sockbuf*, ldap_conncb*) {}

void ConnectDeadline::Watch(int socket) {
  {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) close(socket_);
    socket_ = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    ends_ = std::chrono::steady_clock::now() + limit_;
  }
  changed_.notify_one();
}

void ConnectDeadline::Wait() {
  std::unique_lock lock(mutex_);
  while (!done_) {
    if (socket_ < 0) {
      changed_.wait(lock);
    } else if (std::chrono::steady_clock::now() < ends_) {
      changed_.wait_until(lock, ends_);
    } else {
      shutdown(socket_, SHUT_RDWR);
      close(socket_);
      socket_ = -1;
    }
  }
}

}  // namespace sspr::service
