// SPDX-License-Identifier: Apache-2.0
// HttpTransport from a script: each Send must be the next expected request and gets its reply. The
// transport's own rules hold for scripted replies too (redirects, size), as tests/contract/http
// demands. A request that was not expected, or one that never came, fails the test.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/http_transport.h"

namespace sspr {

class FakeTransport final : public HttpTransport {
 public:
  struct Seen {
    HttpRequest::Method method;
    std::string path;
    std::string form;
  };

  explicit FakeTransport(HttpLimits limits = {}) : limits_(limits) {}
  ~FakeTransport() override {
    for (const Step& step : script_) ADD_FAILURE() << "never asked for: " << step.path;
  }

  // The next request must be of this path and has a body (a POST or PATCH) unless it is said
  // otherwise; it gets this reply.
  void Expect(std::string path, int status, std::string body,
              std::string content_type = "application/json",
              HttpRequest::Method method = HttpRequest::Method::kPost) {
    script_.push_back(
        {method, std::move(path), Answer(status, std::move(content_type), std::move(body))});
  }
  void ExpectGet(std::string path, int status, std::string body,
                 std::string content_type = "application/json") {
    Expect(std::move(path), status, std::move(body), std::move(content_type),
           HttpRequest::Method::kGet);
  }
  // The next request must be of this path and fails so.
  void ExpectFailure(std::string path, Errc code, std::string detail = "scripted",
                     HttpRequest::Method method = HttpRequest::Method::kPost) {
    script_.push_back({method, std::move(path), Error{code, std::move(detail)}});
  }
  void FailOpen(Errc code) { open_ = Error{code, "scripted"}; }

  const std::vector<Seen>& seen() const { return seen_; }
  int opened() const { return opened_; }
  bool script_used_up() const { return script_.empty(); }

  Status Open() override {
    ++opened_;
    return open_;
  }

  Result<HttpResponse> Send(const HttpRequest& request) override {
    if (!request.path.starts_with('/')) return Error{Errc::kInternal, "unfit path"};
    const bool has_body = HasBody(request.method);
    EXPECT_TRUE(has_body || request.form == nullptr) << "a GET has no form";
    seen_.push_back({request.method, request.path,
                     request.form == nullptr ? "" : std::string(request.form->Reveal())});
    if (script_.empty()) {
      ADD_FAILURE() << "not expected: " << request.path;
      return Error{Errc::kInternal, "the script is used up"};
    }
    Step step = std::move(script_.front());
    script_.pop_front();
    EXPECT_EQ(step.path, request.path);
    EXPECT_EQ(HasBody(step.method), has_body);
    return std::move(step.reply);
  }

 private:
  struct Step {
    HttpRequest::Method method;
    std::string path;
    Result<HttpResponse> reply;
  };

  Result<HttpResponse> Answer(int status, std::string content_type, std::string body) const {
    if (status >= 300 && status < 400)
      return Error{Errc::kProtocol, "redirect: HTTP " + std::to_string(status)};
    if (body.size() > limits_.body_bytes)
      return Error{Errc::kProtocol, "body of the reply too large"};
    return HttpResponse{status, std::move(content_type), std::move(body)};
  }

  const HttpLimits limits_;
  Status open_ = Ok();
  int opened_ = 0;
  std::deque<Step> script_;
  std::vector<Seen> seen_;
};

}  // namespace sspr
