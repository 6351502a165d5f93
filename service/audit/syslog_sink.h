// SPDX-License-Identifier: Apache-2.0
// A connection to a syslog server: a local socket, UDP, TCP or TLS. Every call ends in time,
// whatever the other side does.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

struct addrinfo;

namespace sspr::service {

struct SyslogTarget {
  enum class Kind { kUnix, kUdp, kTcp, kTls };
  Kind kind = Kind::kUnix;
  std::string path;  // of a local socket
  std::string host;
  std::string port;
  std::string ca_file;  // of TLS; empty: the system's
};

// "unix:/dev/log", "udp://HOST:PORT", "tcp://HOST:PORT", "tls://HOST:PORT". kPolicy with a sentence
// otherwise.
Result<SyslogTarget> ParseSyslogTarget(std::string_view text);

class SyslogSink {
 public:
  // The time for a connection, and for each message.
  SyslogSink(SyslogTarget target, std::chrono::milliseconds patience)
      : target_(std::move(target)), patience_(patience) {}
  SyslogSink(const SyslogSink&) = delete;
  SyslogSink& operator=(const SyslogSink&) = delete;
  ~SyslogSink() { Close(); }

  // Connects when it is not connected. kUnreachable or kTimedOut; the connection is closed then.
  Status Send(std::string_view message);

 private:
  Status Connect();
  Status ConnectTo(const addrinfo& address);
  Status StartTls();
  Status SendStream(std::string_view bytes);
  Status WaitFor(short events);
  bool PeerIsGone() const;
  void Close();

  struct FreeTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  const SyslogTarget target_;
  const std::chrono::milliseconds patience_;
  std::chrono::steady_clock::time_point deadline_;
  int fd_ = -1;
  std::unique_ptr<SSL_CTX, FreeTls> context_;
  std::unique_ptr<SSL, FreeTls> tls_;
};

}  // namespace sspr::service
