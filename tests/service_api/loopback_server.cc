// SPDX-License-Identifier: Apache-2.0
// The HTTPS server with a handler that tells what it was given, for https_test.py. Prints
// "PORT n", then "REFUSED status" for each request that the server refused by itself, and
// "STOPPED" after SIGTERM. POST /slow waits until POST /release was handled.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include "service/http/http_server.h"
#include "service/tls/key_files.h"

namespace {

using namespace sspr::service;  // NOLINT(google-build-using-namespace)

// One event for each time that /tell was asked for.
class Told final : public EventStream {
 public:
  explicit Told(const std::atomic<int>& told) : told_(told) {}
  std::optional<std::string> Take() override {
    if (seen_ == told_.load()) return std::string();
    ++seen_;
    return "data: " + std::to_string(seen_) + "\n\n";
  }

 private:
  const std::atomic<int>& told_;
  int seen_ = 0;
};

class Handler {
 public:
  HttpReply operator()(const HttpRequestView& request) {
    if (request.path == "/tell") ++told_;
    if (request.path == "/events") {
      HttpReply reply{
          .status = 200, .headers = {{"Content-Type", "text/event-stream"}}, .body = {}};
      reply.events = std::make_shared<Told>(told_);
      return reply;
    }
    if (request.path == "/release") Release();
    if (request.path == "/slow") Wait();
    std::string body = std::string(request.method) + " " + std::string(request.path) + " " +
                       request.address + " " + std::string(request.Header("x-echo")) + "\n" +
                       std::string(request.body);
    return {.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = std::move(body)};
  }

 private:
  void Release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    std::printf("WAITING\n");
    std::fflush(stdout);
    changed_.wait(lock, [this] { return released_; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool released_ = false;
  std::atomic<int> told_{0};
};

int Serve(const std::string& folder) {
  const CertificateFiles files{folder + "/ca.pem", folder + "/server.pem", folder + "/server.key"};
  if (const auto made = CreateLoopbackCertificate(files); !made) {
    std::fprintf(stderr, "%s\n", made.error().detail.c_str());
    return 1;
  }
  auto tls = MakeServerContext(files.certificate, files.key);
  if (!tls) {
    std::fprintf(stderr, "%s\n", tls.error().detail.c_str());
    return 1;
  }
  HttpServerSettings settings;
  settings.header_time = std::chrono::milliseconds(300);
  settings.body_time = std::chrono::milliseconds(300);
  settings.handshake_time = std::chrono::milliseconds(300);
  settings.idle_before_first_request = std::chrono::milliseconds(300);
  settings.max_connections_per_address = 16;
  settings.max_connections = 20;
  settings.workers = 4;
  settings.max_waiting_requests = 4;
  settings.max_event_streams = 6;
  settings.event_step = std::chrono::milliseconds(10);
  settings.event_heartbeat = std::chrono::milliseconds(200);
  settings.on_refusal = [](int status, const std::string&) {
    std::printf("REFUSED %d\n", status);
    std::fflush(stdout);
  };
  Handler handler;
  auto server =
      HttpServer::Listen(settings, std::move(*tls), HttpServer::Signals::kStopOnTermination,
                         [&handler](const HttpRequestView& request) { return handler(request); });
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().detail.c_str());
    return 1;
  }
  std::printf("PORT %d\n", (*server)->port());
  std::fflush(stdout);
  (*server)->Run();
  std::printf("STOPPED\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return Serve(argv[1]);
}
