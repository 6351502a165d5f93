// SPDX-License-Identifier: Apache-2.0
// What http_transport.h promises, for every transport there is.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/http_settings.h"

namespace sspr {

inline constexpr char kPath[] = "/resetpassword/v1.0/start";
inline constexpr char kGreeting[] = R"({"greeting":"hello"})";

struct SeenRequest {
  std::string method, path, body;
};

// A world holds a service that behaves as the named lever of lever_service.py says: Behaving(lever,
// requests, limits) is a transport to it, Seen() what it was asked.
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

TYPED_TEST_SUITE_P(TransportContract);

TYPED_TEST_P(TransportContract, ReplyIsReturnedAsItCame) {
  const auto reply = this->Post(this->world_.Behaving("good", 1));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->content_type, "application/json");
  EXPECT_EQ(reply->body, kGreeting);
}

TYPED_TEST_P(TransportContract, RequestsArriveInOrderWithPathAndForm) {
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

TYPED_TEST_P(TransportContract, PatchArrivesAsSuchWithItsBody) {
  HttpTransport& transport = this->world_.Behaving("good", 1);
  const auto body = SecretBody::CopyOf(R"({"password":"x"})");
  HttpRequest request{.method = HttpRequest::Method::kPatch, .path = kPath, .json = true};
  request.form = &*body;
  const auto reply = transport.Send(request);
  ASSERT_TRUE(reply.ok()) << reply.error().detail;
  EXPECT_EQ(reply->status, 200);
  const auto seen = this->world_.Seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].method, "PATCH");
  EXPECT_EQ(seen[0].path, kPath);
  EXPECT_EQ(seen[0].body, body->Reveal());
}

TYPED_TEST_P(TransportContract, OpenIsNotSeenAsARequestAndMayBeRepeated) {
  HttpTransport& transport = this->world_.Behaving("good", 1);
  EXPECT_TRUE(transport.Open().ok());
  EXPECT_TRUE(transport.Open().ok());
  EXPECT_TRUE(this->Post(transport).ok());
  EXPECT_EQ(this->world_.Seen().size(), 1U);
}

TYPED_TEST_P(TransportContract, LargestFormIsSentWhole) {
  const std::string form = "x=" + std::string(SecretBody::kMaxSize - 2, 'y');
  ASSERT_TRUE(this->Post(this->world_.Behaving("good", 1), form).ok());
  EXPECT_EQ(this->world_.Seen().at(0).body, form);
}

TYPED_TEST_P(TransportContract, StatusIsAValue) {
  for (const auto& [lever, status] : {std::pair("error-500", 500), std::pair("error-429", 429),
                                      std::pair("status-204", 204), std::pair("html-200", 200)}) {
    const auto reply = this->Post(this->world_.Behaving(lever, 1));
    ASSERT_TRUE(reply.ok()) << lever;
    EXPECT_EQ(reply->status, status);
  }
}

TYPED_TEST_P(TransportContract, ContentTypeHasNoParameters) {
  const auto reply = this->Post(this->world_.Behaving("html-200", 1));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content_type, "text/html");
}

TYPED_TEST_P(TransportContract, RedirectIsAProtocolErrorThatSaysSo) {
  for (const char* lever : {"portal-302", "redirect-307"}) {
    const auto reply = this->Post(this->world_.Behaving(lever, 1));
    ASSERT_FALSE(reply.ok()) << lever;
    EXPECT_EQ(reply.error().code, Errc::kProtocol);
    EXPECT_TRUE(reply.error().detail.starts_with(kRedirectDetail));
  }
}

TYPED_TEST_P(TransportContract, BodyBeyondTheLimitIsAProtocolError) {
  const auto reply = this->Post(this->world_.Behaving("huge-body", 1));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kProtocol);
}

TYPED_TEST_P(TransportContract, BodyLimitIsThatOfTheSettings) {
  HttpLimits limits;
  limits.body_bytes = sizeof(kGreeting) - 1;
  EXPECT_TRUE(this->Post(this->world_.Behaving("good", 1, limits)).ok());
  limits.body_bytes -= 1;
  EXPECT_FALSE(this->Post(this->world_.Behaving("good", 1, limits)).ok());
}

TYPED_TEST_P(TransportContract, SilentServerTimesOut) {
  HttpLimits limits;
  limits.request = std::chrono::milliseconds(800);
  const auto reply = this->Post(this->world_.Behaving("silent", 1, limits));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kTimedOut);
}

TYPED_TEST_P(TransportContract, BrokenConnectionIsUnreachable) {
  const auto reply = this->Post(this->world_.Behaving("cut-0", 1));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kUnreachable) << reply.error().detail;
}

TYPED_TEST_P(TransportContract, UntrustedServerIsUnreachable) {
  const auto reply = this->Post(this->world_.Behaving("self-signed", 1));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kUnreachable) << reply.error().detail;
}

TYPED_TEST_P(TransportContract, PathThatDoesNotBeginWithASlashIsNotSent) {
  HttpTransport& transport = this->world_.Behaving("good", 0);
  HttpRequest request;
  request.path = "@elsewhere.example/";
  const auto reply = transport.Send(request);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kInternal);
  EXPECT_TRUE(this->world_.Seen().empty());
}

REGISTER_TYPED_TEST_SUITE_P(TransportContract, ReplyIsReturnedAsItCame,
                            RequestsArriveInOrderWithPathAndForm, PatchArrivesAsSuchWithItsBody,
                            OpenIsNotSeenAsARequestAndMayBeRepeated, LargestFormIsSentWhole,
                            StatusIsAValue, ContentTypeHasNoParameters,
                            RedirectIsAProtocolErrorThatSaysSo, BodyBeyondTheLimitIsAProtocolError,
                            BodyLimitIsThatOfTheSettings, SilentServerTimesOut,
                            BrokenConnectionIsUnreachable, UntrustedServerIsUnreachable,
                            PathThatDoesNotBeginWithASlashIsNotSent);

}  // namespace sspr
