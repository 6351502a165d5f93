// SPDX-License-Identifier: Apache-2.0
#include "service/metrics/metrics_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>

#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPatience(2000);
constexpr std::size_t kMostHead = 8 * 1024;
constexpr std::size_t kShortestToken = 16;
constexpr int kBacklog = 16;

// True when fd is ready before the deadline.
bool WaitFor(int fd, short events, Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd waited{.fd = fd, .events = events, .revents = 0};
  return poll(&waited, 1, static_cast<int>(std::max<long long>(left, 0))) > 0;
}

// The head of a request, with its empty line; empty when it does not come, or not in time.
std::string ReadHead(int connection, Clock::time_point deadline) {
  std::string head;
  while (head.size() < kMostHead && WaitFor(connection, POLLIN, deadline)) {
    char bytes[1024];
    const ssize_t got = recv(connection, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) break;
    head.append(bytes, static_cast<std::size_t>(got));
    if (head.find("\r\n\r\n") != std::string::npos) return head;
  }
  return {};
}

void SendAll(int connection, std::string_view bytes, Clock::time_point deadline) {
  while (!bytes.empty() && WaitFor(connection, POLLOUT, deadline)) {
    const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

const char* ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 401:
      return "Unauthorized";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return status == 404 ? "Not Found" : "Bad Request";
  }
}

// The value of a header of the head, whatever the capitals of its name.
std::string_view HeaderOf(std::string_view head, std::string_view name) {
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const bool same = line.size() > name.size() && line[name.size()] == ':' &&
                      std::ranges::equal(line.substr(0, name.size()), name, [](char a, char b) {
                        return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
                      });
    if (same) {
      std::string_view value = line.substr(name.size() + 1);
      value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
      return value;
    }
    at = head.find("\r\n", at + 2);
  }
  return {};
}

Result<int> Bind(const std::string& address, std::uint16_t port) {
  sockaddr_in6 six{};
  sockaddr_in four{};
  const bool is_six = address.find(':') != std::string::npos;
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  void* const place = is_six ? static_cast<void*>(&six.sin6_addr) : &four.sin_addr;
  const int family = is_six ? AF_INET6 : AF_INET;
  const Error fault{Errc::kUnreachable, address + ":" + std::to_string(port) + ": "};
  if (inet_pton(family, address.c_str(), place) != 1) {
    return Error{fault.code, fault.detail + "not a numeric address"};
  }
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto* const where =
      is_six ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  if (fd < 0 || bind(fd, where, is_six ? sizeof six : sizeof four) != 0 ||
      listen(fd, kBacklog) != 0) {
    const Error bad{fault.code, fault.detail + std::strerror(errno)};
    if (fd >= 0) close(fd);
    return bad;
  }
  return fd;
}

std::uint16_t PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  const auto port = bound.ss_family == AF_INET6
                        ? reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port
                        : reinterpret_cast<const sockaddr_in*>(&bound)->sin_port;
  return ntohs(port);
}

}  // namespace

Result<std::unique_ptr<MetricsListener>> MetricsListener::Start(const std::string& address,
                                                                std::uint16_t port,
                                                                std::string token,
                                                                Handler handler) {
  const Result<int> listening = Bind(address, port);
  if (!listening.ok()) return listening.error();
  const int stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop < 0) {
    close(*listening);
    return Error{Errc::kInternal, std::string("eventfd: ") + std::strerror(errno)};
  }
  return std::unique_ptr<MetricsListener>(new MetricsListener(
      *listening, stop, PortOf(*listening), std::move(token), std::move(handler)));
}

MetricsListener::MetricsListener(int listening, int stop, std::uint16_t port, std::string token,
                                 Handler handler)
    : listening_(listening),
      stop_(stop),
      port_(port),
      token_(std::move(token)),
      handler_(std::move(handler)),
      thread_([this] { Serve(); }) {}

MetricsListener::~MetricsListener() {
  const std::uint64_t one = 1;
  (void)!write(stop_, &one, sizeof one);
  thread_.join();
  close(listening_);
  close(stop_);
}

void MetricsListener::Serve() {
  while (true) {
    pollfd waited[] = {{.fd = listening_, .events = POLLIN, .revents = 0},
                       {.fd = stop_, .events = POLLIN, .revents = 0}};
    if (poll(waited, 2, -1) < 0 && errno != EINTR) return;
    if (waited[1].revents != 0) return;
    const int connection = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      // Out of descriptors: the connection stays in the queue, and this must not spin meanwhile.
      if (errno == EMFILE || errno == ENFILE) poll(&waited[1], 1, 100);
      continue;
    }
    Answer(connection);
    close(connection);
  }
}

void MetricsListener::Answer(int connection) {
  const Clock::time_point deadline = Clock::now() + kPatience;
  const std::string head = ReadHead(connection, deadline);
  if (head.empty()) return;
  const MetricsAnswer answer = Decide(head);
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " " + ReasonOf(answer.status) +
                     "\r\nContent-Type: " + answer.content_type +
                     "\r\nContent-Length: " + std::to_string(answer.body.size()) +
                     "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff";
  if (answer.status == 401) text += "\r\nWWW-Authenticate: Bearer";
  SendAll(connection, text + "\r\nConnection: close\r\n\r\n" + answer.body,
          Clock::now() + kPatience);
  shutdown(connection, SHUT_WR);
}

MetricsAnswer MetricsListener::Decide(std::string_view head) const {
  const MetricsAnswer refusal{.status = 400, .content_type = "text/plain", .body = "bad request\n"};
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t space = line.find(' ');
  const std::size_t end = line.rfind(" HTTP/1.");
  if (space == std::string_view::npos || end == std::string_view::npos || end <= space) {
    return refusal;
  }
  if (line.substr(0, space) != "GET") {
    return {.status = 405, .content_type = "text/plain", .body = "use GET\n"};
  }
  if (!token_.empty()) {
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view offered = HeaderOf(head, "authorization");
    // Digests, so that the comparison tells nothing of the length either.
    if (!offered.starts_with(kScheme) ||
        !SameBytes(Sha256(offered.substr(kScheme.size())), Sha256(token_))) {
      return {.status = 401, .content_type = "text/plain", .body = "a token is needed\n"};
    }
  }
  const std::string_view target = line.substr(space + 1, end - space - 1);
  try {
    return handler_(target.substr(0, target.find('?')));
  } catch (const std::exception&) {
    return {.status = 503, .content_type = "text/plain", .body = "not now\n"};
  }
}

Result<std::string> ReadMetricsToken(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (fd < 0 || fstat(fd, &status) != 0) {
    const Error fault{Errc::kInternal, path + ": " + std::strerror(errno)};
    if (fd >= 0) close(fd);
    return fault;
  }
  char bytes[1024];
  const ssize_t got = read(fd, bytes, sizeof bytes);
  close(fd);
  if ((status.st_mode & 077) != 0) {
    return Error{Errc::kInternal, path + ": others may read it: run chmod 600 on it"};
  }
  std::string token(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
  token = token.substr(0, token.find_first_of("\r\n"));
  if (token.size() < kShortestToken) {
    return Error{Errc::kInternal,
                 path + ": its first line must be a token of 16 characters or more"};
  }
  return token;
}

}  // namespace sspr::service
