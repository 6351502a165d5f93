// SPDX-License-Identifier: Apache-2.0
// An Api over a scripted engine with a real signing key, at a time that stands still.
#pragma once

#include <gtest/gtest.h>
#include <json/json.h>

#include <filesystem>
#include <memory>
#include <string>

#include "service/api/api.h"
#include "service/tls/key_files.h"
#include "tests/service_api/scripted_flow_service.h"

namespace sspr::service {

class StoppedClock final : public Clock {
 public:
  UnixSeconds Now() const override { return 1'790'000'000; }  // 2026-09-21 14:13:20 UTC
  std::chrono::milliseconds Monotonic() const override { return std::chrono::milliseconds(0); }
};

class ApiFixture : public ::testing::Test {
 protected:
  static constexpr char kId[] = "6f9619ff-8b86-4011-b42d-00cf4fc964ff";

  ApiFixture() {
    const Status made = CreateP256Key(KeyFile());
    EXPECT_TRUE(made.ok());
    auto loaded = TokenIssuer::Load(KeyFile(), kUrl, clock_);
    EXPECT_TRUE(loaded.ok());
    tokens_ = std::make_unique<TokenIssuer>(std::move(*loaded));
    api_ = std::make_unique<Api>(
        Settings(), engine_, *tokens_, clock_, [this](const RequestRecord& record) {
          log_.push_back(std::string(record.method) + " " + std::string(record.path) + " " +
                         std::to_string(record.status) + " " + std::string(record.error));
        });
  }
  ~ApiFixture() override { std::filesystem::remove(KeyFile()); }

  static std::string KeyFile() {
    return ::testing::TempDir() + "sspr-token-key-" + std::to_string(::getpid()) + ".pem";
  }
  static ApiSettings Settings() {
    return {.public_url = kUrl,
            .cors_origins = {"https://app.example.org"},
            .permit_keys = {{1, std::string(32, 'k')}}};
  }

  HttpReply Send(std::string_view method, std::string_view path, std::string_view body = {}) {
    HttpRequestView request;
    request.method = method;
    request.path = path;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                       {"Client-Request-Id", kId}};
    request.headers.insert(request.headers.end(), headers_.begin(), headers_.end());
    request.body = body;
    request.address = "192.0.2.7";
    return api_->Handle(request);
  }
  HttpReply Post(std::string_view path, std::string_view body) {
    return Send("POST", "/contoso" + std::string(path), body);
  }
  // As text, with the ids that are random taken out.
  std::string PostForText(std::string_view path, std::string_view body) {
    Json::Value json = Parse(Post(path, body).body);
    if (json.isMember("trace_id")) json["trace_id"] = "TRACE";
    return Write(json);
  }
  static Json::Value Parse(const std::string& text) {
    Json::Value json;
    std::string faults;
    std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
    EXPECT_TRUE(reader->parse(text.data(), text.data() + text.size(), &json, &faults)) << text;
    return json;
  }
  static std::string Header(const HttpReply& reply, std::string_view name) {
    for (const auto& [have, value] : reply.headers) {
      if (have == name) return value;
    }
    return {};
  }

  static constexpr char kUrl[] = "https://reset.example.org/contoso";
  StoppedClock clock_;
  ScriptedFlowService engine_;
  std::unique_ptr<TokenIssuer> tokens_;
  std::unique_ptr<Api> api_;
  std::vector<std::pair<std::string_view, std::string_view>> headers_;
  std::vector<std::string> log_;
};

}  // namespace sspr::service
