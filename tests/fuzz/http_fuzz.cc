// SPDX-License-Identifier: Apache-2.0
// Bytes of a client through the real HTTPS server on loopback: whatever comes, the server answers
// or closes, and goes on.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <thread>

#include "service/http/http_server.h"
#include "service/tls/key_files.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr::service;  // NOLINT(google-build-using-namespace)
using sspr::fuzz::Must;

HttpReply Answer(const HttpRequestView& request) {
  Must(request.path.starts_with('/'), "a path begins at the root");
  for (const auto& [name, value] : request.headers) {
    Must(!name.empty(), "a header has a name");
    Must(std::string_view(value).find_first_of(std::string_view("\r\n\0", 3)) ==
             std::string_view::npos,
         "no header holds a line end");
  }
  Must(request.body.size() <= std::size_t{32} * 1024, "a body is bounded");
  return {.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = "ok"};
}

class Server {
 public:
  Server() {
    const std::string folder =
        std::filesystem::temp_directory_path() / ("sspr-fuzz-http-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    const CertificateFiles files{folder + "/ca.pem", folder + "/cert.pem", folder + "/key.pem"};
    Must(CreateLoopbackCertificate(files).ok(), "a certificate can be made");
    auto tls = MakeServerContext(files.certificate, files.key);
    Must(tls.ok(), "the certificate is read");
    std::filesystem::remove_all(folder);
    HttpServerSettings settings;
    settings.header_time = settings.body_time = std::chrono::milliseconds(100);
    settings.idle_before_first_request = std::chrono::milliseconds(100);
    settings.max_connections_per_address = 512;
    settings.workers = 1;
    auto server =
        HttpServer::Listen(settings, std::move(*tls), HttpServer::Signals::kIgnore, Answer);
    Must(server.ok(), "the server listens");
    server_ = std::move(*server);
    std::thread([this] { server_->Run(); }).detach();
    client_.reset(SSL_CTX_new(TLS_client_method()));
  }
  std::uint16_t port() const { return server_->port(); }
  SSL_CTX* client() { return client_.get(); }

 private:
  std::unique_ptr<HttpServer> server_;
  TlsContext client_;
};

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

class Connection {
 public:
  explicit Connection(Server& server)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), ssl_(SSL_new(server.client())) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // What hangs is found by libFuzzer's -timeout; this is for the replay.
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    // A reset at the end leaves no port in TIME_WAIT: thousands of connections a minute are made.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    Must(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
         "the server takes a connection");
    SSL_set_fd(ssl_.get(), socket_);
    is_open_ = SSL_connect(ssl_.get()) == 1;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(socket_); }

  void Send(std::string_view bytes) {
    if (!bytes.empty()) SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    SSL_shutdown(ssl_.get());
  }
  std::string Read() {
    std::string all;
    std::array<char, 4096> part;  // NOLINT: filled by SSL_read
    int count = 0;
    while ((count = SSL_read(ssl_.get(), part.data(), static_cast<int>(part.size()))) > 0) {
      all.append(part.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

  bool IsOpen() const { return is_open_; }

 private:
  int socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  bool is_open_ = false;
};

// On a busy machine a handshake may last longer than the server's patience of a tenth of a second.
std::unique_ptr<Connection> Open(Server& server) {
  constexpr int kMostTries = 50;
  for (int tries = 0; tries < kMostTries; ++tries) {
    auto connection = std::make_unique<Connection>(server);
    if (connection->IsOpen()) return connection;
  }
  Must(false, "the server shakes hands");
  return nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Server& server = *new Server;
  const auto connection = Open(server);
  connection->Send({reinterpret_cast<const char*>(data), size});
  const std::string answer = connection->Read();
  Must(answer.empty() || answer.starts_with("HTTP/1.1 "), "an answer is HTTP");
  return 0;
}
