// SPDX-License-Identifier: Apache-2.0
#include "tests/contract_directory/fault_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace sspr::service {
namespace {

constexpr int kTick = 20;  // ms

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<in_port_t>(port));
  return address;
}

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// The content of the element at the start of the bytes, and how long the element is as a whole; a
// size of 0: it is not all there.
struct Element {
  std::string_view content;
  std::size_t size = 0;
};

Element ElementAt(std::string_view bytes) {
  constexpr unsigned kLong = 0x80;
  if (bytes.size() < 2) return {};
  const auto first = static_cast<unsigned char>(bytes[1]);
  std::size_t header = 2;
  std::size_t length = first;
  if ((first & kLong) != 0) {
    const std::size_t digits = first & ~kLong;
    header += digits;
    if (bytes.size() < header) return {};
    length = 0;
    for (std::size_t i = 2; i < header; ++i)
      length = length << 8U | static_cast<unsigned char>(bytes[i]);
  }
  if (bytes.size() < header + length) return {};
  return {.content = bytes.substr(header, length), .size = header + length};
}

FaultProxy::Message MessageOf(std::string_view bytes, bool from_client) {
  const std::string_view inside = ElementAt(bytes).content;
  const Element id = ElementAt(inside);
  FaultProxy::Message message{.from_client = from_client, .bytes = bytes};
  for (const char digit : id.content)
    message.id = message.id << 8 | static_cast<unsigned char>(digit);
  if (inside.size() > id.size) {
    message.operation = static_cast<LdapOperation>(static_cast<unsigned char>(inside[id.size]));
  }
  return message;
}

}  // namespace

struct FaultProxy::Side {
  int socket;
  bool is_client;
  std::string waiting = {};
};

FaultProxy::FaultProxy(int server_port, Unit unit) : server_port_(server_port), unit_(unit) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  constexpr int kBacklog = 64;
  if (bind(listener_, plain, sizeof address) != 0 || listen(listener_, kBacklog) != 0 ||
      getsockname(listener_, plain, &size) != 0) {
    throw std::runtime_error("no free port");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

FaultProxy::~FaultProxy() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void FaultProxy::Break(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
}

void FaultProxy::Serve() {
  while (!stopping_) {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) break;
    ++connections_;
    carriers_.emplace_back([this, client] {
      most_open_ = std::max<int>(most_open_, ++open_);
      const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = Loopback(server_port_);
      const timeval patience{.tv_sec = 0, .tv_usec = kTick * 1000};
      setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        Carry(client, server);
      }
      close(server);
      close(client);
      --open_;
    });
  }
  for (std::thread& carrier : carriers_) carrier.join();
}

void FaultProxy::Carry(int client, int server) {
  Side from_client{.socket = client, .is_client = true};
  Side from_server{.socket = server, .is_client = false};
  bool server_spoke = true;
  std::array<char, 16384> bytes{};
  while (!stopping_) {
    pollfd watched[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(watched, 2, kTick) <= 0) continue;
    for (const pollfd& one : watched) {
      if (one.revents == 0) continue;
      Side& side = one.fd == client ? from_client : from_server;
      const ssize_t size = recv(one.fd, bytes.data(), bytes.size(), 0);
      if (size <= 0) return;
      if (side.is_client && server_spoke) ++exchanges_;
      server_spoke = !side.is_client;
      side.waiting.append(bytes.data(), static_cast<std::size_t>(size));
      if (!Pass(side, side.is_client ? from_server : from_client)) return;
    }
  }
}

// False: the connection is over.
bool FaultProxy::Pass(Side& from, Side& to) {
  while (!from.waiting.empty()) {
    const std::size_t size =
        unit_ == Unit::kBytes ? from.waiting.size() : ElementAt(from.waiting).size;
    if (size == 0) return true;
    const std::string bytes = from.waiting.substr(0, size);
    from.waiting.erase(0, size);
    const Message message = unit_ == Unit::kBytes
                                ? Message{.from_client = from.is_client, .bytes = bytes}
                                : MessageOf(bytes, from.is_client);
    std::optional<Verdict> verdict;
    {
      const std::lock_guard lock(mutex_);
      if (fault_) verdict = fault_(message);
    }
    if (!verdict) {
      if (!SendAll(to.socket, bytes)) return false;
      continue;
    }
    const int client = from.is_client ? from.socket : to.socket;
    if (!Obey(*verdict, client, from.is_client ? to.socket : from.socket)) return false;
  }
  return true;
}

bool FaultProxy::Obey(const Verdict& verdict, int client, int server) {
  if (!SendAll(server, verdict.to_server)) return false;
  switch (verdict.pace) {
    case Verdict::Pace::kAtOnce:
      if (!SendAll(client, verdict.to_client)) return false;
      break;
    case Verdict::Pace::kByteByByte:
      if (!SendSlowly(client, verdict.to_client)) return false;
      break;
    case Verdict::Pace::kWithoutEnd:
      while (!stopping_ && SendAll(client, verdict.to_client)) {
      }
      return false;
  }
  if (verdict.then == Verdict::Then::kGoOn) return true;
  // What the server still says is not waited for, but what it was told it shall have read.
  shutdown(server, SHUT_WR);
  std::array<char, 4096> rest{};
  while (recv(server, rest.data(), rest.size(), 0) > 0) {
  }
  return false;
}

bool FaultProxy::SendSlowly(int socket, const std::string& bytes) {
  for (const char byte : bytes) {
    if (stopping_ || !SendAll(socket, {&byte, 1})) return false;
    usleep(kTick * 1000);
  }
  return true;
}

std::string BerElementOf(unsigned char type, std::string_view content) {
  constexpr std::size_t kShort = 0x80;
  std::string element(1, static_cast<char>(type));
  const std::size_t size = content.size();
  if (size < kShort) {
    element.push_back(static_cast<char>(size));
  } else {
    element.append({'\x82', static_cast<char>(size >> 8U), static_cast<char>(size)});
  }
  return element.append(content);
}

std::string LdapMessageOf(int id, std::string_view operation) {
  std::string number;
  for (unsigned shift = 32; shift > 0;) {
    shift -= 8;
    number.push_back(static_cast<char>(static_cast<unsigned>(id) >> shift));
  }
  return BerElementOf(0x30, BerElementOf(0x02, number).append(operation));
}

std::string LdapResultOf(int id, LdapOperation operation, int code, std::string_view referral) {
  std::string result = BerElementOf(0x0a, std::string(1, static_cast<char>(code)));
  result += BerElementOf(0x04, "") + BerElementOf(0x04, "");
  if (!referral.empty()) result += BerElementOf(0xa3, BerElementOf(0x04, referral));
  return LdapMessageOf(id, BerElementOf(static_cast<unsigned char>(operation), result));
}

}  // namespace sspr::service
