// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/gateway_notifier.h"

#include <curl/curl.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "common/base/text.h"
#include "common/http/curl_library.h"
#include "common/http/tls_rules.h"
#include "common/http/url_parts.h"
#include "service/delivery/notifier_settings.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostReplyBytes = 64 * 1024;
constexpr std::size_t kFewestDigits = 8;
constexpr std::size_t kMostDigits = 15;

bool IsPhoneNumber(std::string_view text) {
  return text.size() > kFewestDigits && text.size() <= kMostDigits + 1 && text[0] == '+' &&
         std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

Status CheckPhoneMessage(const Message& message) {
  if (!IsPhoneNumber(message.to)) return Error{Errc::kPolicy, "not a phone number"};
  if (message.text.empty() || !IsCleanText(message.text.Reveal(), Lines::kMany)) {
    return Error{Errc::kPolicy, "not a text that can be sent"};
  }
  return Ok();
}

bool IsHeaderName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Gives less than it was given when the reply grows too long, which ends the transfer.
std::size_t OnBody(char* bytes, std::size_t size, std::size_t count, void* reply) {
  auto& text = *static_cast<std::string*>(reply);
  if (text.size() + size * count > kMostReplyBytes) return 0;
  text.append(bytes, size * count);
  return size * count;
}

Error ExplainTransfer(CURLcode code) {
  const std::string detail = curl_easy_strerror(code);
  if (code == CURLE_OPERATION_TIMEDOUT) return {Errc::kTimedOut, detail};
  if (code == CURLE_OUT_OF_MEMORY || code == CURLE_SSL_CACERT_BADFILE) {
    return {Errc::kInternal, detail};
  }
  return {Errc::kUnreachable, detail};
}

// The detail holds nothing of the reply's: it may repeat the number and the text.
Status Judge(long status, const std::string& reply, const std::string& expect) {
  const std::string detail = "HTTP status " + std::to_string(status);
  if (status == 401 || status == 403) return Error{Errc::kDenied, detail};
  if (status == 408 || status == 429 || status >= 500) return Error{Errc::kUnreachable, detail};
  if (status < 200 || status > 299) return Error{Errc::kPolicy, detail};
  if (expect.empty() || reply.find(expect) != std::string::npos) return Ok();
  return Error{Errc::kPolicy, detail + ", but the reply is not what is expected of a success"};
}

}  // namespace

struct GatewayNotifier::Session {
  Session(std::string host, const std::string& ca_file) : tls(std::move(host), ca_file) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (easy != nullptr) curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }

  template <typename Value>
  void Set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(easy, option, value);
    if (worst == CURLE_OK) worst = code;
  }
  void AddHeader(const char* line) {
    curl_slist* const longer = curl_slist_append(headers, line);
    if (longer == nullptr) worst = CURLE_OUT_OF_MEMORY;
    if (longer != nullptr) headers = longer;
  }
  void Prepare(const GatewaySettings& settings, const Secret& secret);

  TlsRules tls;
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  CURLcode worst = CURLE_OK;  // of all options that were set
  std::string reply;
};

void GatewayNotifier::Session::Prepare(const GatewaySettings& settings, const Secret& secret) {
  worst = tls.ApplyTo(easy);
  Set(CURLOPT_URL, settings.url.c_str());
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_NOPROXY, "*");
  Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect.count()));
  Set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings.request.count()));
  Set(CURLOPT_WRITEFUNCTION, &OnBody);
  Set(CURLOPT_WRITEDATA, static_cast<void*>(&reply));
  AddHeader(settings.format == BodyFormat::kJson
                ? "Content-Type: application/json"
                : "Content-Type: application/x-www-form-urlencoded");
  AddHeader("Accept: application/json, */*");
  AddHeader("Expect:");
  if (!settings.user.empty()) {
    Set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    Set(CURLOPT_USERNAME, settings.user.c_str());
    Set(CURLOPT_PASSWORD, secret.RevealTerminated());
  } else if (!settings.secret_header.empty()) {
    SecretBuffer<1024> line;
    const bool fits = line.Append(settings.secret_header) && line.Append(": ") &&
                      line.Append(settings.secret_scheme) &&
                      line.Append(settings.secret_scheme.empty() ? "" : " ") &&
                      line.Append(secret.Reveal());
    if (!fits) worst = CURLE_OUT_OF_MEMORY;
    AddHeader(line.RevealTerminated());
  }
  Set(CURLOPT_HTTPHEADER, headers);
}

GatewayNotifier::GatewayNotifier(GatewaySettings settings, std::unique_ptr<Session> session)
    : settings_(std::move(settings)), session_(std::move(session)) {}

GatewayNotifier::~GatewayNotifier() = default;

Result<std::unique_ptr<GatewayNotifier>> GatewayNotifier::Make(GatewaySettings settings) {
  const std::optional<UrlParts> url = SplitUrl(settings.url);
  if (!url || (url->scheme != "https" && url->scheme != "http")) {
    return Error{Errc::kInternal, "the gateway's URL is not of the form https://host/path"};
  }
  if (url->scheme == "http" && !IsThisMachine(url->host)) {
    return Error{Errc::kInternal, "a gateway on another machine needs https://"};
  }
  if (Status fit = CheckGatewayTemplate(settings.body, settings.format); !fit.ok()) {
    return Error{Errc::kInternal, fit.error().detail};
  }
  const bool has_way = !settings.user.empty() || !settings.secret_header.empty();
  if (has_way == settings.secret_file.empty() ||
      (!settings.secret_header.empty() && !IsHeaderName(settings.secret_header)) ||
      !IsCleanText(settings.secret_scheme, Lines::kOne)) {
    return Error{Errc::kInternal,
                 "secret_file and one of user and secret_header are needed together"};
  }
  Secret secret;
  if (has_way) {
    Result<Secret> read = SecretInFile(settings.secret_file, "gateway secret");
    if (!read.ok()) return read.error();
    secret = std::move(read).value();
  }
  if (Status status = InitialiseCurl(); !status.ok()) return status.error();
  auto session = std::make_unique<Session>(url->host, settings.ca_file);
  if (session->easy == nullptr) return Error{Errc::kInternal, "no memory for libcurl"};
  session->Prepare(settings, secret);
  if (session->worst != CURLE_OK) {
    return Error{Errc::kInternal, curl_easy_strerror(session->worst)};
  }
  return std::unique_ptr<GatewayNotifier>(
      new GatewayNotifier(std::move(settings), std::move(session)));
}

Status GatewayNotifier::Send(const Message& message) {
  if (Status fit = CheckPhoneMessage(message); !fit.ok()) return fit;
  const std::string id = NewGuid();
  if (id.empty()) return Error{Errc::kInternal, "no random numbers"};
  auto body = std::make_unique<GatewayBody>();
  if (Status filled = FillGatewayTemplate(settings_.body, settings_.format, message, id, *body);
      !filled.ok()) {
    return filled;
  }
  session_->reply.clear();
  session_->Set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
  session_->Set(CURLOPT_POSTFIELDS, body->RevealTerminated());
  if (session_->worst != CURLE_OK) return Error{Errc::kInternal, "libcurl refuses an option"};
  const CURLcode code = curl_easy_perform(session_->easy);
  session_->Set(CURLOPT_POSTFIELDS, "");
  if (code != CURLE_OK) return ExplainTransfer(code);
  long status = 0;
  curl_easy_getinfo(session_->easy, CURLINFO_RESPONSE_CODE, &status);
  return Judge(status, session_->reply, settings_.expect);
}

}  // namespace sspr::service
