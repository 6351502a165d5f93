// SPDX-License-Identifier: Apache-2.0
#include "common/client/device_link.h"

#include "common/client/proven_request.h"
#include "common/protocol/replies.h"
#include "common/protocol/wire.h"

namespace sspr {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr char kJson[] = "application/json";

Error ExplainRefusal(const HttpResponse& response) {
  const std::string status = "HTTP " + std::to_string(response.status);
  if (response.status == kNotFound) {
    return {Errc::kProtocol, status + ": there is no such service at this address"};
  }
  const Result<ErrorReply> reply = ParseError(response.body);
  if (response.content_type != kJson || !reply.ok()) {
    // 503 and the like of a proxy on the way: not for ever.
    if (response.status >= 500) return {Errc::kUnreachable, status};
    return {Errc::kProtocol, status + ", and not in the service's words"};
  }
  return {reply->server_fault ? Errc::kUnreachable : Errc::kDenied, reply->words};
}

}  // namespace

void DeviceLink::ProveWith(DeviceKey key) {
  prover_.emplace(std::move(key), config_.base_url, clock_);
}

void DeviceLink::TakeDate(const HttpResponse& response, UnixSeconds asked_at) {
  if (response.date == 0) return;
  // In the middle of the exchange, as far as anybody can tell.
  clock_difference_ = response.date - (asked_at + clock_.Now()) / 2;
}

Result<ServiceDescription> DeviceLink::Describe() {
  HttpRequest request;
  request.method = HttpRequest::Method::kGet;
  request.path = wire::kConfigurationPath;
  const UnixSeconds asked_at = clock_.Now();
  const Result<HttpResponse> response = transport_.Send(request);
  if (!response.ok()) return response.error();
  TakeDate(*response, asked_at);
  if (response->status != kOk) return ExplainRefusal(*response);
  if (response->content_type != kJson) return {Errc::kProtocol, "the answer is no JSON"};
  return ParseServiceDescription(response->body);
}

Result<HttpResponse> DeviceLink::Post(const char* path, Result<SecretBody> form) {
  if (!form.ok()) return form.error();
  if (!prover_) return {Errc::kInternal, "no key to prove with"};
  HttpRequest request;
  request.path = path;
  request.form = &form.value();
  const UnixSeconds asked_at = clock_.Now();
  Result<HttpResponse> response = SendProven(transport_, *prover_, request);
  if (!response.ok()) return response.error();
  TakeDate(*response, asked_at);
  if (response->status != kOk) return ExplainRefusal(*response);
  if (response->content_type != kJson) return {Errc::kProtocol, "the answer is no JSON"};
  return response;
}

Result<Enrolled> DeviceLink::Enrol(const Secret& token, const DeviceFacts& facts) {
  if (!prover_) return {Errc::kInternal, "no key to enrol"};
  const Result<HttpResponse> response = Post(
      wire::kEnrollPath, EnrolmentForm(config_.client_id, token, prover_->key().Public(), facts));
  if (!response.ok()) return response.error();
  Result<Enrolled> enrolled = ParseEnrolled(response->body);
  if (enrolled.ok() && enrolled->device_id != prover_->key().Public().thumbprint()) {
    return {Errc::kProtocol, "the service enrolled another key than this machine's"};
  }
  return enrolled;
}

Result<HeartbeatAnswer> DeviceLink::Heartbeat(const DeviceFacts& facts, std::int64_t sequence) {
  const Result<HttpResponse> response =
      Post(wire::kHeartbeatPath, HeartbeatForm(config_.client_id, facts, sequence));
  if (!response.ok()) return response.error();
  return ParseHeartbeatAnswer(response->body);
}

Result<RegistrationState> DeviceLink::StateOf(const std::string& service_user_name) {
  const Result<HttpResponse> response =
      Post(wire::kRegisterStatePath, RegistrationStateForm(config_.client_id, service_user_name));
  if (!response.ok()) return response.error();
  return ParseRegistrationState(response->body);
}

}  // namespace sspr
