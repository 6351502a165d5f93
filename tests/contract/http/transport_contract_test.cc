// SPDX-License-Identifier: Apache-2.0
// What http_transport.h promises, on the real transport against a real TLS server and on the fake
// that other tests are built with.
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

constexpr char kPath[] = "/resetpassword/v1.0/start";
constexpr char kGreeting[] = R"({"greeting":"hello"})";

struct SeenRequest {
  std::string method, path, body;
};

// A world holds a service that behaves as the named lever of lever_service.py says.
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
      seen.push_back(
          {one.method == HttpRequest::Method::kPost ? "POST" : "GET", one.path, one.form});
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

template <typename World>
class TransportContract : public testing::Test {
 protected:
  Result<HttpResponse> Post(HttpTransport& transport, std::string_view form = "a=b") {
    form_ = *SecretBody::CopyOf(form);
    HttpRequest request;
    request.path = kPath;
    request.form = &form_;
    return transport.Send(request);
  }

  World world_;

 private:
  SecretBody form_;
};

using Worlds = testing::Types<CurlWorld, FakeWorld>;
TYPED_TEST_SUITE(TransportContract, Worlds);

TYPED_TEST(TransportContract, ReplyIsReturnedAsItCame) {
  const auto reply = this->Post(this->world_.Behaving("good", 1));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->content_type, "application/json");
  EXPECT_EQ(reply->body, kGreeting);
}

TYPED_TEST(TransportContract, RequestsArriveInOrderWithPathAndForm) {
  HttpTransport& transport = this->world_.Behaving("good", 2);
  ASSERT_TRUE(this->Post(transport, "oob=1").ok());
  ASSERT_TRUE(this->Post(transport, "new_password=%C3%A4%00+x").ok());
  const auto seen = this->world_.Seen();
  ASSERT_EQ(seen.size(), 2U);
  for (const SeenRequest& one : seen) {
    EXPECT_EQ(one.method, "POST");
    EXPECT_EQ(one.path, kPath);
  }
  EXPECT_EQ(seen[0].body, "oob=1");
  EXPECT_EQ(seen[1].body, "new_password=%C3%A4%00+x");
}

TYPED_TEST(TransportContract, OpenIsNotSeenAsARequestAndMayBeRepeated) {
  HttpTransport& transport = this->world_.Behaving("good", 1);
  EXPECT_TRUE(transport.Open().ok());
  EXPECT_TRUE(transport.Open().ok());
  EXPECT_TRUE(this->Post(transport).ok());
  EXPECT_EQ(this->world_.Seen().size(), 1U);
}

TYPED_TEST(TransportContract, LargestFormIsSentWhole) {
  const std::string form = "x=" + std::string(SecretBody::kMaxSize - 2, 'y');
  ASSERT_TRUE(this->Post(this->world_.Behaving("good", 1), form).ok());
  EXPECT_EQ(this->world_.Seen().at(0).body, form);
}

TYPED_TEST(TransportContract, StatusIsAValue) {
  for (const auto& [lever, status] : {std::pair("error-500", 500), std::pair("error-429", 429),
                                      std::pair("status-204", 204), std::pair("html-200", 200)}) {
    const auto reply = this->Post(this->world_.Behaving(lever, 1));
    ASSERT_TRUE(reply.ok()) << lever;
    EXPECT_EQ(reply->status, status);
  }
}

TYPED_TEST(TransportContract, ContentTypeHasNoParameters) {
  const auto reply = this->Post(this->world_.Behaving("html-200", 1));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content_type, "text/html");
}

TYPED_TEST(TransportContract, RedirectIsAProtocolErrorThatSaysSo) {
  for (const char* lever : {"portal-302", "redirect-307"}) {
    const auto reply = this->Post(this->world_.Behaving(lever, 1));
    ASSERT_FALSE(reply.ok()) << lever;
    EXPECT_EQ(reply.error().code, Errc::kProtocol);
    EXPECT_TRUE(reply.error().detail.starts_with(kRedirectDetail));
  }
}

TYPED_TEST(TransportContract, BodyBeyondTheLimitIsAProtocolError) {
  const auto reply = this->Post(this->world_.Behaving("huge-body", 1));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kProtocol);
}

TYPED_TEST(TransportContract, BodyLimitIsThatOfTheSettings) {
  HttpLimits limits;
  limits.body_bytes = sizeof(kGreeting) - 1;
  EXPECT_TRUE(this->Post(this->world_.Behaving("good", 1, limits)).ok());
  limits.body_bytes -= 1;
  EXPECT_FALSE(this->Post(this->world_.Behaving("good", 1, limits)).ok());
}

TYPED_TEST(TransportContract, SilentServerTimesOut) {
  HttpLimits limits;
  limits.request = std::chrono::milliseconds(800);
  const auto reply = this->Post(this->world_.Behaving("silent", 1, limits));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kTimedOut);
}

TYPED_TEST(TransportContract, BrokenConnectionIsUnreachable) {
  const auto reply = this->Post(this->world_.Behaving("cut-0", 1));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kUnreachable);
}

TYPED_TEST(TransportContract, UntrustedServerIsUnreachable) {
  const auto reply = this->Post(this->world_.Behaving("self-signed", 1));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kUnreachable);
}

TYPED_TEST(TransportContract, PathThatDoesNotBeginWithASlashIsNotSent) {
  HttpTransport& transport = this->world_.Behaving("good", 0);
  HttpRequest request;
  request.path = "@elsewhere.example/";
  const auto reply = transport.Send(request);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kInternal);
  EXPECT_TRUE(this->world_.Seen().empty());
}

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
