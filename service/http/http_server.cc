// SPDX-License-Identifier: Apache-2.0
// The one file that knows the HTTP library (Boost.Beast over Asio, coroutines). One coroutine per
// connection on the thread of Run(); a request's handler runs on the pool and comes back.
#include "service/http/http_server.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <list>
#include <map>
#include <optional>
#include <utility>  // Boost 1.74's awaitable.hpp uses std::exchange without it

#include "service/http/later_body.h"
#include "service/http/wiping_allocator.h"

namespace sspr::service {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = asio::ssl::stream<beast::tcp_stream>;
using Buffer = beast::basic_flat_buffer<WipingAllocator<char>>;
using RequestBody = http::vector_body<char, WipingAllocator<char>>;
using Parser = http::request_parser<RequestBody>;

constexpr std::chrono::milliseconds kLingerTime{500};   // for the peer to read a last answer
constexpr std::chrono::milliseconds kAcceptPause{100};  // after the process ran out of descriptors
constexpr std::size_t kReadStep = 4096;
constexpr std::size_t kDrainBytes = 256 * 1024;

std::string Numeric(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

// What the limit per address counts: IPv6 by /64, since one customer has a whole one.
std::string LimitKey(const asio::ip::address& address) {
  if (!address.is_v6() || address.to_v6().is_v4_mapped()) return Numeric(address);
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::make_address_v6(bytes).to_string();
}

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  const std::size_t length = strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, length};
}

constexpr std::size_t kAwaitedWorkers = 2;

// Of every answer that does not say otherwise.
constexpr std::pair<const char*, const char*> kUsualHeaders[] = {
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Strict-Transport-Security", "max-age=31536000"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
};

// Head and body in one piece, so that an answer is one TLS record. An answer to HEAD has no body.
std::string Serialise(const HttpReply& reply, bool keep_alive, bool head_only) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  const auto reason =
      http::obsolete_reason(http::int_to_status(static_cast<unsigned>(reply.status)));
  text.append(reason.data(), reason.size());
  text += "\r\nDate: " + HttpDate();
  for (const auto& [name, value] : kUsualHeaders) {
    const auto is_same = [name = std::string_view(name)](const auto& header) {
      return header.first == name;
    };
    if (std::ranges::none_of(reply.headers, is_same)) {
      text.append("\r\n").append(name).append(": ").append(value);
    }
  }
  for (const auto& [name, value] : reply.headers) {
    text.append("\r\n").append(name).append(": ").append(value);
  }
  if (reply.status != 204 && reply.events == nullptr)
    text += "\r\nContent-Length: " + std::to_string(reply.body.size());
  if (!keep_alive) text += "\r\nConnection: close";
  text += "\r\n\r\n";
  if (!head_only) text += reply.body;
  return text;
}

HttpReply ServerRefusal(int status, const char* error, const char* description) {
  HttpReply reply{.status = status, .headers = {{"Content-Type", "application/json"}}, .body = {}};
  reply.body =
      std::string(R"({"error":")") + error + R"(","error_description":")" + description + R"("})";
  return reply;
}

HttpReply RefusalOf(const error_code& error) {
  if (error == http::error::header_limit) {
    return ServerRefusal(431, "invalid_request", "The request's headers are too long.");
  }
  if (error == http::error::body_limit) {
    return ServerRefusal(413, "invalid_request", "The request's body is too long.");
  }
  return ServerRefusal(400, "invalid_request", "This is not a well-formed HTTP request.");
}

bool IsParseError(const error_code& error) {
  static const auto& category = http::make_error_code(http::error::bad_method).category();
  return error.category() == category && error != http::error::end_of_stream &&
         error != http::error::partial_message;
}

// What is wrong with a request whose headers were read, or nothing.
std::optional<HttpReply> RefusalOf(const Parser& parser) {
  const auto& request = parser.get();
  if (request.version() != 11 && request.version() != 10) {
    return ServerRefusal(400, "invalid_request", "This server speaks HTTP/1.1.");
  }
  if (!request.target().starts_with('/')) {
    return ServerRefusal(400, "invalid_request", "The request's target is a path from the root.");
  }
  if (request.version() == 11 && request.count(http::field::host) != 1) {
    return ServerRefusal(400, "invalid_request", "One Host header is needed.");
  }
  if (request.find(http::field::expect) != request.end()) {
    return ServerRefusal(417, "invalid_request", "Send the body without Expect.");
  }
  if (request.find(http::field::transfer_encoding) != request.end()) {
    return ServerRefusal(411, "invalid_request", "Send the body with a Content-Length.");
  }
  return std::nullopt;
}

HttpRequestView ViewOf(const Parser& parser, const std::string& address) {
  const auto view = [](auto text) { return std::string_view(text.data(), text.size()); };
  const auto& request = parser.get();
  HttpRequestView made;
  made.method = view(request.method_string());
  const std::string_view target = view(request.target());
  const std::size_t path_end = std::min(target.find('?'), target.size());
  made.path = target.substr(0, path_end);
  made.query = target.substr(std::min(path_end + 1, target.size()));
  for (const auto& field : request) {
    made.headers.emplace_back(view(field.name_string()), view(field.value()));
  }
  made.body = {request.body().data(), request.body().size()};
  made.address = address;
  return made;
}

}  // namespace

class HttpServer::Body {
 public:
  Body(const HttpServerSettings& settings, TlsContext tls, HttpHandler handler)
      : settings_(settings),
        handler_(std::move(handler)),
        tls_(tls.release()),
        acceptor_(io_),
        stop_timer_(io_),
        signals_(io_),
        quick_(settings.workers),
        slow_(settings.workers),
        awaited_(kAwaitedWorkers) {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() { JoinWorkers(); }

  Status Listen() {
    error_code error;
    const auto address = asio::ip::make_address(settings_.address, error);
    if (error) return Error{Errc::kPolicy, settings_.address + ": not a numeric address"};
    const tcp::endpoint endpoint(address, settings_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) {
      return Error{Errc::kUnreachable, settings_.address + ":" + std::to_string(settings_.port) +
                                           ": " + error.message()};
    }
    return Ok();
  }

  std::uint16_t port() const { return port_; }

  void StopOnTermination() {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](const error_code& error, int) {
      if (!error) BeginStop();
    });
  }

  void Run() {
    asio::co_spawn(io_, Accept(), asio::detached);
    io_.run();
    JoinWorkers();
  }

  void Stop() {
    asio::post(io_, [this] { BeginStop(); });
  }

 private:
  // Counts as long as it lives, whichever way a coroutine ends.
  struct Counted {
    explicit Counted(std::size_t& of) : count(of) { ++count; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --count; }
    std::size_t& count;
  };
  struct Connection {
    Connection(tcp::socket socket, asio::ssl::context& tls)
        : stream(beast::tcp_stream(std::move(socket)), tls) {}
    Stream stream;
    Buffer buffer;
    std::string address;
    std::list<Connection>::iterator place;
    bool idle = false;
    bool answered = false;
  };

  // Workers, and how many requests they have before them.
  struct Lane {
    explicit Lane(std::size_t workers) : pool(workers) {}
    asio::thread_pool pool;
    std::size_t in_work = 0;
  };

  void JoinWorkers() {
    quick_.pool.join();
    slow_.pool.join();
    awaited_.pool.join();
  }

  void BeginStop() {
    if (stopping_) return;
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    for (Connection& connection : connections_) {
      if (connection.idle) beast::get_lowest_layer(connection.stream).close();
    }
    stop_timer_.expires_after(settings_.stop_time);
    stop_timer_.async_wait([this](const error_code& error) {
      if (!error) io_.stop();
    });
    EndWhenEmpty();
  }

  void EndWhenEmpty() {
    if (!stopping_ || !connections_.empty()) return;
    stop_timer_.cancel();
    error_code ignored;
    signals_.cancel(ignored);
  }

  asio::awaitable<void> Accept() {
    while (!stopping_) {
      error_code error;
      tcp::socket socket =
          co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (stopping_) break;
      if (error) {
        asio::steady_timer pause(io_, kAcceptPause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      const tcp::endpoint peer = socket.remote_endpoint(error);
      if (error) continue;
      std::string key = LimitKey(peer.address());
      const auto held = per_address_.find(key);
      if ((held != per_address_.end() && held->second >= settings_.max_connections_per_address) ||
          !HasRoom()) {
        continue;  // closes
      }
      socket.set_option(tcp::no_delay(true), error);
      connections_.emplace_back(std::move(socket), tls_);
      const auto place = std::prev(connections_.end());
      place->place = place;
      place->address = Numeric(peer.address());
      ++per_address_[key];
      asio::co_spawn(io_, Serve(*place), [this, place, key](const std::exception_ptr&) {
        connections_.erase(place);
        if (--per_address_[key] == 0) per_address_.erase(key);
        EndWhenEmpty();
      });
    }
  }

  // Full of connections that wait for a request: the one that waits longest makes room, first among
  // those that never sent one. Nobody can lock others out by holding connections.
  bool HasRoom() {
    if (connections_.size() < settings_.max_connections) return true;
    Connection* longest = nullptr;
    for (Connection& connection : connections_) {
      if (!connection.idle) continue;
      if (longest == nullptr || (longest->answered && !connection.answered)) longest = &connection;
    }
    if (longest == nullptr) return false;
    longest->idle = false;
    beast::get_lowest_layer(longest->stream).close();
    return true;
  }

  // One connection from handshake to close. Ends by an exception when the peer breaks off.
  asio::awaitable<void> Serve(Connection& connection) {
    Stream& stream = connection.stream;
    beast::get_lowest_layer(stream).expires_after(settings_.handshake_time);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    bool more = true;
    while (more && !stopping_) {
      if (!co_await AwaitFirstByte(connection)) break;
      more = co_await ServeRequest(connection);
      connection.answered = true;
      connection.buffer.shrink_to_fit();  // what is left over moves; the old memory is wiped
    }
    beast::get_lowest_layer(stream).expires_after(kLingerTime);
    co_await stream.async_shutdown(asio::use_awaitable);
  }

  asio::awaitable<bool> AwaitFirstByte(Connection& connection) {
    if (connection.buffer.size() > 0) co_return true;
    const bool patient =
        connection.answered && connections_.size() <= settings_.patient_connections;
    beast::get_lowest_layer(connection.stream)
        .expires_after(patient ? settings_.idle_after_request
                               : settings_.idle_before_first_request);
    connection.idle = true;
    connections_.splice(connections_.end(), connections_, connection.place);
    error_code error;
    const auto space = connection.buffer.prepare(kReadStep);
    const std::size_t count = co_await connection.stream.async_read_some(
        space, asio::redirect_error(asio::use_awaitable, error));
    connection.idle = false;
    connection.buffer.commit(count);
    co_return !error;
  }

  // Reads one request and answers it. False when the connection is to be closed.
  asio::awaitable<bool> ServeRequest(Connection& connection) {
    Stream& stream = connection.stream;
    Parser parser;
    parser.header_limit(settings_.header_bytes);
    parser.body_limit(settings_.body_bytes);
    error_code error;
    beast::get_lowest_layer(stream).expires_after(settings_.header_time);
    co_await http::async_read_header(stream, connection.buffer, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    std::optional<HttpReply> refusal;
    if (!error) refusal = RefusalOf(parser);
    if (!error && !refusal) {
      beast::get_lowest_layer(stream).expires_after(settings_.body_time);
      co_await http::async_read(stream, connection.buffer, parser,
                                asio::redirect_error(asio::use_awaitable, error));
    }
    if (error) {
      if (!IsParseError(error)) co_return false;
      refusal = RefusalOf(error);
    }
    if (refusal) {
      co_await Refuse(connection, *refusal);
      co_return false;
    }
    const HttpRequestView view = ViewOf(parser, connection.address);
    Lane& lane = LaneOf(view.path);
    if (lane.in_work >= settings_.workers + settings_.max_waiting_requests) {
      const HttpReply busy = Busy();
      co_await Refuse(connection, busy);
      co_return false;
    }
    ++lane.in_work;
    HttpReply reply = co_await asio::co_spawn(lane.pool, Handle(view), asio::use_awaitable);
    --lane.in_work;
    if (const auto later = std::dynamic_pointer_cast<LaterBody>(reply.events)) {
      reply.events = nullptr;
      if (!co_await AwaitBody(connection, *later, reply)) co_return false;
    }
    if (reply.events != nullptr) {
      co_await ServeEvents(connection, reply);
      co_return false;
    }
    const bool keep_alive = parser.get().keep_alive() && !stopping_;
    const std::string text = Serialise(reply, keep_alive, view.method == "HEAD");
    beast::get_lowest_layer(stream).expires_after(settings_.write_time);
    co_await asio::async_write(stream, asio::buffer(text), asio::use_awaitable);
    co_return keep_alive;
  }

  Lane& LaneOf(std::string_view path) {
    if (settings_.is_awaited && settings_.is_awaited(path)) return awaited_;
    return settings_.is_slow && settings_.is_slow(path) ? slow_ : quick_;
  }

  // A client that waits says nothing: whatever can be read is its farewell.
  static bool IsGone(Connection& connection) {
    char byte = 0;
    const auto got = recv(beast::get_lowest_layer(connection.stream).socket().native_handle(),
                          &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
  }

  // Fills in the body of the reply. False when the client is gone, or the server stops.
  asio::awaitable<bool> AwaitBody(Connection& connection, LaterBody& later, HttpReply& reply) {
    const Counted counted(event_streams_);
    // What wakes may come when nobody waits: it is remembered.
    struct Pause {
      explicit Pause(asio::io_context& io) : timer(io) {}
      asio::steady_timer timer;
      bool woken = false;
    };
    const auto pause = std::make_shared<Pause>(io_);
    const struct Deaf {
      LaterBody& later;
      ~Deaf() { later.SetWaker({}); }
    } at_the_end{later};
    later.SetWaker([this, weak = std::weak_ptr(pause)] {
      asio::post(io_, [weak] {
        const auto waiting = weak.lock();
        if (waiting == nullptr) return;
        waiting->woken = true;
        waiting->timer.cancel();
      });
    });
    // Its handler answers long before; this is for one that does not.
    beast::get_lowest_layer(connection.stream).expires_never();
    const auto begun = std::chrono::steady_clock::now();
    while (!stopping_ && std::chrono::steady_clock::now() - begun < settings_.event_stream_time) {
      if (IsGone(connection)) co_return false;
      if (std::optional<std::string> body = later.TakeBody()) {
        reply.body = std::move(*body);
        co_return true;
      }
      if (!pause->woken) {
        pause->timer.expires_after(settings_.event_step);
        boost::system::error_code cancelled;
        co_await pause->timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      }
      pause->woken = false;
    }
    co_return false;
  }

  // Until the stream is over, its time has run out, the peer is gone or the server stops.
  asio::awaitable<void> ServeEvents(Connection& connection, const HttpReply& reply) {
    if (event_streams_ >= settings_.max_event_streams) {
      const HttpReply busy = Busy();
      co_await Refuse(connection, busy);
      co_return;
    }
    const Counted counted(event_streams_);
    Stream& stream = connection.stream;
    std::string text = Serialise(reply, false, false);
    const auto begun = std::chrono::steady_clock::now();
    auto last = begun;
    asio::steady_timer pause(io_);
    while (!stopping_ && std::chrono::steady_clock::now() - begun < settings_.event_stream_time) {
      if (!text.empty()) {
        beast::get_lowest_layer(stream).expires_after(settings_.write_time);
        co_await asio::async_write(stream, asio::buffer(text), asio::use_awaitable);
        last = std::chrono::steady_clock::now();
      }
      pause.expires_after(settings_.event_step);
      co_await pause.async_wait(asio::use_awaitable);
      std::optional<std::string> next = reply.events->Take();
      if (!next) break;
      text = std::move(*next);
      const bool silent = std::chrono::steady_clock::now() - last >= settings_.event_heartbeat;
      if (text.empty() && silent) text = ":\n\n";
    }
  }

  // Runs on the pool.
  asio::awaitable<HttpReply> Handle(const HttpRequestView& view) { co_return handler_(view); }

  static HttpReply Busy() {
    HttpReply busy = ServerRefusal(503, "temporarily_unavailable",
                                   "The service is busy. Try again in a few seconds.");
    busy.headers.emplace_back("Retry-After", "5");
    return busy;
  }

  // Answers, then reads and drops a little of what is still on the way: closing at once would make
  // the peer's system discard the answer unread.
  asio::awaitable<void> Refuse(Connection& connection, const HttpReply& reply) {
    Stream& stream = connection.stream;
    if (settings_.on_refusal) settings_.on_refusal(reply.status, connection.address);
    const std::string text = Serialise(reply, false, false);
    beast::get_lowest_layer(stream).expires_after(settings_.write_time);
    co_await asio::async_write(stream, asio::buffer(text), asio::use_awaitable);
    beast::get_lowest_layer(stream).expires_after(kLingerTime);
    std::size_t dropped = 0;
    error_code error;
    while (!error && dropped < kDrainBytes) {
      connection.buffer.clear();
      const auto space = connection.buffer.prepare(kReadStep);
      dropped +=
          co_await stream.async_read_some(space, asio::redirect_error(asio::use_awaitable, error));
    }
  }

  const HttpServerSettings settings_;
  const HttpHandler handler_;
  asio::ssl::context tls_;
  std::map<std::string, std::size_t> per_address_;
  std::size_t event_streams_ = 0;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  asio::io_context io_{1};
  // Sockets and timers have to end before their io_context.
  tcp::acceptor acceptor_;
  asio::steady_timer stop_timer_;
  asio::signal_set signals_;
  std::list<Connection> connections_;  // the one that waits longest first
  Lane quick_;
  Lane slow_;
  Lane awaited_;
};

HttpServer::HttpServer(std::unique_ptr<Body> body) : body_(std::move(body)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(const HttpServerSettings& settings,
                                                       TlsContext tls, Signals signals,
                                                       HttpHandler handler) {
  auto body = std::make_unique<Body>(settings, std::move(tls), std::move(handler));
  const Status listening = body->Listen();
  if (!listening) return listening.error();
  if (signals == Signals::kStopOnTermination) body->StopOnTermination();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(body)));
}

std::uint16_t HttpServer::port() const { return body_->port(); }
void HttpServer::Run() { body_->Run(); }
void HttpServer::Stop() { body_->Stop(); }

}  // namespace sspr::service
