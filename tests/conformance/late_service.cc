// SPDX-License-Identifier: Apache-2.0
// The service with a directory and a clock that do as they are told, where the shipped one would
// have to be waited for: real engine, database, HTTPS and V1. For run.py: late_service FOLDER
// prints "ready URL" and each message as a line of JSON; takes "clock +SECONDS" and "directory
// refuse-late" on standard input and answers "done".
#include <json/json.h>

#include <atomic>
#include <cstdio>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "service/api/api.h"
#include "service/engine/foundation.h"
#include "service/http/http_server.h"
#include "service/tls/key_files.h"
#include "tests/fakes/fake_clock.h"

namespace sspr::service {
namespace {

template <typename T>
T Must(Result<T> result) {
  if (result.ok()) return std::move(*result);
  std::fprintf(stderr, "late_service: %s\n", result.error().detail.c_str());
  std::exit(1);
}

void Say(const Json::Value& line) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  std::printf("%s\n", Json::writeString(builder, line).c_str());
  std::fflush(stdout);
}

void Obey(FakeClock& clock) {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.starts_with("clock +")) clock.Advance(std::stoll(line.substr(7)));
    Json::Value done;
    done["done"] = true;
    Say(done);
  }
}

void AddPeople(AdminService& admin) {
  const auto password = Secret::CopyOf("an old password of hers");
  Must(admin.AddUser({.username = "alice@example.org",
                      .display_name = "Alice Example",
                      .local_account = {},
                      .language = "en"}));
  Must(admin.SetPassword("alice@example.org", *password));
  Must(admin.AddEmail("alice@example.org", "alice@example.org"));
  Must(admin.PutClient({.client_id = "msal-conformance", .concealment = false}));
}

bool Deliver(const Delivery& delivery) {
  Json::Value message;
  message["to"] = delivery.message.to;
  message["text"] = std::string(delivery.message.text.Reveal());
  Say(message);
  return true;
}

int Serve(const std::string& folder) {
  FakeClock clock;
  EngineSettings settings;
  settings.database = folder + "/sspr.db";
  settings.audit_file = folder + "/audit.jsonl";
  settings.secrets_key_file = folder + "/secrets.key";
  Must(CreateSecretsKey(settings.secrets_key_file));
  Must(CreateP256Key(folder + "/token.key"));
  const auto foundation =
      Must(LayFoundation(settings, {.clock = &clock, .deliver = Deliver, .log = [](auto) {}}));
  const auto flows = Must(MakeFlows(*foundation));
  AddPeople(*MakeAdmin(*foundation));

  const CertificateFiles files{folder + "/ca.pem", folder + "/server.pem", folder + "/server.key"};
  Must(CreateLoopbackCertificate(files));
  std::unique_ptr<Api> api;
  auto server = Must(
      HttpServer::Listen({}, Must(MakeServerContext(files.certificate, files.key)),
                         HttpServer::Signals::kStopOnTermination,
                         [&api](const HttpRequestView& request) { return api->Handle(request); }));
  const std::string url = "https://localhost:" + std::to_string(server->port()) + "/late";
  const TokenIssuer tokens = Must(TokenIssuer::Load(folder + "/token.key", url, clock));
  api = std::make_unique<Api>(ApiSettings{.public_url = url, .cors_origins = {}, .permit_keys = {}},
                              *flows, tokens, clock, [](const RequestRecord&) {});
  std::printf("ready %s\n", url.c_str());
  std::fflush(stdout);
  std::thread([&clock] { Obey(clock); }).detach();
  server->Run();
  std::_Exit(0);  // the reader of standard input waits for ever
}

}  // namespace
}  // namespace sspr::service

int main(int argc, char** argv) { return argc == 2 ? sspr::service::Serve(argv[1]) : 2; }
