// SPDX-License-Identifier: Apache-2.0
#include "service/api/agent_api.h"

#include <json/value.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "common/protocol/json_fields.h"
#include "common/writeback/wire_paths.h"
#include "service/api/call.h"
#include "service/api/device_endpoints.h"
#include "service/api/guid.h"
#include "service/writeback/writeback_desk.h"

namespace sspr::service {
namespace {

constexpr int kMostLanesOfAgent = 64;
constexpr std::size_t kSessionDigits = 32;
constexpr std::size_t kMostVersionsBytes = 512;
constexpr char kAgentFormType[] = "application/x-www-form-urlencoded";
constexpr char kWritebackPrefix[] = "/writeback";

WireError NoProof() {
  WireError error = ToWireError({.code = RefusalCode::kInvalidProof, .detail = {}}, Area::kReset);
  error.description = "The proof of the agent's key is missing.";
  return error;
}

WireError NotAgent() {
  return {.error = "invalid_client",
          .suberror = "agent_unknown",
          .description =
              "This agent is not registered, or was revoked. Register it with a code of "
              "'ssprctl writeback code'."};
}

std::string PathOfUrl(const std::string& url) {
  const std::size_t host = url.find("://") + 3;
  return url.substr(std::min(url.find('/', host), url.size()));
}

WireError RegisterError(RegisterRefusal refusal) {
  switch (refusal) {
    case RegisterRefusal::kMalformed:
      return BadParameter("sealing_key, name or versions");
    case RegisterRefusal::kBadCode:
      return {.error = "invalid_grant",
              .suberror = "invalid_registration_code",
              .description =
                  "The code is not valid, used by another agent or too old. Make a new one with "
                  "'ssprctl writeback code'."};
    case RegisterRefusal::kRevoked:
      return {.error = "invalid_client",
              .suberror = "agent_revoked",
              .description = "This agent's key was revoked. Register it with a new key."};
    case RegisterRefusal::kTooMany:
      return ToWireError({.code = RefusalCode::kTooManyAttempts, .detail = {}}, Area::kReset);
    case RegisterRefusal::kTooManyAgents:
      return {.error = "invalid_request",
              .suberror = "too_many_agents",
              .description = "There are 16 agents. Remove or revoke one of them."};
    case RegisterRefusal::kInternal:
      break;
  }
  return ToWireError({.code = RefusalCode::kInternal, .detail = {}}, Area::kReset);
}

bool IsSession(std::string_view text) {
  return text.size() == kSessionDigits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::optional<int> LaneOf(std::string_view text) {
  int lane = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), lane);
  const bool fits = fault == std::errc() && end == text.data() + text.size() && lane >= 0 &&
                    lane < kMostLanesOfAgent;
  return fits ? std::optional(lane) : std::nullopt;
}

// Nothing inside: there is none. An error: it is malformed.
Result<std::optional<WritebackAnswer>> AnswerIn(std::string_view encoded) {
  if (encoded.empty()) return std::optional<WritebackAnswer>();
  const std::optional<std::string> text = BytesOfBase64Url(encoded);
  if (!text) return Error{Errc::kProtocol, "no base64url"};
  const Result<Json::Value> value = ParseStrictJson(*text);
  if (!value.ok()) return value.error();
  Result<WritebackAnswer> answer = AnswerFromJson(*value);
  if (!answer.ok()) return answer.error();
  return std::optional(std::move(*answer));
}

}  // namespace

AgentApi::AgentApi(std::string public_url, DeviceRegistry& devices, WritebackDesk& desk,
                   const Clock& clock, Api::Log log)
    : public_url_(std::move(public_url)),
      path_(PathOfUrl(public_url_)),
      devices_(devices),
      desk_(desk),
      clock_(clock),
      log_(std::move(log)) {}

std::string AgentApi::prefix() const { return path_ + kWritebackPrefix; }

RequestIds AgentApi::Ids(const HttpRequestView& request) const {
  const std::string_view offered = request.Header("client-request-id");
  const std::time_t now = static_cast<std::time_t>(clock_.Now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%SZ", &parts);
  return {.correlation = IsGuid(offered) ? std::string(offered) : NewGuid(),
          .trace = NewGuid(),
          .timestamp = {text.data(), length}};
}

HttpReply AgentApi::Handle(const HttpRequestView& request) const noexcept {
  try {
    const std::chrono::milliseconds begun = clock_.Monotonic();
    const RequestIds ids = Ids(request);
    Said said = [&] {
      try {
        return Answer(request, ids);
      } catch (const std::exception&) {
        return Said(ToWireError({.code = RefusalCode::kInternal, .detail = {}}, Area::kReset));
      }
    }();
    HttpReply reply{.status = said.status,
                    .headers = {{"Content-Type", "application/json"},
                                {"client-request-id", ids.correlation},
                                {"x-ms-request-id", ids.correlation}},
                    .body = {},
                    .events = said.later};
    std::string error;
    if (said.refusal) {
      error = said.refusal->error;
      reply.status = said.status != 200 ? said.status : IsOfProof(*said.refusal) ? 401 : 400;
      reply.body = Write(ErrorObject(*said.refusal, ids));
      if (error == kUseNonce) reply.headers.emplace_back("DPoP-Nonce", devices_.FreshNonce());
      if (reply.status == 401) {
        reply.headers.emplace_back("WWW-Authenticate", R"(DPoP algs="ES256 EdDSA")");
      }
    } else if (said.later == nullptr) {
      reply.body = Write(said.now);
    }
    log_({.method = request.method == "POST" ? "POST" : "(other)",
          .path = reply.status == 404 ? "(unknown)" : request.path,
          .status = reply.status,
          .error = error,
          .taken = clock_.Monotonic() - begun,
          .address = request.address,
          .correlation_id = ids.correlation});
    return reply;
  } catch (...) {
    return {.status = 503, .headers = {}, .body = {}};
  }
}

AgentApi::Said AgentApi::Answer(const HttpRequestView& request, const RequestIds& ids) const {
  const auto refuse = [](int status, const char* error, std::string description) {
    Said said(WireError{.error = error, .description = std::move(description)});
    said.status = status;
    return said;
  };
  const std::string_view path = request.path.substr(std::min(path_.size(), request.path.size()));
  const bool registers = path == wire::kWritebackRegisterPath;
  if (!registers && path != wire::kWritebackExchangePath) {
    return refuse(404, "not_found", "There is nothing at this address. Check the base URL.");
  }
  if (request.method != "POST") return refuse(405, "invalid_request", "Use the method POST.");
  if (!request.Header("content-type").starts_with(kAgentFormType)) {
    return refuse(400, "invalid_request",
                  std::string("Send the parameters as ") + kAgentFormType + ".");
  }
  const Result<Form> form = Form::Parse(request.body);
  if (!form.ok()) {
    return refuse(400, "invalid_request", "The form cannot be read: " + form.error().detail + ".");
  }
  if (form->Find("client_id") != wire::kWritebackClient) return Said(BadParameter("client_id"));
  std::optional<ProvenKey> key;
  if (auto fault = ReadProofOf(request, public_url_ + std::string(path), devices_, key)) {
    return Said(std::move(*fault));
  }
  if (!key) return Said(NoProof());
  return registers ? Register(request, *form, *key, ids) : Exchange(*form, *key);
}

AgentApi::Said AgentApi::Register(const HttpRequestView& request, const Form& form,
                                  const ProvenKey& key, const RequestIds& ids) const {
  const Form::SecretField& code = form.FindSecret("enrollment_token");
  if (code.state != Form::SecretState::kFits) return Said(BadParameter("enrollment_token"));
  const auto refusal =
      desk_.registry.Register({.code = code.value.Reveal(),
                               .key = key,
                               .sealing_key = std::string(form.Find("sealing_key")),
                               .name = std::string(form.Find("name")),
                               .versions = std::string(form.Find("versions")),
                               .address = request.address,
                               .correlation_id = ids.correlation});
  if (refusal) return Said(RegisterError(*refusal));
  Json::Value object(Json::objectValue);
  object["agent_id"] = key.thumbprint;
  return Said(std::move(object));
}

AgentApi::Said AgentApi::Exchange(const Form& form, const ProvenKey& key) const {
  const std::optional<AgentRecord> agent = desk_.registry.Known(key.thumbprint);
  if (!agent) return Said(NotAgent());
  const std::string_view session = form.Find("session");
  const std::optional<int> lane = LaneOf(form.Find("lane"));
  const std::string_view versions = form.Find("versions");
  if (!IsSession(session) || !lane || versions.size() > kMostVersionsBytes) {
    return Said(BadParameter("session, lane or versions"));
  }
  const auto answer = AnswerIn(form.Find("answer"));
  if (!answer.ok()) return Said(BadParameter("answer"));
  desk_.registry.Touch(*agent, versions);
  return Said(desk_.hub.Exchange(
      {.agent_id = agent->id, .session = std::string(session), .lane = *lane}, *answer));
}

}  // namespace sspr::service
