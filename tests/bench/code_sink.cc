// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/code_sink.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace sspr::bench {
namespace {

// The line of a mail that is four spaces and digits.
std::string CodeIn(std::string_view mail) {
  constexpr std::string_view kIndent = "\r\n    ";
  for (std::size_t at = mail.find(kIndent); at != std::string_view::npos;
       at = mail.find(kIndent, at + 1)) {
    std::size_t end = at + kIndent.size();
    while (end < mail.size() && mail[end] >= '0' && mail[end] <= '9') ++end;
    const std::size_t digits = end - at - kIndent.size();
    if (digits >= 6) return std::string(mail.substr(at + kIndent.size(), digits));
  }
  return {};
}

bool Say(int connection, std::string_view text) {
  return send(connection, text.data(), text.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(text.size());
}

}  // namespace

CodeSink::CodeSink() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (bind(listener_, plain, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, plain, &size) != 0) {
    throw std::runtime_error("the mail sink cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

CodeSink::~CodeSink() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
}

std::optional<std::string> CodeSink::Take(const std::string& address) {
  std::unique_lock lock(mutex_);
  const bool came =
      arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return codes_.contains(address); });
  if (!came) return std::nullopt;
  return std::move(codes_.extract(address).mapped());
}

// Each connection on a thread of its own, that ends with the process at the latest.
void CodeSink::Accept() {
  while (!stopping_) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0) std::thread([this, connection] { Serve(connection); }).detach();
  }
}

void CodeSink::Serve(int connection) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::string input;
  std::string recipient;
  bool in_mail = false;
  bool alive = Say(connection, "220 sink\r\n");
  while (alive) {
    char buffer[16384];
    const ssize_t count = recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) break;
    input.append(buffer, static_cast<std::size_t>(count));
    while (alive) {
      if (in_mail) {
        const std::size_t end = input.find("\r\n.\r\n");
        if (end == std::string::npos) break;
        std::string code = CodeIn(std::string_view(input).substr(0, end + 2));
        input.erase(0, end + 5);
        in_mail = false;
        ++mails_;
        alive = Say(connection, "250 taken\r\n");
        if (code.empty()) continue;
        {
          const std::lock_guard lock(mutex_);
          codes_[recipient] = std::move(code);
        }
        arrived_.notify_all();
        continue;
      }
      const std::size_t end = input.find("\r\n");
      if (end == std::string::npos) break;
      const std::string line = input.substr(0, end);
      input.erase(0, end + 2);
      if (line.starts_with("RCPT TO:<")) recipient = line.substr(9, line.find('>') - 9);
      in_mail = line == "DATA";
      if (in_mail) {
        alive = Say(connection, "354 go on\r\n");
      } else if (line.starts_with("QUIT")) {
        alive = false;
      } else {
        alive = Say(connection, "250 fine\r\n");
      }
    }
  }
  close(connection);
}

}  // namespace sspr::bench
