// SPDX-License-Identifier: Apache-2.0
#include "common/client/service_client.h"

#include "common/client/proven_request.h"
#include "common/http/http_settings.h"
#include "common/protocol/replies.h"

namespace sspr {
namespace {

ServiceFailure FailureOf(const Error& error) {
  switch (error.code) {
    case Errc::kTimedOut:
      return ServiceFailure::kTimedOut;
    case Errc::kUnreachable:
      if (error.detail.starts_with(kCertificateTimeDetail)) {
        return ServiceFailure::kCertificateTime;
      }
      if (error.detail.starts_with(kCertificateDetail)) return ServiceFailure::kCertificate;
      return ServiceFailure::kUnreachable;
    case Errc::kProtocol:
      if (error.detail.starts_with(kRedirectDetail)) return ServiceFailure::kSignInPage;
      return ServiceFailure::kBadAnswer;
    case Errc::kInternal:
      return ServiceFailure::kInternal;
    case Errc::kCancelled:
    case Errc::kDenied:
    case Errc::kPolicy:
    case Errc::kExpired:
      return ServiceFailure::kBadAnswer;
  }
  return ServiceFailure::kInternal;
}

}  // namespace

ServiceClient::ServiceClient(OpenTransport open, std::string client_id,
                             std::vector<unsigned char> resume_key, const MachineLog& log)
    : open_(std::move(open)),
      client_id_(std::move(client_id)),
      resume_key_(std::move(resume_key)),
      log_(log) {}

ServiceReply ServiceClient::Failed(const ServiceCall& call, const Error& error) {
  log_.Warning(LogId::kServiceFailed,
               std::string(PathOf(call.operation)) + ": " + Name(error.code) + ": " + error.detail);
  return FailureOf(error);
}

Result<HttpResponse> ServiceClient::Send(HttpRequest& request) {
  if (!prover_ || request.method != HttpRequest::Method::kPost) return transport_->Send(request);
  return SendProven(*transport_, *prover_, request);
}

std::optional<ServiceReply> ServiceClient::Call(const ServiceCall& call, const Secret& code,
                                                const Secret& new_password) {
  if (!transport_) transport_ = open_();
  if (!transport_) return ServiceFailure::kInternal;
  HttpRequest request;
  request.path = PathOf(call.operation);
  SecretBody body;
  if (call.operation == ServiceCall::Operation::kFeatures) {
    request.method = HttpRequest::Method::kGet;
  } else {
    Result<SecretBody> form = FormOf(call, {client_id_, resume_key_, code, new_password});
    if (!form.ok()) return Failed(call, form.error());
    body = std::move(form).value();
    request.form = &body;
  }
  const Result<HttpResponse> response = Send(request);
  if (!response.ok() && response.error().code == Errc::kCancelled) return std::nullopt;
  if (!response.ok()) return Failed(call, response.error());
  ReadReply read = Read(call.operation, {response->status, response->content_type, response->body});
  if (std::holds_alternative<ServiceFailure>(read.reply)) {
    log_.Warning(LogId::kServiceFailed, request.path + ": " + read.detail);
  } else if (std::holds_alternative<Refused>(read.reply)) {
    log_.Info(LogId::kServiceRefused, request.path + ": " + read.detail);
  }
  return std::move(read.reply);
}

}  // namespace sspr
