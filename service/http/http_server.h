// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 over TLS: reads requests within limits of size, time and number, gives them to one
// handler on a bounded pool of threads, writes the answers. Input and output are on one thread.
//
// What it refuses by itself (400, 411, 413, 417, 431, 503) never reaches the handler. It decodes
// nothing and looks at no forwarding header: the address is that of the peer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "service/http/http_message.h"
#include "service/tls/server_context.h"

namespace sspr::service {

struct HttpServerSettings {
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 0;             // 0: any free one, see HttpServer::port()

  std::uint32_t header_bytes = 16 * 1024;  // request line and headers
  std::uint64_t body_bytes = 32 * 1024;
  std::chrono::milliseconds handshake_time{10'000};
  std::chrono::milliseconds header_time{10'000};  // from the first byte of a request
  std::chrono::milliseconds body_time{10'000};
  std::chrono::milliseconds write_time{20'000};
  // A client opens its connection while a person reads the first question, and keeps it while the
  // person waits for a mail and types.
  std::chrono::milliseconds idle_before_first_request{120'000};
  std::chrono::milliseconds idle_after_request{600'000};
  // Beyond this many connections at once, the short idle time is for everybody.
  std::size_t patient_connections = 768;

  std::size_t max_connections = 1024;  // beyond, one that waits for a request is closed
  std::size_t max_connections_per_address = 64;
  std::size_t workers = 8;
  std::size_t max_waiting_requests = 256;  // for a worker; beyond, 503
  // Whether a request of this path may wait for long (a password hash, a directory that sets one).
  // As many workers more are for these alone, so that the others never queue behind them. May be
  // empty: none is.
  std::function<bool(std::string_view path)> is_slow;
  // Whether others wait for what a request of this path brings: it never queues behind them. Two
  // workers more are for these. May be empty: none is.
  std::function<bool(std::string_view path)> is_awaited;
  // Streams of events, and bodies that come later: beyond so many at once, 503. A client comes back
  // when one has run its time.
  std::size_t max_event_streams = 256;
  std::chrono::milliseconds event_step{500};
  std::chrono::milliseconds event_heartbeat{15'000};
  std::chrono::milliseconds event_stream_time{600'000};

  std::chrono::milliseconds stop_time{10'000};  // for requests under way when it is stopped

  // Told of each request that the server refused by itself, on the thread of Run. May be empty.
  std::function<void(int status, const std::string& address)> on_refusal;
};

class HttpServer {
 public:
  enum class Signals { kIgnore, kStopOnTermination };

  // Binds and listens; kUnreachable when the address is taken or not ours. When asked for, SIGTERM
  // and SIGINT stop the server from here on, also when they come before Run.
  static Result<std::unique_ptr<HttpServer>> Listen(const HttpServerSettings& settings,
                                                    TlsContext tls, Signals signals,
                                                    HttpHandler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  std::uint16_t port() const;

  // Serves on the calling thread until Stop() or such a signal. Requests under way are answered
  // first, for at most stop_time.
  void Run();

  // From any thread.
  void Stop();

 private:
  class Body;
  explicit HttpServer(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace sspr::service
