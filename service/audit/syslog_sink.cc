// SPDX-License-Identifier: Apache-2.0
#include "service/audit/syslog_sink.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "service/audit/syslog_line.h"

namespace sspr::service {
namespace {

using Clock = std::chrono::steady_clock;

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// A resolver has no deadline of its own: it works on a thread that nobody waits for any longer.
struct Lookup {
  std::mutex mutex;
  std::condition_variable done;
  bool is_done = false;
  Addresses found;
};

Addresses Resolve(const SyslogTarget& target, int type, Clock::time_point deadline) {
  auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host = target.host, port = target.port, type] {
    addrinfo hints{};
    hints.ai_socktype = type;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) found = nullptr;
    const std::lock_guard lock(lookup->mutex);
    lookup->found.reset(found);
    lookup->is_done = true;
    lookup->done.notify_all();
  }).detach();
  std::unique_lock lock(lookup->mutex);
  lookup->done.wait_until(lock, deadline, [&lookup] { return lookup->is_done; });
  return lookup->is_done ? std::move(lookup->found) : nullptr;
}

Error Unreachable(const SyslogTarget& target, const std::string& why) {
  const std::string where =
      target.kind == SyslogTarget::Kind::kUnix ? target.path : target.host + ":" + target.port;
  return {Errc::kUnreachable, "syslog at " + where + ": " + why};
}

}  // namespace

Result<SyslogTarget> ParseSyslogTarget(std::string_view text) {
  SyslogTarget target;
  if (text.starts_with("unix:/")) {
    target.path = text.substr(5);
    if (target.path.size() < sizeof(sockaddr_un::sun_path)) return target;
  }
  for (const auto& [scheme, kind] : {std::pair{"udp://", SyslogTarget::Kind::kUdp},
                                     {"tcp://", SyslogTarget::Kind::kTcp},
                                     {"tls://", SyslogTarget::Kind::kTls}}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(6);
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || colon == 0) break;
    target.kind = kind;
    target.host = rest.substr(0, colon);
    target.port = rest.substr(colon + 1);
    if (target.host.size() > 2 && target.host.front() == '[' && target.host.back() == ']') {
      target.host = target.host.substr(1, target.host.size() - 2);
    }
    const bool digits =
        !target.port.empty() && target.port.size() <= 5 &&
        std::ranges::all_of(target.port, [](char c) { return c >= '0' && c <= '9'; });
    if (digits) return target;
  }
  return Error{Errc::kPolicy,
               "write unix:/dev/log, udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT"};
}

void SyslogSink::Close() {
  tls_.reset();
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Status SyslogSink::WaitFor(short events) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
  pollfd waited{.fd = fd_, .events = events, .revents = 0};
  const int ready = poll(&waited, 1, static_cast<int>(std::max<long long>(left, 0)));
  if (ready > 0 || (ready < 0 && errno == EINTR)) return Ok();
  Error late = Unreachable(target_, "it takes nothing");
  late.code = Errc::kTimedOut;
  return late;
}

Status SyslogSink::ConnectTo(const addrinfo& address) {
  fd_ = socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
               address.ai_protocol);
  if (fd_ < 0) return Unreachable(target_, std::strerror(errno));
  int fault = 0;
  if (connect(fd_, address.ai_addr, address.ai_addrlen) != 0) {
    fault = errno;
    if (fault == EINPROGRESS) {
      if (Status ready = WaitFor(POLLOUT); !ready.ok()) return ready;
      socklen_t size = sizeof fault;
      getsockopt(fd_, SOL_SOCKET, SO_ERROR, &fault, &size);
    }
  }
  return fault == 0 ? Ok() : Unreachable(target_, std::strerror(fault));
}

Status SyslogSink::Connect() {
  Status connected = Unreachable(target_, "the name is unknown");
  if (target_.kind == SyslogTarget::Kind::kUnix) {
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    std::memcpy(path.sun_path, target_.path.c_str(), target_.path.size() + 1);
    addrinfo address{};
    address.ai_family = AF_UNIX;
    address.ai_socktype = SOCK_DGRAM;
    address.ai_addr = reinterpret_cast<sockaddr*>(&path);
    address.ai_addrlen = sizeof path;
    connected = ConnectTo(address);
  } else {
    const bool datagrams = target_.kind == SyslogTarget::Kind::kUdp;
    const Addresses found = Resolve(target_, datagrams ? SOCK_DGRAM : SOCK_STREAM, deadline_);
    for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
      connected = ConnectTo(*one);
      if (connected.ok()) break;
      Close();
    }
  }
  if (connected.ok() && target_.kind == SyslogTarget::Kind::kTls) connected = StartTls();
  if (!connected.ok()) Close();
  return connected;
}

Status SyslogSink::StartTls() {
  if (!context_) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    const bool trusted =
        context_ &&
        (target_.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context_.get()) == 1
                                 : SSL_CTX_load_verify_locations(
                                       context_.get(), target_.ca_file.c_str(), nullptr) == 1);
    if (!trusted) {
      context_.reset();
      ERR_clear_error();
      return Unreachable(target_, "its authority cannot be read");
    }
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  tls_.reset(SSL_new(context_.get()));
  if (!tls_ || SSL_set_fd(tls_.get(), fd_) != 1) return Unreachable(target_, "no TLS");
  // A name, or the address that stands in its place.
  X509_VERIFY_PARAM* const rules = SSL_get0_param(tls_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, target_.host.c_str()) != 1) {
    // The macro for this casts in a way that we do not.
    SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(target_.host.c_str()));
    SSL_set1_host(tls_.get(), target_.host.c_str());
  }
  ERR_clear_error();
  while (true) {
    const int done = SSL_connect(tls_.get());
    if (done == 1) return Ok();
    const int want = SSL_get_error(tls_.get(), done);
    if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) {
      const long verdict = SSL_get_verify_result(tls_.get());
      ERR_clear_error();
      return Unreachable(
          target_, verdict == X509_V_OK ? "TLS failed" : X509_verify_cert_error_string(verdict));
    }
    if (Status ready = WaitFor(want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT); !ready.ok()) {
      return ready;
    }
  }
}

// A server that closed is noticed before a message is lost in its socket.
bool SyslogSink::PeerIsGone() const {
  char byte = 0;
  const ssize_t got = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

Status SyslogSink::SendStream(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = 0;
    short wanted = POLLOUT;
    if (tls_) {
      ERR_clear_error();
      const int done = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      sent = done;
      if (done <= 0) {
        const int want = SSL_get_error(tls_.get(), done);
        if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) {
          ERR_clear_error();
          return Unreachable(target_, "the connection was closed");
        }
        if (want == SSL_ERROR_WANT_READ) wanted = POLLIN;
        sent = 0;
      }
    } else {
      sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        return Unreachable(target_, std::strerror(errno));
      }
      sent = std::max<ssize_t>(sent, 0);
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (sent > 0) continue;
    if (Status ready = WaitFor(wanted); !ready.ok()) return ready;
    if (Clock::now() >= deadline_) return Unreachable(target_, "it takes nothing");
  }
  return Ok();
}

Status SyslogSink::Send(std::string_view message) {
  deadline_ = Clock::now() + patience_;
  const bool stream =
      target_.kind == SyslogTarget::Kind::kTcp || target_.kind == SyslogTarget::Kind::kTls;
  if (fd_ >= 0 && stream && !tls_ && PeerIsGone()) Close();
  if (fd_ < 0) {
    if (Status connected = Connect(); !connected.ok()) return connected;
  }
  Status sent = Ok();
  if (stream) {
    sent = SendStream(SyslogFrame(message));
  } else {
    // A local socket that is full is waited for; a datagram goes as a whole or not at all.
    while (send(fd_, message.data(), message.size(), MSG_NOSIGNAL) < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != ENOBUFS) {
        sent = Unreachable(target_, std::strerror(errno));
        break;
      }
      sent = WaitFor(POLLOUT);
      if (!sent.ok()) break;
    }
  }
  if (!sent.ok()) Close();
  return sent;
}

}  // namespace sspr::service
