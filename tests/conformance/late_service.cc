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
#include <set>
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

// Dislikes a password after it was asked to set it, when it is told to.
class LateDirectory final : public Directory {
 public:
  explicit LateDirectory(std::unique_ptr<Directory> inner) : inner_(std::move(inner)) {}
  void RefuseNextLate() { refuse_next_ = true; }

  std::optional<DirectoryUser> Find(std::string_view username) override {
    return inner_->Find(username);
  }
  std::optional<DirectoryUser> Get(std::string_view id) override { return inner_->Get(id); }
  Result<bool> Verify(std::string_view id, const Secret& password) override {
    return inner_->Verify(id, password);
  }
  Result<Proposal> Propose(std::string_view id, const Secret& password, int depth) override {
    return inner_->Propose(id, password, depth);
  }
  SetReply SetPassword(std::string_view transaction_id, std::string_view id, const Secret& password,
                       const Proposal& proposal) override {
    const std::lock_guard lock(mutex_);
    refused_.erase(std::string(transaction_id));
    if (!refuse_next_.exchange(false)) {
      return inner_->SetPassword(transaction_id, id, password, proposal);
    }
    refused_.emplace(transaction_id);
    return SetOutcome::kUnknown;
  }
  std::optional<SetReply> Answered(std::string_view transaction_id) override {
    const std::lock_guard lock(mutex_);
    if (!refused_.contains(std::string(transaction_id))) return std::nullopt;
    return SetReply(RefusalCode::kPasswordTooWeak, "too weak for it");
  }
  SetOutcome Settle(std::string_view transaction_id) override {
    return inner_->Settle(transaction_id);
  }

 private:
  const std::unique_ptr<Directory> inner_;
  std::atomic<bool> refuse_next_{false};
  std::mutex mutex_;
  std::set<std::string> refused_;
};

void Obey(FakeClock& clock, LateDirectory& directory) {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.starts_with("clock +")) clock.Advance(std::stoll(line.substr(7)));
    if (line == "directory refuse-late") directory.RefuseNextLate();
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
  if (delivery.reference.empty()) return true;  // a decoy
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
  auto late = std::make_unique<LateDirectory>(std::move(foundation->directory));
  LateDirectory& directory = *late;
  foundation->directory = std::move(late);
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
  std::thread([&] { Obey(clock, directory); }).detach();
  server->Run();
  std::_Exit(0);  // the reader of standard input waits for ever
}

}  // namespace
}  // namespace sspr::service

int main(int argc, char** argv) { return argc == 2 ? sspr::service::Serve(argv[1]) : 2; }
