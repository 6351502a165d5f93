// SPDX-License-Identifier: Apache-2.0
// The transport over libcurl against a real TLS server, and the fake that other tests are built
// with.
#include "tests/contract/http/transport_contract.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/http/curl_transport.h"
#include "tests/fakes/fake_transport.h"
#include "tests/levers/lever_process.h"

namespace sspr {
namespace {

class CurlWorld {
 public:
  CurlWorld() { service_.Ask("clear"); }

  HttpTransport& Behaving(const std::string& lever, int /*requests*/, HttpLimits limits = {}) {
    HttpSettings settings;
    settings.base_url = service_.Value(lever);
    settings.ca_file = service_.Value("ca_file");
    settings.limits = limits;
    settings.user_agent = "contract";
    auto made = CurlTransport::Make(settings);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    transport_ = std::move(made).value();
    return *transport_;
  }

  std::vector<SeenRequest> Seen() {
    std::vector<SeenRequest> seen;
    for (const Json::Value& one : service_.Ask("requests")) {
      const std::string path = one["path"].asString();
      if (one["method"] == "OPTIONS") continue;  // what Open() warms up with is its own affair
      seen.push_back(
          {one["method"].asString(), path.substr(path.find('/', 1)), one["body"].asString()});
    }
    return seen;
  }

 private:
  static LeverProcess& Service() {
    static LeverProcess service({LEVER_SERVICE});
    return service;
  }

  LeverProcess& service_ = Service();
  std::unique_ptr<HttpTransport> transport_;
};

const char* NameOf(HttpRequest::Method method) {
  if (method == HttpRequest::Method::kPatch) return "PATCH";
  return method == HttpRequest::Method::kPost ? "POST" : "GET";
}

class FakeWorld {
 public:
  HttpTransport& Behaving(const std::string& lever, int requests, HttpLimits limits = {}) {
    transport_ = std::make_unique<FakeTransport>(limits);
    for (int i = 0; i < requests; ++i) Script(lever);
    return *transport_;
  }

  std::vector<SeenRequest> Seen() {
    std::vector<SeenRequest> seen;
    for (const FakeTransport::Seen& one : transport_->seen()) {
      seen.push_back({NameOf(one.method), one.path, one.form});
    }
    return seen;
  }

 private:
  void Script(const std::string& lever) {
    static const std::map<std::string, Errc> failures = {{"silent", Errc::kTimedOut},
                                                         {"cut-0", Errc::kUnreachable},
                                                         {"self-signed", Errc::kUnreachable}};
    static const std::map<std::string, int> statuses = {
        {"good", 200},       {"error-500", 500},    {"error-429", 429}, {"status-204", 204},
        {"portal-302", 302}, {"redirect-307", 307}, {"html-200", 200}};
    if (const auto found = failures.find(lever); found != failures.end()) {
      transport_->ExpectFailure(kPath, found->second);
    } else if (lever == "huge-body") {
      transport_->Expect(kPath, 200, std::string(300'000, 'x'));
    } else {
      transport_->Expect(kPath, statuses.at(lever), lever == "good" ? kGreeting : "x",
                         lever == "html-200" ? "text/html" : "application/json");
    }
  }

  std::unique_ptr<FakeTransport> transport_;
};

using Worlds = testing::Types<CurlWorld, FakeWorld>;
INSTANTIATE_TYPED_TEST_SUITE_P(Of, TransportContract, Worlds);

// sspr-flow stops listening for the host while the new password is being set.
TEST(CurlTransport, WatchedDescriptorMayBeReplacedBetweenExchanges) {
  std::array<int, 2> host{}, quiet{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, host.data()), 0);
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, quiet.data()), 0);
  const int watched = ::fcntl(host[0], F_DUPFD_CLOEXEC, 3);
  LeverProcess service({LEVER_SERVICE});
  HttpSettings settings;
  settings.base_url = service.Value("good");
  settings.ca_file = service.Value("ca_file");
  settings.watched_fd = watched;
  const auto transport = CurlTransport::Make(settings);
  ASSERT_TRUE(transport.ok());
  HttpRequest request;
  request.method = HttpRequest::Method::kGet;
  request.path = kPath;
  EXPECT_TRUE(transport.value()->Send(request).ok());
  ASSERT_EQ(::dup2(quiet[0], watched), watched);
  ::close(host[1]);
  EXPECT_TRUE(transport.value()->Send(request).ok());
  ASSERT_EQ(::dup2(host[0], watched), watched);
  const auto cancelled = transport.value()->Send(request);
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code, Errc::kCancelled);
  for (const int fd : {host[0], quiet[0], quiet[1], watched}) ::close(fd);
}

}  // namespace
}  // namespace sspr
