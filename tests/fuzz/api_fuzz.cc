// SPDX-License-Identifier: Apache-2.0
// A request to any endpoint: path, media type, headers and form, over a scripted engine that
// answers well. Whatever comes, the answer is one that HTTP and Microsoft's clients can read.
#include <json/json.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "service/api/api.h"
#include "service/tls/key_files.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/service_api/scripted_flow_service.h"

namespace {

using namespace sspr;           // NOLINT(google-build-using-namespace)
using namespace sspr::service;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

class StoppedClock final : public Clock {
 public:
  UnixSeconds Now() const override { return 1'790'000'000; }
  std::chrono::milliseconds Monotonic() const override { return std::chrono::milliseconds(0); }
};

constexpr const char* kPaths[] = {
    "/resetpassword/v1.0/start",
    "/resetpassword/v1.0/introspect",
    "/resetpassword/v1.0/challenge",
    "/resetpassword/v1.0/continue",
    "/resetpassword/v1.0/policy",
    "/resetpassword/v1.0/submit",
    "/resetpassword/v1.0/unlock",
    "/resetpassword/v1.0/poll_completion",
    "/resetpassword/v1.0/transaction",
    "/oauth2/v2.0/initiate",
    "/oauth2/v2.0/challenge",
    "/oauth2/v2.0/introspect",
    "/oauth2/v2.0/token",
    "/register/v1.0/introspect",
    "/register/v1.0/challenge",
    "/register/v1.0/continue",
    "/risk/v1.0/report",
    "/.well-known/sspr-configuration",
    "/discovery/v2.0/keys",
};

struct World {
  World() {
    const std::string key =
        std::filesystem::temp_directory_path() / ("sspr-fuzz-" + std::to_string(getpid()) + ".pem");
    Must(CreateP256Key(key).ok(), "a key can be made");
    auto loaded = TokenIssuer::Load(key, kUrl, clock);
    std::filesystem::remove(key);
    Must(loaded.ok(), "the key is read");
    tokens = std::make_unique<TokenIssuer>(std::move(*loaded));
    api = std::make_unique<Api>(ApiSettings{.public_url = kUrl,
                                            .cors_origins = {"https://app.example.org"},
                                            .permit_keys = {{1, std::string(32, 'k')}}},
                                engine, *tokens, clock, [](const RequestRecord&) {});
  }
  static constexpr char kUrl[] = "https://reset.example.org/contoso";
  StoppedClock clock;
  ScriptedFlowService engine;
  std::unique_ptr<TokenIssuer> tokens;
  std::unique_ptr<Api> api;
};

bool IsStatusOfOurs(int status) {
  return status == 200 || status == 204 || status == 400 || status == 404 || status == 405 ||
         status == 415;
}

void CheckAnswer(const HttpReply& reply) {
  Must(IsStatusOfOurs(reply.status), "the status is one of the protocol");
  for (const auto& [name, value] : reply.headers) {
    Must((name + value).find_first_of(std::string("\r\n\0", 3)) == std::string::npos,
         "no header holds a line end");
  }
  if (reply.status != 200 && reply.status != 400) return;
  Json::Value json;
  std::string faults;
  const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
  Must(reader->parse(reply.body.data(), reply.body.data() + reply.body.size(), &json, &faults) &&
           json.isObject(),
       "the body is a JSON object");
  if (reply.status == 400) Must(json["error"].isString(), "an error has its word");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World& world = *new World;
  fuzz::Input input(data, size);
  const std::uint8_t which = input.Byte();
  const std::string_view header = input.Field();
  const std::string_view value = input.Field();
  std::string path = "/contoso";
  path += which < std::size(kPaths) ? std::string_view(kPaths[which]) : input.Field();
  HttpRequestView request;
  request.method = which % 64 == 63 ? "GET" : "POST";
  request.path = path;
  if (header.empty()) {
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  } else {
    request.headers = {{header, value}, {"Content-Type", "application/x-www-form-urlencoded"}};
  }
  request.body = input.Rest();
  request.address = "192.0.2.7";
  CheckAnswer(world.api->Handle(request));
  return 0;
}
