// SPDX-License-Identifier: Apache-2.0
#include "service/breach/range_service.h"

#include <algorithm>
#include <string_view>

#include "common/base/wipe.h"
#include "common/http/curl_transport.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr std::size_t kPrefixDigits = 5;
constexpr std::size_t kRestDigits = 35;
// The person waits behind it, and other requests behind them.
constexpr std::chrono::milliseconds kConnect{1'500};
constexpr std::chrono::milliseconds kRequest{2'500};
constexpr std::size_t kMostBytes = 512 * 1024;

std::string UpperHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// "REST:COUNT" with a count that is not 0.
bool Names(std::string_view line, std::string_view rest) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() < kRestDigits + 2 || line[kRestDigits] != ':') return false;
  if (line.substr(kRestDigits + 1) == "0") return false;
  return std::ranges::equal(line.substr(0, kRestDigits), rest,
                            [](char a, char b) { return Upper(a) == b; });
}

}  // namespace

Result<std::unique_ptr<RangeService>> RangeService::Make(const RangeServiceSettings& settings) {
  HttpSettings http;
  http.base_url = settings.url;
  http.ca_file = settings.ca_file;
  http.limits = {.connect = kConnect, .request = kRequest, .body_bytes = kMostBytes};
  http.user_agent = "sspr-service";
  auto transport = CurlTransport::Make(std::move(http));
  if (!transport.ok()) return transport.error();
  return std::make_unique<RangeService>(std::move(*transport));
}

Result<bool> RangeService::IsBreached(const Secret& password) {
  std::string digest = Sha1(password.Reveal());
  std::string digits = UpperHex(digest);
  const HttpRequest request{.method = HttpRequest::Method::kGet,
                            .path = "/" + digits.substr(0, kPrefixDigits),
                            .form = nullptr};
  Result<HttpResponse> reply = [&] {
    const std::lock_guard lock(mutex_);
    return transport_->Send(request);
  }();
  bool found = false;
  if (reply.ok()) {
    const std::string_view rest = std::string_view(digits).substr(kPrefixDigits);
    std::string_view body = reply->body;
    while (!body.empty()) {
      const std::size_t end = std::min(body.find('\n'), body.size());
      found = Names(body.substr(0, end), rest) || found;
      body.remove_prefix(std::min(end + 1, body.size()));
    }
  }
  Wipe(digest.data(), digest.size());
  Wipe(digits.data(), digits.size());
  if (!reply.ok()) return reply.error();
  if (reply->status != 200) {
    return Error{Errc::kProtocol, "HTTP status " + std::to_string(reply->status)};
  }
  return found;
}

}  // namespace sspr::service
