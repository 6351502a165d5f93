// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/push_notifier.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "common/http/curl_library.h"
#include "common/http/tls_rules.h"
#include "common/protocol/base64url.h"
#include "service/approvals/web_push.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostEndpointBytes = 1024;
constexpr std::size_t kMostReplyBytes = 16 * 1024;
constexpr char kTimeToLive[] = "TTL: 120";  // as long as a request lives at most

std::size_t OnBody(char*, std::size_t size, std::size_t count, void* total) {
  auto& bytes = *static_cast<std::size_t*>(total);
  bytes += size * count;
  return bytes > kMostReplyBytes ? 0 : size * count;
}

bool IsPublic4(const unsigned char* b) {
  const bool own = b[0] == 0 || b[0] == 10 || b[0] == 127 || (b[0] == 169 && b[1] == 254) ||
                   (b[0] == 172 && (b[1] & 0xF0) == 16) || (b[0] == 192 && b[1] == 168) ||
                   (b[0] == 100 && (b[1] & 0xC0) == 64) || (b[0] == 198 && (b[1] & 0xFE) == 18);
  const bool special = b[0] >= 224 || (b[0] == 192 && b[1] == 0 && (b[2] == 0 || b[2] == 2)) ||
                       (b[0] == 198 && b[1] == 51 && b[2] == 100) ||
                       (b[0] == 203 && b[1] == 0 && b[2] == 113);
  return !own && !special;
}

// Global unicast alone (2000::/3), without what carries an IPv4 address within.
bool IsPublic6(const in6_addr& address) {
  const unsigned char* const b = address.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return IsPublic4(b + 12);
  const bool carries = (b[0] == 0x20 && b[1] == 0x02) ||                                // 6to4
                       (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x00 && b[3] == 0x00);  // Teredo
  const bool documentation = b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8;
  return (b[0] & 0xE0) == 0x20 && !carries && !documentation;
}

// Called by libcurl with the address that the name has now: nothing is resolved a second time.
curl_socket_t OpenPublic(void*, curlsocktype, curl_sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* raw = nullptr;
  if (address->family == AF_INET) {
    raw = &reinterpret_cast<const sockaddr_in*>(&address->addr)->sin_addr;
  } else if (address->family == AF_INET6) {
    raw = &reinterpret_cast<const sockaddr_in6*>(&address->addr)->sin6_addr;
  }
  if (raw == nullptr || inet_ntop(address->family, raw, text.data(), text.size()) == nullptr ||
      !IsPublicAddress(text.data())) {
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::string HostOf(std::string_view endpoint) {
  const std::string origin = OriginOf(endpoint);
  if (origin.empty()) return {};
  std::string host = origin.substr(std::string_view("https://").size());
  host = host.substr(0, host.find(':'));
  std::ranges::transform(host, host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return host;
}

}  // namespace

bool IsPublicAddress(std::string_view address) {
  const std::string text(address);
  std::array<unsigned char, 4> four{};
  if (inet_pton(AF_INET, text.c_str(), four.data()) == 1) return IsPublic4(four.data());
  in6_addr six{};
  return inet_pton(AF_INET6, text.c_str(), &six) == 1 && IsPublic6(six);
}

bool IsPushEndpoint(const PushSettings& settings, std::string_view endpoint) {
  const bool plain = std::ranges::all_of(endpoint, [](char c) { return c > ' ' && c <= '~'; });
  const std::string host = HostOf(endpoint);
  if (!plain || host.empty() || endpoint.size() > kMostEndpointBytes ||
      endpoint.find_first_of("\\\"<>") != std::string_view::npos) {
    return false;
  }
  const bool other_port =
      OriginOf(endpoint).find(':', std::string_view("https:").size()) != std::string::npos;
  if (other_port && !settings.private_addresses) return false;
  return std::ranges::any_of(settings.hosts, [&host](const std::string& allowed) {
    return allowed.starts_with('.') ? host.ends_with(allowed) : host == allowed;
  });
}

PushNotifier::PushNotifier(PushSettings settings, P256Key key, ApprovalTable& table, Random& random,
                           const Clock& clock)
    : settings_(std::move(settings)),
      key_(std::move(key)),
      table_(table),
      random_(random),
      clock_(clock) {}

PushNotifier::~PushNotifier() = default;

Result<std::unique_ptr<PushNotifier>> PushNotifier::Make(PushSettings settings,
                                                         ApprovalTable& table, Random& random,
                                                         const Clock& clock) {
  if (!settings.contact.starts_with("mailto:") && !settings.contact.starts_with("https://")) {
    return Error{Errc::kPolicy, "push: the contact is mailto:ADDRESS or an https:// address"};
  }
  auto key = P256Key::Load(settings.key_file);
  if (!key.ok()) return key.error();
  if (Status status = InitialiseCurl(); !status.ok()) return status.error();
  return std::unique_ptr<PushNotifier>(
      new PushNotifier(std::move(settings), std::move(*key), table, random, clock));
}

Status PushNotifier::Send(const Message& message) {
  std::optional<ApprovalDevice> phone;
  try {
    phone = table_.FindDevice(message.to);
  } catch (const std::exception& error) {
    return Error{Errc::kUnreachable, error.what()};
  }
  if (!phone || phone->push.endpoint.empty()) return Ok();
  if (!IsPushEndpoint(settings_, phone->push.endpoint)) {
    return Error{Errc::kPolicy, "not an address of a push service that is allowed"};
  }
  PushKeys keys{.point = std::string(kP256PointBytes, '\0'),
                .auth = std::string(kPushAuthBytes, '\0')};
  const auto bytes = [](std::string& text) {
    return std::span(reinterpret_cast<unsigned char*>(text.data()), text.size());
  };
  if (!FromBase64Url(phone->push.key, bytes(keys.point)) ||
      !FromBase64Url(phone->push.auth, bytes(keys.auth))) {
    return Error{Errc::kPolicy, "the subscription's keys are malformed"};
  }
  auto sender = P256Key::Generate();
  if (!sender.ok()) return sender.error();
  const Result<std::string> body =
      EncryptPush(keys, *sender, RandomBytes(random_, kPushSaltBytes), message.text.Reveal());
  if (!body.ok()) return Error{Errc::kPolicy, body.error().detail};
  const Result<std::string> vapid =
      VapidHeader(key_, phone->push.endpoint, settings_.contact, clock_.Now());
  if (!vapid.ok()) return vapid.error();
  long status = 0;
  if (Status sent = Post(phone->push.endpoint, *body, *vapid, status); !sent.ok()) return sent;
  const std::string detail = "HTTP status " + std::to_string(status);
  if (status >= 200 && status <= 299) return Ok();
  if (status == 404 || status == 410) {
    try {
      table_.PutSubscription(phone->method_id, {});
    } catch (const std::exception&) {
      // It is found out again with the next message.
    }
    return Error{Errc::kPolicy, detail + ": the subscription is over"};
  }
  if (status == 429 || status >= 500) return Error{Errc::kUnreachable, detail};
  return Error{status == 401 || status == 403 ? Errc::kDenied : Errc::kPolicy, detail};
}

// A handle for each message: phones are woken rarely, and no connection is kept to foreign hosts.
Status PushNotifier::Post(const std::string& endpoint, const std::string& body,
                          const std::string& vapid, long& status) {
  const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
  if (easy == nullptr) return Error{Errc::kInternal, "no memory for libcurl"};
  TlsRules tls(HostOf(endpoint), settings_.ca_file);
  std::unique_ptr<curl_slist, FreeList> headers;
  CURLcode worst = tls.ApplyTo(easy.get());
  const std::string authorization = "Authorization: " + vapid;
  for (const char* const line :
       {authorization.c_str(), "Content-Encoding: aes128gcm",
        "Content-Type: application/octet-stream", kTimeToLive, "Urgency: high", "Expect:"}) {
    curl_slist* const longer = curl_slist_append(headers.get(), line);
    if (longer == nullptr) return Error{Errc::kInternal, "no memory for libcurl"};
    (void)headers.release();
    headers.reset(longer);
  }
  std::size_t received = 0;
  const auto set = [&](CURLoption option, auto value) {
    const CURLcode code = curl_easy_setopt(easy.get(), option, value);
    if (worst == CURLE_OK) worst = code;
  };
  set(CURLOPT_URL, endpoint.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.request.count()));
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_WRITEFUNCTION, &OnBody);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&received));
  set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  set(CURLOPT_POSTFIELDS, body.data());
  if (!settings_.private_addresses) set(CURLOPT_OPENSOCKETFUNCTION, &OpenPublic);
  if (worst != CURLE_OK) return Error{Errc::kInternal, curl_easy_strerror(worst)};
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK && code != CURLE_WRITE_ERROR) {
    return Error{code == CURLE_OPERATION_TIMEDOUT ? Errc::kTimedOut : Errc::kUnreachable,
                 curl_easy_strerror(code)};
  }
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return Ok();
}

}  // namespace sspr::service
