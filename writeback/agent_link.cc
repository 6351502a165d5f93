// SPDX-License-Identifier: Apache-2.0
#include "writeback/agent_link.h"

#include <json/value.h>

#include "common/client/proven_request.h"
#include "common/http/curl_library.h"
#include "common/http/curl_transport.h"
#include "common/protocol/base64url.h"
#include "common/protocol/form_writer.h"
#include "common/protocol/json_fields.h"
#include "common/protocol/replies.h"
#include "common/writeback/wire_paths.h"

namespace sspr {
namespace {

constexpr int kOk = 200;
constexpr char kJson[] = "application/json";
constexpr char kVersions[] = "sspr-writeback/" SSPR_VERSION;
constexpr std::size_t kIdBytes = 128;
// The service answers after 20 s without a job.
constexpr std::chrono::milliseconds kLongestExchange{40'000};

Error Explain(const HttpResponse& response) {
  const std::string status = "HTTP " + std::to_string(response.status);
  const Result<ErrorReply> reply = ParseError(response.body);
  if (response.content_type != kJson || !reply.ok()) {
    if (response.status >= 500) return {Errc::kUnreachable, status};
    return {Errc::kProtocol, status + ", and not in the service's words"};
  }
  // A service whose directory is not reached through an agent has no such address.
  if (response.status == 404) {
    return {Errc::kDenied, "the service takes no agents: its [directory] has no type = agent"};
  }
  return {reply->server_fault ? Errc::kUnreachable : Errc::kDenied, reply->words};
}

}  // namespace

Result<std::unique_ptr<AgentLink>> AgentLink::Make(const AgentConfig& config, DeviceKey key,
                                                   const Clock& clock, int watched) {
  HttpSettings settings;
  settings.base_url = config.base_url;
  settings.ca_file = config.ca_file;
  settings.user_agent = kVersions;
  settings.watched_fd = watched;
  settings.limits.request = kLongestExchange;
  Result<std::unique_ptr<CurlTransport>> transport = CurlTransport::Make(std::move(settings));
  if (!transport.ok()) return transport.error();
  return std::unique_ptr<AgentLink>(
      new AgentLink(std::move(*transport), DeviceProver(std::move(key), config.base_url, clock)));
}

Result<std::string> AgentLink::Post(const char* path, Result<SecretBody> form) {
  if (!form.ok()) return form.error();
  HttpRequest request;
  request.path = path;
  request.form = &form.value();
  Result<HttpResponse> response = SendProven(*transport_, prover_, request);
  if (!response.ok()) return response.error();
  if (response->status != kOk) return Explain(*response);
  if (response->content_type != kJson) return Error{Errc::kProtocol, "the answer is no JSON"};
  return std::move(response->body);
}

Result<std::string> AgentLink::Register(const Secret& code, const SealingPublicKey& sealing_key,
                                        const std::string& name) {
  FormWriter form;
  form.Add("client_id", wire::kWritebackClient);
  form.Add("enrollment_token", code.Reveal());
  form.Add("sealing_key", Hex(sealing_key));
  form.Add("name", name);
  form.Add("versions", kVersions);
  const Result<std::string> body = Post(wire::kWritebackRegisterPath, form.Take());
  if (!body.ok()) return body.error();
  const Result<Json::Value> value = ParseStrictJson(*body);
  if (!value.ok()) return value.error();
  JsonFields fields(*value);
  std::string id = fields.String("agent_id", kIdBytes);
  if (!fields.sound()) return fields.error();
  if (id != Hex(prover_.key().Public().thumbprint())) {
    return Error{Errc::kProtocol, "the service registered another key than this agent's"};
  }
  return id;
}

Result<std::optional<service::WritebackJob>> AgentLink::Exchange(
    const std::string& session, int lane, const std::optional<service::WritebackAnswer>& answer) {
  FormWriter form;
  form.Add("client_id", wire::kWritebackClient);
  form.Add("session", session);
  form.Add("lane", std::to_string(lane));
  form.Add("versions", kVersions);
  if (answer) {
    form.Add("answer", service::Base64UrlOf(service::CompactJson(service::ToJson(*answer))));
  }
  const Result<std::string> body = Post(wire::kWritebackExchangePath, form.Take());
  if (!body.ok()) return body.error();
  const Result<Json::Value> value = ParseStrictJson(*body);
  if (!value.ok()) return value.error();
  if (!value->isMember("job")) return std::optional<service::WritebackJob>();
  Result<service::WritebackJob> job = service::JobFromJson((*value)["job"]);
  if (!job.ok()) return job.error();
  return std::optional(std::move(*job));
}

}  // namespace sspr
