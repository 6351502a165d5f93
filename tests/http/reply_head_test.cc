// SPDX-License-Identifier: Apache-2.0
// Which heads of a reply are taken, line by line.
#include "common/http/reply_head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sspr {
namespace {

constexpr char kId[] = "0f0e0d0c-0b0a-4908-8706-050403020100";

// Feeds the lines up to the first that is refused; whether all were taken.
bool Take(ReplyHead& head, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    if (!head.TakeLine(line)) return false;
  }
  return true;
}

bool Takes(const std::vector<std::string>& fields, bool must_echo = false) {
  ReplyHead head(1000, kId, must_echo);
  std::vector<std::string> lines = {"HTTP/1.1 200 OK\r\n"};
  for (const std::string& field : fields) lines.push_back(field + "\r\n");
  lines.emplace_back("\r\n");
  return Take(head, lines) && head.complete();
}

TEST(ReplyHead, StatusAndTypeAreKept) {
  ReplyHead head(1000, kId, false);
  ASSERT_TRUE(Take(
      head, {"HTTP/1.1 400 Bad Request\r\n", "Content-Type: Application/JSON; charset=utf-8\r\n",
             "content-length: 2\r\n", "\r\n"}));
  EXPECT_EQ(head.status(), 400);
  EXPECT_EQ(head.content_type(), "application/json");
}

TEST(ReplyHead, StatusLineMustBeHttp1) {
  for (const char* line :
       {"HTTP/2 200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1  200\r\n",
        "http/1.1 200 OK\r\n", "HTTP/1.1 099 x\r\n", "HTTP/1.1 999 x\r\n", "\r\n",
        "HTTP/1.1 200 OK\n", "HTTP/1.1 101 x\r\n"}) {
    ReplyHead head(1000, kId, false);
    EXPECT_FALSE(head.TakeLine(line)) << line;
    EXPECT_FALSE(head.fault().empty());
  }
}

TEST(ReplyHead, LengthMustBeGivenOnceInOneWay) {
  EXPECT_TRUE(Takes({"Content-Length: 0"}));
  EXPECT_TRUE(Takes({"Transfer-Encoding: chunked"}));
  EXPECT_FALSE(Takes({}));
  EXPECT_FALSE(Takes({"Content-Length: 2", "Content-Length: 2"}));
  EXPECT_FALSE(Takes({"Content-Length: 2", "Transfer-Encoding: chunked"}));
  EXPECT_FALSE(Takes({"Transfer-Encoding: chunked", "Content-Length: 2"}));
  for (const char* value : {"", "-1", "+1", "0x1", "1,1", "1 1", "99999999999999999999"}) {
    EXPECT_FALSE(Takes({std::string("Content-Length: ") + value})) << value;
  }
}

TEST(ReplyHead, EncodingsThatWereNotAskedForAreRefused) {
  EXPECT_TRUE(Takes({"Content-Length: 2", "Content-Encoding: identity"}));
  EXPECT_FALSE(Takes({"Content-Length: 2", "Content-Encoding: gzip"}));
  EXPECT_FALSE(Takes({"Transfer-Encoding: gzip, chunked"}));
}

TEST(ReplyHead, MalformedFieldsAreRefused) {
  for (const char* field : {"no colon", ": empty name", " folded: x", "\tfolded", "a b: c",
                            "X-A : b", "X-A: \x01", "X-A: b\rc", "X-A: \x7F"}) {
    EXPECT_FALSE(Takes({"Content-Length: 2", field})) << field;
  }
  EXPECT_FALSE(Takes({"Content-Length: 2", std::string("X-A: a\0b", 8)}));
  EXPECT_FALSE(Takes({"Content-Length: 2", "Content-Type: a/b", "Content-Type: c/d"}));
}

TEST(ReplyHead, ForeignCorrelationIdIsRefused) {
  EXPECT_TRUE(Takes({"Content-Length: 2", std::string("client-request-id: ") + kId}));
  EXPECT_FALSE(
      Takes({"Content-Length: 2", "Client-Request-Id: 0f0e0d0c-0b0a-4908-8706-050403020101"}));
}

TEST(ReplyHead, MissingCorrelationIdIsRefusedWhereTheServerEchoes) {
  EXPECT_TRUE(Takes({"Content-Length: 2"}, false));
  EXPECT_FALSE(Takes({"Content-Length: 2"}, true));
  EXPECT_TRUE(Takes({"Content-Length: 2", std::string("client-request-id: ") + kId}, true));
  ReplyHead gateway(1000, kId, true);  // a server error may be a load balancer's
  EXPECT_TRUE(Take(gateway, {"HTTP/1.1 502 x\r\n", "Content-Length: 2\r\n", "\r\n"}));
}

TEST(ReplyHead, InterimRepliesArePassedOver) {
  ReplyHead head(1000, kId, false);
  ASSERT_TRUE(Take(head, {"HTTP/1.1 103 Early Hints\r\n", "Content-Type: x/y\r\n", "\r\n"}));
  EXPECT_FALSE(head.complete());
  ASSERT_TRUE(Take(head, {"HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n", "\r\n"}));
  EXPECT_EQ(head.status(), 200);
  EXPECT_EQ(head.content_type(), "");
}

TEST(ReplyHead, BytesAndLinesOfAllHeadsAndTrailersCount) {
  ReplyHead bytes(64, kId, false);
  EXPECT_TRUE(Take(bytes, {"HTTP/1.1 100 C\r\n", "\r\n", "HTTP/1.1 100 C\r\n", "\r\n"}));
  EXPECT_FALSE(Take(bytes, {"HTTP/1.1 200 OK\r\n", "X-Fill: yyyyyyyyyyy\r\n"}));
  ReplyHead lines(1'000'000, kId, false);
  EXPECT_FALSE(Take(lines, std::vector<std::string>(101, "HTTP/1.1 200 OK\r\n")));
  ReplyHead trailers(64, kId, false);
  ASSERT_TRUE(Take(trailers, {"HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\n", "\r\n"}));
  EXPECT_FALSE(Take(trailers, {"X-Trailer: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n"}));
}

TEST(ReplyHead, RedirectIsRefusedAsOne) {
  for (const char* status : {"301", "302", "303", "304", "307", "308", "399"}) {
    ReplyHead head(1000, kId, false);
    EXPECT_FALSE(Take(
        head, {std::string("HTTP/1.1 ") + status + " x\r\n", "Content-Length: 0\r\n", "\r\n"}));
    EXPECT_TRUE(head.fault().starts_with("redirect: ")) << head.fault();
  }
}

TEST(ReplyHead, TheServersTimeIsTakenWhereItIsWellFormed) {
  const auto date_of = [](const std::string& value) {
    ReplyHead head(1000, kId, false);
    EXPECT_TRUE(Take(head, {"HTTP/1.1 204 x\r\n", "Date: " + value + "\r\n", "\r\n"}));
    return head.date();
  };
  EXPECT_EQ(date_of("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(date_of("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400);
  for (const char* bad :
       {"", "yesterday", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nix 1994 08:49:37 GMT", "Sun, 06 ovD 1994 08:49:37 GMT",
        "unM, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:-7 GMT"}) {
    EXPECT_EQ(date_of(bad), 0) << bad;
  }
}

}  // namespace
}  // namespace sspr
