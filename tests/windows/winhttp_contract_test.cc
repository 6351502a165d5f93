// SPDX-License-Identifier: Apache-2.0
// The transport over WinHTTP under Wine, held to the same contract as the one over libcurl, and the
// refusals of TLS. The levers run outside of Wine: SSPR_LEVERS is the port of a way to them
// (wine_http_test.py).
#include <winsock2.h>
// After winsock2.h.
#include <fcntl.h>
#include <io.h>
#include <json/reader.h>
#include <windows.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>

#include "credprov_win/http/winhttp_transport.h"
#include "tests/contract/http/transport_contract.h"

namespace sspr {
namespace {

// lever_service.py through a socket, line by line.
class Levers {
 public:
  static Levers& Get() {
    static Levers levers;
    return levers;
  }

  const std::string& Value(const std::string& name) const { return values_.at(name); }

  Json::Value Ask(const std::string& command) {
    const std::string line = command + "\n";
    send(socket_, line.data(), static_cast<int>(line.size()), 0);
    const std::string answer = ReadLine();
    Json::Value value;
    const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
    if (!reader->parse(answer.data(), answer.data() + answer.size(), &value, nullptr)) {
      throw std::runtime_error("not JSON: " + answer);
    }
    return value;
  }

 private:
  Levers() {
    WSADATA data{};
    const char* port = std::getenv("SSPR_LEVERS");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<u_short>(std::atoi(port != nullptr ? port : "0")));
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) throw std::runtime_error("no sockets");
    socket_ = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no levers at SSPR_LEVERS");
    }
    for (std::string line = ReadLine(); line != "ready"; line = ReadLine()) {
      values_[line.substr(0, line.find(' '))] = line.substr(line.find(' ') + 1);
    }
  }

  std::string ReadLine() {
    std::string line;
    char c = 0;
    while (recv(socket_, &c, 1, 0) == 1 && c != '\n') line += c;
    return line;
  }

  SOCKET socket_ = INVALID_SOCKET;
  std::map<std::string, std::string> values_;
};

std::unique_ptr<HttpTransport> TransportTo(const std::string& lever, HttpLimits limits = {},
                                           int watched_fd = -1) {
  HttpSettings settings;
  settings.base_url = Levers::Get().Value(lever);
  settings.limits = limits;
  settings.user_agent = "contract";
  settings.watched_fd = watched_fd;
  auto made = OpenWinHttp(settings);
  if (!made.ok()) throw std::runtime_error(made.error().detail);
  return std::move(made).value();
}

class WinHttpWorld {
 public:
  WinHttpWorld() { Levers::Get().Ask("clear"); }

  HttpTransport& Behaving(const std::string& lever, int /*requests*/, HttpLimits limits = {}) {
    transport_ = TransportTo(lever, limits);
    return *transport_;
  }

  std::vector<SeenRequest> Seen() {
    std::vector<SeenRequest> seen;
    for (const Json::Value& one : Levers::Get().Ask("requests")) {
      const std::string path = one["path"].asString();
      if (one["method"] == "OPTIONS") continue;  // what Open() warms up with is its own affair
      seen.push_back(
          {one["method"].asString(), path.substr(path.find('/', 1)), one["body"].asString()});
    }
    return seen;
  }

 private:
  std::unique_ptr<HttpTransport> transport_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(WinHttp, TransportContract, WinHttpWorld);

Result<HttpResponse> Get(HttpTransport& transport) {
  HttpRequest request;
  request.method = HttpRequest::Method::kGet;
  request.path = kPath;
  return transport.Send(request);
}

class Refused : public ::testing::TestWithParam<const char*> {};

TEST_P(Refused, BeforeAnythingIsSent) {
  Levers::Get().Ask("clear");
  const auto reply = Get(*TransportTo(GetParam()));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kUnreachable) << reply.error().detail;
  EXPECT_EQ(Levers::Get().Ask("requests").size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Of, Refused,
                         ::testing::Values("wrong-host", "expired", "not-yet-valid", "foreign-ca",
                                           "self-signed", "tls1.0", "tls1.1"),
                         [](const auto& one) {
                           std::string name = one.param;
                           for (char& c : name) c = c == '-' || c == '.' ? '_' : c;
                           return name;
                         });

TEST(WinHttp, RefusesABaseUrlThatIsNotHttps) {
  for (const char* url : {"http://localhost/t", "https://", "https://a@b/t", "https://h/t?x",
                          "https://h/t/", "ftp://h", "https://h:0x/t", "https://h\\t"}) {
    HttpSettings settings;
    settings.base_url = url;
    settings.user_agent = "contract";
    EXPECT_FALSE(OpenWinHttp(settings).ok()) << url;
  }
}

TEST(WinHttp, EndsWhenTheHostHangsUp) {
  int host[2] = {-1, -1};
  ASSERT_EQ(_pipe(host, 16, _O_BINARY), 0);
  const auto transport = TransportTo("silent", {}, host[0]);
  _close(host[1]);
  const auto reply = Get(*transport);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kCancelled);
  _close(host[0]);
}

TEST(WinHttp, KeepsItsConnection) {
  Levers::Get().Ask("clear");
  const auto transport = TransportTo("good");
  ASSERT_TRUE(Get(*transport).ok());
  ASSERT_TRUE(Get(*transport).ok());
  const Json::Value seen = Levers::Get().Ask("requests");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0]["connection"], seen[1]["connection"]);
}

}  // namespace
}  // namespace sspr
