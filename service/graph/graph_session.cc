// SPDX-License-Identifier: Apache-2.0
#include "service/graph/graph_session.h"

#include <json/value.h>

#include <algorithm>
#include <ctime>

#include "common/base/text.h"
#include "common/http/curl_transport.h"
#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"
#include "service/graph/certificate_credential.h"

namespace sspr::service {
namespace {

constexpr std::size_t kLongestTokenType = 64;
constexpr std::size_t kLongestCode = 64;
constexpr UnixSeconds kTokenMargin = 120;
constexpr int kLongestTokenSeconds = 24 * 3600;
constexpr int kThrottled = 429;
constexpr int kServerError = 500;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;

Result<std::unique_ptr<HttpTransport>> Connect(const std::string& base, const std::string& ca,
                                               const HttpLimits& limits) {
  HttpSettings http;
  http.base_url = base;
  http.ca_file = ca;
  http.limits = limits;
  http.user_agent = "sspr-service";
  auto made = CurlTransport::Make(std::move(http));
  if (!made.ok()) return made.error();
  return std::unique_ptr<HttpTransport>(std::move(*made));
}

}  // namespace

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      made += c;
    } else {
      made += '%';
      made += kDigits[byte >> 4];
      made += kDigits[byte & 15];
    }
  }
  return made;
}

Result<UnixSeconds> ReadGraphTime(std::string_view text) {
  const Error bad{Errc::kProtocol, "a time is not of the form 2026-11-28T04:00:00Z"};
  constexpr std::size_t kWhole = 19;  // "2026-11-28T04:00:00"
  if (text.size() < kWhole + 1 || text.back() != 'Z') return bad;
  const std::string_view fraction = text.substr(kWhole, text.size() - kWhole - 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!fraction.empty() && (fraction.front() != '.' || fraction.size() < 2 ||
                            !std::ranges::all_of(fraction.substr(1), is_digit))) {
    return bad;
  }
  std::tm parts{};
  const std::string whole(text.substr(0, kWhole));
  const char* const end = strptime(whole.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr || *end != '\0') return bad;
  return UnixSeconds{timegm(&parts)};
}

std::string GraphErrorCode(std::string_view body) {
  const Result<Json::Value> root = ParseStrictJson(body);
  if (!root.ok()) return {};
  const Json::Value& error = (*root)["error"];
  const Json::Value code = error.isObject() ? error["code"] : error;
  if (!code.isString() || code.asString().size() > kLongestCode ||
      !IsCleanText(code.asString(), Lines::kOne)) {
    return {};
  }
  return code.asString();
}

// OData and OAuth errors hold a code; what else is in them may be long, and of others' making.
Error ExplainGraph(const HttpResponse& answer, std::string_view when_denied) {
  std::string detail = "HTTP " + std::to_string(answer.status);
  if (const std::string code = GraphErrorCode(answer.body); !code.empty()) detail += " " + code;
  if (answer.status == kThrottled || answer.status >= kServerError) {
    return {Errc::kExpired, detail};
  }
  if (answer.status == kUnauthorized || answer.status == kForbidden) {
    return {Errc::kDenied, detail + ": " + std::string(when_denied)};
  }
  return {Errc::kPolicy, detail};
}

GraphTokens::GraphTokens(const GraphSettings& settings, const Clock& clock)
    : settings_(settings), clock_(clock) {}

GraphTokens::~GraphTokens() = default;

Result<std::shared_ptr<GraphTokens>> GraphTokens::Make(const GraphSettings& settings,
                                                       const HttpLimits& limits,
                                                       const Clock& clock) {
  auto made = std::shared_ptr<GraphTokens>(new GraphTokens(settings, clock));
  auto credential = CertificateCredential::Load(settings.certificate_file, settings.key_file);
  if (!credential.ok()) return credential.error();
  made->credential_ = std::move(*credential);
  auto connected = Connect(settings.login_url, settings.ca_file, limits);
  if (!connected.ok()) return connected.error();
  made->login_ = std::move(*connected);
  return made;
}

// RFC 6749, 4.4 with RFC 7523, 2.2.
Status GraphTokens::SignIn() {
  const UnixSeconds now = clock_.Now();
  if (token_ && now < token_until_) return Ok();
  token_.reset();
  const std::string path = "/" + settings_.tenant_id + "/oauth2/v2.0/token";
  const Result<std::string> assertion =
      credential_->Assertion(settings_.client_id, settings_.login_url + path, now);
  if (!assertion.ok()) return assertion.error();
  SecretBody form;
  const bool fits =
      form.Append("client_id=" + PercentEncoded(settings_.client_id)) &&
      form.Append("&scope=" + PercentEncoded(settings_.base_url + "/.default")) &&
      form.Append("&client_assertion_type=" +
                  PercentEncoded("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")) &&
      form.Append("&client_assertion=" + *assertion) &&
      form.Append("&grant_type=client_credentials");
  if (!fits) return Error{Errc::kInternal, "the request for a token is too long"};
  Result<HttpResponse> reply = login_->Send({.path = path, .form = &form});
  if (!reply.ok()) return reply.error();
  retry_after_ = reply->retry_after;
  if (reply->date != 0) ahead_ = reply->date - now;
  if (reply->status != 200) {
    return ExplainGraph(*reply, "look at tenant_id, client_id and the app's certificate");
  }
  const Result<Json::Value> root = ParseStrictJson(reply->body);
  std::fill(reply->body.begin(), reply->body.end(), '\0');
  if (!root.ok()) return root.error();
  JsonFields fields(*root);
  const std::string type = fields.String("token_type", kLongestTokenType);
  std::string text = fields.String("access_token", kMaxJsonString);
  const int seconds = fields.Number("expires_in", 1, kLongestTokenSeconds);
  const auto token = std::make_shared<AccessToken>();
  const bool kept = fields.sound() && type == "Bearer" && token->Append(text);
  std::fill(text.begin(), text.end(), '\0');
  if (!kept) return Error{Errc::kProtocol, "the answer holds no bearer token"};
  token_ = token;
  token_until_ = now + std::max<UnixSeconds>(1, seconds - kTokenMargin);
  return Ok();
}

Result<std::shared_ptr<const GraphTokens::AccessToken>> GraphTokens::Get() {
  const std::lock_guard lock(mutex_);
  if (Status in = SignIn(); !in.ok()) return in.error();
  return token_;
}

void GraphTokens::Forget(const std::shared_ptr<const AccessToken>& token) {
  const std::lock_guard lock(mutex_);
  if (token_ == token) token_.reset();
}

Result<std::vector<std::string>> GraphTokens::Permissions() {
  const std::lock_guard lock(mutex_);
  token_.reset();
  if (Status in = SignIn(); !in.ok()) return in.error();
  const Error unreadable{Errc::kProtocol, "the token does not show its permissions"};
  const std::string_view token = token_->Reveal();
  const std::size_t start = token.find('.') + 1;
  const std::size_t end = token.find('.', start);
  if (start == 0 || end == std::string_view::npos) return unreadable;
  const std::string_view part = token.substr(start, end - start);
  std::vector<unsigned char> bytes(part.size() * 3 / 4);
  if (!FromBase64Url(part, bytes)) return unreadable;
  const Result<Json::Value> root =
      ParseStrictJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!root.ok() || !root->isObject()) return unreadable;
  std::vector<std::string> permissions;
  const Json::Value& roles = (*root)["roles"];
  if (!roles.isNull() && !roles.isArray()) return unreadable;
  for (const Json::Value& role : roles) {
    if (role.isString()) permissions.push_back(role.asString());
  }
  return permissions;
}

std::optional<UnixSeconds> GraphTokens::ahead() const {
  const std::lock_guard lock(mutex_);
  return ahead_;
}

int GraphTokens::retry_after() const {
  const std::lock_guard lock(mutex_);
  return retry_after_;
}

Result<std::unique_ptr<GraphSession>> GraphSession::Make(const GraphSettings& settings,
                                                         const HttpLimits& limits,
                                                         std::shared_ptr<GraphTokens> tokens) {
  auto connected = Connect(settings.base_url, settings.ca_file, limits);
  if (!connected.ok()) return connected.error();
  return std::unique_ptr<GraphSession>(new GraphSession(std::move(*connected), std::move(tokens)));
}

Result<HttpResponse> GraphSession::Send(HttpRequest::Method method, const std::string& path,
                                        const SecretBody* json) {
  for (bool again = false;; again = true) {
    const auto token = tokens_->Get();
    if (!token.ok()) return token.error();
    Result<HttpResponse> reply = graph_->Send({.method = method,
                                               .path = path,
                                               .form = json,
                                               .bearer = (*token)->Reveal(),
                                               .json = json != nullptr});
    if (!reply.ok() || reply->status != kUnauthorized || again) return reply;
    tokens_->Forget(*token);
  }
}

}  // namespace sspr::service
