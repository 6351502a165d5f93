// SPDX-License-Identifier: Apache-2.0
// A relay before a server that counts how often it was asked something: each time that the client
// speaks after the server, whatever they say (it may be TLS). One connection after the other.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>

namespace sspr::service {

class CountingRelay {
 public:
  explicit CountingRelay(int port) : server_port_(port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, plain, sizeof address) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, plain, &size) != 0) {
      throw std::runtime_error("no free port");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  CountingRelay(const CountingRelay&) = delete;
  CountingRelay& operator=(const CountingRelay&) = delete;
  ~CountingRelay() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  int port() const { return port_; }
  int exchanges() const { return exchanges_; }

 private:
  static sockaddr_in Loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<in_port_t>(port));
    return address;
  }

  void Serve() {
    while (!stopping_) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address = Loopback(server_port_);
      if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        Carry(client, server);
      }
      close(server);
      close(client);
    }
  }

  void Carry(int client, int server) {
    constexpr int kTick = 50;
    bool server_spoke = true;
    std::array<char, 16384> bytes{};
    while (!stopping_) {
      pollfd watched[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      if (poll(watched, 2, kTick) <= 0) continue;
      for (const pollfd& one : watched) {
        if (one.revents == 0) continue;
        const ssize_t size = recv(one.fd, bytes.data(), bytes.size(), 0);
        if (size <= 0) return;
        const bool is_client = one.fd == client;
        if (is_client && server_spoke) ++exchanges_;
        server_spoke = !is_client;
        const int to = is_client ? server : client;
        for (ssize_t sent = 0; sent < size;) {
          const ssize_t more =
              send(to, bytes.data() + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
          if (more <= 0) return;
          sent += more;
        }
      }
    }
  }

  const int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> exchanges_ = 0;
  std::thread thread_;
};

}  // namespace sspr::service
