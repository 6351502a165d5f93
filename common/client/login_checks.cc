// SPDX-License-Identifier: Apache-2.0
#include "common/client/login_checks.h"

#include <utility>

#include "common/client/proven_request.h"
#include "common/protocol/device_messages.h"
#include "common/protocol/wire.h"

namespace sspr {

LoginChecks::LoginChecks(ServiceClient::OpenTransport open, std::string client_id,
                         DeviceProver prover, const MachineLog& log)
    : open_(std::move(open)),
      client_id_(std::move(client_id)),
      prover_(std::move(prover)),
      log_(log) {}

CheckAnswer LoginChecks::Ask(CheckPurpose purpose, const std::string& username) {
  return purpose == CheckPurpose::kAccount ? AskAboutRisk(username)
                                           : AskAboutRegistration(purpose, username);
}

Result<std::string> LoginChecks::Post(const char* path, Result<SecretBody> form) {
  if (!form.ok()) return form.error();
  if (!transport_) transport_ = open_();
  if (!transport_) return Error{Errc::kInternal, "no transport"};
  HttpRequest request;
  request.path = path;
  request.form = &*form;
  Result<HttpResponse> response = SendProven(*transport_, prover_, request);
  if (!response.ok()) return response.error();
  if (response->status != 200 || response->content_type != "application/json") {
    return Error{Errc::kProtocol, "HTTP " + std::to_string(response->status)};
  }
  return std::string(response->body);
}

CheckAnswer LoginChecks::Unknown(const char* path, const Error& error) {
  log_.Warning(LogId::kCheckFailed,
               std::string(path) + ": " + Name(error.code) + ": " + error.detail);
  return {};
}

CheckAnswer LoginChecks::AskAboutRisk(const std::string& username) {
  const Result<std::string> body =
      Post(wire::kRiskSignInPath, SignInDemandForm(client_id_, username));
  if (!body.ok()) return Unknown(wire::kRiskSignInPath, body.error());
  const Result<SignInDemand> demand = ParseSignInDemand(*body);
  if (!demand.ok()) return Unknown(wire::kRiskSignInPath, demand.error());
  switch (*demand) {
    case SignInDemand::kNone:
      return {CheckFinding::kNothing};
    case SignInDemand::kReset:
      return {CheckFinding::kReset, {TextId::kDemandReset}};
    case SignInDemand::kBlock:
      return {CheckFinding::kBlock, {TextId::kDemandBlocked}};
  }
  return {};
}

CheckAnswer LoginChecks::AskAboutRegistration(CheckPurpose purpose, const std::string& username) {
  const Result<std::string> body =
      Post(wire::kRegisterStatePath, RegistrationStateForm(client_id_, username));
  if (!body.ok()) return Unknown(wire::kRegisterStatePath, body.error());
  const Result<RegistrationState> state = ParseRegistrationState(*body);
  if (!state.ok()) return Unknown(wire::kRegisterStatePath, state.error());
  if (!state->enabled) return {CheckFinding::kNothing};
  if (purpose == CheckPurpose::kSession) {
    if (!state->nudge_due) return {CheckFinding::kNothing};
    const TextId text = state->capable ? TextId::kReminderToCheck : TextId::kReminder;
    return {CheckFinding::kReminder, {text, {state->nudge_url}}};
  }
  if (state->capable) return {CheckFinding::kManaged, {TextId::kManagedPassword}};
  return {CheckFinding::kUnready, {TextId::kUnreadyPassword, {state->nudge_url}}};
}

void LoginChecks::PutOff(const std::string& username) {
  const Result<std::string> body =
      Post(wire::kRegisterSnoozePath, RegistrationStateForm(client_id_, username));
  // One that cannot be put off any more comes back at the next login: so it is meant.
  if (!body.ok() && body.error().code != Errc::kProtocol) {
    Unknown(wire::kRegisterSnoozePath, body.error());
  }
}

}  // namespace sspr
