// SPDX-License-Identifier: Apache-2.0
#include "service/risk/graph_client.h"

#include <json/value.h>
#include <json/writer.h>

#include <algorithm>
#include <ctime>

#include "common/base/text.h"
#include "common/protocol/json_fields.h"

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
constexpr HttpLimits kLimits{.connect = std::chrono::milliseconds(10'000),
                             .request = std::chrono::milliseconds(60'000)};

std::string GraphTime(UnixSeconds time) {
  const std::time_t seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
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

GraphClient::GraphClient(const GraphSettings& settings, std::shared_ptr<GraphTokens> tokens,
                         std::unique_ptr<GraphSession> session)
    : settings_(settings), tokens_(std::move(tokens)), session_(std::move(session)) {}

Result<std::unique_ptr<GraphClient>> GraphClient::Make(const GraphSettings& settings,
                                                       const Clock& clock) {
  auto tokens = GraphTokens::Make(settings, kLimits, clock);
  if (!tokens.ok()) return tokens.error();
  auto session = GraphSession::Make(settings, kLimits, *tokens);
  if (!session.ok()) return session.error();
  return std::unique_ptr<GraphClient>(
      new GraphClient(settings, std::move(*tokens), std::move(*session)));
}

Result<std::string> GraphClient::Ask(const Exchange& exchange) {
  SecretBody body;
  if (!body.Append(exchange.json)) return Error{Errc::kInternal, "a request is too long"};
  const bool is_get = exchange.json.empty();
  Result<HttpResponse> reply =
      session_->Send(is_get ? HttpRequest::Method::kGet : HttpRequest::Method::kPost, exchange.path,
                     is_get ? nullptr : &body);
  if (!reply.ok()) {
    retry_after_ = tokens_->retry_after();
    return reply.error();
  }
  retry_after_ = reply->retry_after;
  if (reply->status == exchange.success) return std::move(reply->body);
  return ExplainGraph(*reply, "give the app IdentityRiskyUser.ReadWrite.All and consent");
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
