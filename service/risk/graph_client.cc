// SPDX-License-Identifier: Apache-2.0
#include "service/risk/graph_client.h"

#include <json/value.h>
#include <json/writer.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "common/base/text.h"
#include "common/http/curl_transport.h"
#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"
#include "service/risk/certificate_credential.h"

namespace sspr::service {
namespace {

constexpr char kRiskyUsers[] = "/v1.0/identityProtection/riskyUsers";
constexpr char kDismiss[] = "/v1.0/identityProtection/riskyUsers/dismiss";
// So that a page is well below what we read of a reply (Graph's most is 500).
constexpr int kPageSize = 100;
constexpr int kMostPages = 1000;
constexpr std::size_t kMostPageUsers = 500;
constexpr std::size_t kLongestText = 2048;
constexpr std::size_t kLongestLink = 4000;
constexpr UnixSeconds kTokenMargin = 120;
constexpr int kLongestTokenSeconds = 24 * 3600;
constexpr HttpLimits kLimits{.connect = std::chrono::milliseconds(10'000),
                             .request = std::chrono::milliseconds(60'000)};

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

std::string GraphTime(UnixSeconds time) {
  const std::time_t seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Result<std::unique_ptr<HttpTransport>> Connect(const std::string& base, const std::string& ca) {
  HttpSettings http;
  http.base_url = base;
  http.ca_file = ca;
  http.limits = kLimits;
  http.user_agent = "sspr-service";
  auto made = CurlTransport::Make(std::move(http));
  if (!made.ok()) return made.error();
  return std::unique_ptr<HttpTransport>(std::move(*made));
}

RiskLevel LevelOf(std::string_view state, std::string_view level) {
  if (state == "confirmedCompromised") return RiskLevel::kHigh;
  if (state != "atRisk") return RiskLevel::kNone;
  if (level == "high") return RiskLevel::kHigh;
  if (level == "medium") return RiskLevel::kMedium;
  if (level == "low") return RiskLevel::kLow;
  return RiskLevel::kNone;  // "none", "hidden" (without a licence), what is not known yet
}

Result<RiskyUser> ReadUser(const Json::Value& value) {
  if (!value.isObject()) return Error{Errc::kProtocol, "a risky user is no object"};
  JsonFields fields(value);
  RiskyUser user;
  user.id = fields.String("id", kLongestText);
  const std::string state = fields.String("riskState", kLongestText);
  const std::string level = fields.String("riskLevel", kLongestText);
  user.detail = fields.OptionalString("riskDetail", kLongestText).value_or("none");
  const std::string updated = fields.String("riskLastUpdatedDateTime", kLongestText);
  if (!fields.sound()) return fields.error();
  const Result<UnixSeconds> time = ReadGraphTime(updated);
  if (!time.ok()) return time.error();
  user.updated_at = *time;
  user.level = LevelOf(state, level);
  if (user.detail.size() > 64 || !IsCleanText(user.detail, Lines::kOne)) user.detail = "unknown";
  return user;
}

}  // namespace

struct GraphClient::Exchange {
  std::string path;
  std::string json = {};  // of a POST; empty: a GET
  int success = 200;
};

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

GraphClient::GraphClient(const GraphSettings& settings, const Clock& clock)
    : settings_(settings), clock_(clock) {}

GraphClient::~GraphClient() = default;

Result<std::unique_ptr<GraphClient>> GraphClient::Make(const GraphSettings& settings,
                                                       const Clock& clock) {
  auto made = std::unique_ptr<GraphClient>(new GraphClient(settings, clock));
  auto credential = CertificateCredential::Load(settings.certificate_file, settings.key_file);
  if (!credential.ok()) return credential.error();
  made->credential_ = std::move(*credential);
  for (const auto& [url, transport] :
       {std::pair{&settings.login_url, &made->login_}, {&settings.base_url, &made->graph_}}) {
    auto connected = Connect(*url, settings.ca_file);
    if (!connected.ok()) return connected.error();
    *transport = std::move(*connected);
  }
  return made;
}

// RFC 6749, 4.4 with RFC 7523, 2.2.
Status GraphClient::SignIn() {
  const UnixSeconds now = clock_.Now();
  if (!token_.empty() && now < token_until_) return Ok();
  token_.Clear();
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
  const Result<HttpResponse> reply = login_->Send({.path = path, .form = &form});
  if (!reply.ok()) return reply.error();
  retry_after_ = reply->retry_after;
  if (reply->date != 0) ahead_ = reply->date - now;
  if (reply->status != 200) return Explain(reply->status, reply->body);
  const Result<Json::Value> root = ParseStrictJson(reply->body);
  if (!root.ok()) return root.error();
  JsonFields fields(*root);
  const std::string type = fields.String("token_type", kLongestText);
  std::string token = fields.String("access_token", kMaxJsonString);
  const int seconds = fields.Number("expires_in", 1, kLongestTokenSeconds);
  const bool is_bearer = type == "Bearer";
  const bool kept = fields.sound() && is_bearer && token_.Append(token);
  std::fill(token.begin(), token.end(), '\0');
  if (!kept) return Error{Errc::kProtocol, "the answer holds no bearer token"};
  token_until_ = now + std::max<UnixSeconds>(1, seconds - kTokenMargin);
  return Ok();
}

Result<std::vector<std::string>> GraphClient::Permissions() {
  token_.Clear();
  if (Status in = SignIn(); !in.ok()) return in.error();
  const Error unreadable{Errc::kProtocol, "the token does not show its permissions"};
  const std::string_view token = token_.Reveal();
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

// OData and OAuth errors hold a code; what else is in them may be long, and of others' making.
Error GraphClient::Explain(int status, const std::string& body) const {
  std::string detail = "HTTP " + std::to_string(status);
  const Result<Json::Value> root = ParseStrictJson(body);
  if (root.ok()) {
    const Json::Value& error = (*root)["error"];
    const Json::Value code = error.isObject() ? error["code"] : error;
    if (code.isString() && code.asString().size() <= 64 &&
        IsCleanText(code.asString(), Lines::kOne)) {
      detail += " " + code.asString();
    }
  }
  if (status == 429 || status >= 500) return {Errc::kExpired, detail};
  if (status == 401 || status == 403) {
    return {Errc::kDenied, detail + ": give the app IdentityRiskyUser.ReadWrite.All and consent"};
  }
  return {Errc::kPolicy, detail};
}

Result<std::string> GraphClient::Ask(const Exchange& exchange) {
  SecretBody body;
  if (!body.Append(exchange.json)) return Error{Errc::kInternal, "a request is too long"};
  for (const bool again : {false, true}) {
    if (Status in = SignIn(); !in.ok()) return in.error();
    HttpRequest request{.method = HttpRequest::Method::kGet, .path = exchange.path};
    if (!exchange.json.empty()) {
      request.method = HttpRequest::Method::kPost;
      request.form = &body;
      request.json = true;
    }
    request.bearer = token_.Reveal();
    Result<HttpResponse> reply = graph_->Send(request);
    if (!reply.ok()) return reply.error();
    retry_after_ = reply->retry_after;
    if (reply->status == exchange.success) return std::move(reply->body);
    if (reply->status == 401 && !again) {
      token_.Clear();
      continue;
    }
    return Explain(reply->status, reply->body);
  }
  return Error{Errc::kInternal, "not reached"};
}

Result<std::vector<RiskyUser>> GraphClient::ChangedSince(UnixSeconds since) {
  std::vector<RiskyUser> users;
  std::string path =
      std::string(kRiskyUsers) +
      "?$filter=" + PercentEncoded("riskLastUpdatedDateTime ge " + GraphTime(since)) +
      "&$select=" + PercentEncoded("id,riskDetail,riskLastUpdatedDateTime,riskLevel,riskState") +
      "&$top=" + std::to_string(kPageSize);
  for (int page = 0; page < kMostPages; ++page) {
    const Result<std::string> body = Ask({.path = path});
    if (!body.ok()) return body.error();
    const Result<Json::Value> root = ParseStrictJson(*body);
    if (!root.ok()) return root.error();
    JsonFields fields(*root);
    const Json::Value* const value = fields.Array("value", kMostPageUsers);
    const auto link = fields.OptionalString("@odata.nextLink", kLongestLink);
    if (!fields.sound()) return fields.error();
    for (const Json::Value& one : *value) {
      Result<RiskyUser> user = ReadUser(one);
      if (!user.ok()) return user.error();
      users.push_back(std::move(*user));
    }
    if (!link) {
      std::ranges::stable_sort(users, {}, &RiskyUser::updated_at);
      return users;
    }
    // The token goes to nobody but the host that it is for.
    const std::string own = settings_.base_url + "/";
    if (!link->starts_with(own)) {
      return Error{Errc::kProtocol, "the next page is on another host"};
    }
    path = link->substr(settings_.base_url.size());
  }
  return Error{Errc::kProtocol, "there is no end of pages"};
}

Status GraphClient::Dismiss(const std::vector<std::string>& ids) {
  Json::Value body(Json::objectValue);
  body["userIds"] = Json::Value(Json::arrayValue);
  for (const std::string& id : ids) body["userIds"].append(id);
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  const Result<std::string> done =
      Ask({.path = kDismiss, .json = Json::writeString(builder, body), .success = 204});
  if (!done.ok()) return done.error();
  return Ok();
}

}  // namespace sspr::service
