// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/https_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace sspr::bench {

TlsContext MakeTlsContext(const std::string& ca_file) {
  TlsContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1) {
    throw std::runtime_error(ca_file + ": cannot be used");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

HttpsClient::HttpsClient(SSL_CTX* context, int port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    throw std::runtime_error("the service cannot be reached");
  }
  tls_.reset(SSL_new(context));
  SSL_set1_host(tls_.get(), "localhost");
  std::string name = "localhost";
  SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  SSL_set_fd(tls_.get(), socket_);
  if (SSL_connect(tls_.get()) != 1) {
    tls_.reset();
    close(socket_);
    throw std::runtime_error("the handshake failed");
  }
}

HttpsClient::~HttpsClient() {
  SSL_shutdown(tls_.get());
  tls_.reset();
  close(socket_);
}

HttpsClient::Reply HttpsClient::Post(const std::string& path, const std::string& form) {
  const std::string request =
      "POST " + path +
      " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: " +
      std::to_string(form.size()) + "\r\n\r\n" + form;
  if (SSL_write(tls_.get(), request.data(), static_cast<int>(request.size())) <= 0) {
    throw std::runtime_error("the connection broke at a request");
  }
  std::size_t head = std::string::npos;
  std::size_t length = 0;
  while (head == std::string::npos || input_.size() < head + length) {
    char buffer[8192];
    const int count = SSL_read(tls_.get(), buffer, sizeof buffer);
    if (count <= 0) throw std::runtime_error("the connection broke before an answer");
    input_.append(buffer, static_cast<std::size_t>(count));
    if (head != std::string::npos) continue;
    const std::size_t end = input_.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const std::size_t field = input_.find("Content-Length: ");
    if (field == std::string::npos || field > end) throw std::runtime_error("an odd answer");
    head = end + 4;
    length = std::strtoul(input_.c_str() + field + 16, nullptr, 10);
  }
  Reply reply{.status = std::atoi(input_.c_str() + 9), .body = input_.substr(head, length)};
  input_.erase(0, head + length);
  return reply;
}

std::string Member(const std::string& json, const std::string& name) {
  const std::string key = "\"" + name + "\"";
  std::size_t start = json.find(key);
  if (start == std::string::npos) return {};
  start = json.find('"', start + key.size());
  if (start == std::string::npos) return {};
  return json.substr(start + 1, json.find('"', start + 1) - start - 1);
}

}  // namespace sspr::bench
