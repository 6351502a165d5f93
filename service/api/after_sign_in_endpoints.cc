// SPDX-License-Identifier: Apache-2.0
#include "service/api/after_sign_in_endpoints.h"

#include <ctime>

#include "service/api/device_endpoints.h"
#include "service/api/token_issuer.h"
#include "service/campaign/campaign.h"
#include "service/risk/sign_in_risk.h"

namespace sspr::service {
namespace {

constexpr char kPortalPath[] = "/portal/";

std::string ShowTime(UnixSeconds time) {
  const std::time_t seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Json::Value StateMembers(const Call& call, const RegistrationState& state) {
  Json::Value object(Json::objectValue);
  object["sspr_enabled"] = state.enabled;
  object["sspr_capable"] = state.capable;
  object["sspr_registered"] = state.registered;
  object["methods_registered"] = Json::Value(Json::arrayValue);
  for (const std::string& method : state.methods) object["methods_registered"].append(method);
  object["required_gates"] = state.required_gates;
  object["reconfirm_at"] =
      state.reconfirm_at == 0 ? Json::Value() : Json::Value(ShowTime(state.reconfirm_at));
  object["policy_version"] = Json::Int64{state.policy_version};
  Json::Value nudge(Json::objectValue);
  nudge["due"] = state.nudge_due;
  nudge["snoozed_times"] = state.snoozed_times;
  nudge["snoozes_left"] = state.snoozes_left < 0 ? Json::Value() : Json::Value(state.snoozes_left);
  nudge["url"] = std::string(call.base_url) + kPortalPath;
  object["nudge"] = std::move(nudge);
  return object;
}

WireError Fault() {
  return ToWireError({.code = RefusalCode::kInternal, .detail = {}}, Area::kReset);
}

// Of whom the caller may ask: a user id of a token, or a name of an enrolled device.
template <typename ById, typename ByName>
Answer AskAbout(Call& call, ById by_id, ByName by_name) {
  if (call.machines.campaign == nullptr) return Fault();
  Result<RegistrationState> state = Error{Errc::kDenied, ""};
  if (!call.bearer.empty()) {
    const std::optional<std::string> user = call.tokens.UserOf(call.bearer, call.caller.client_id);
    if (!user) {
      return WireError{.error = "invalid_token",
                       .description = "The access token is not valid. Sign in again."};
    }
    state = by_id(*user);
  } else {
    if (auto refusal = RefuseUnenrolled(call)) return *refusal;
    const std::string_view name = call.form.Find("username");
    if (name.empty()) return BadParameter("username");
    state = by_name(name);
  }
  if (state.ok()) return StateMembers(call, *state);
  if (state.error().code != Errc::kPolicy) return Fault();
  return WireError{.error = "invalid_request",
                   .suberror = "not_snoozable",
                   .description = "The registration cannot be put off any more. Register now."};
}

const char* Word(RiskVerdict::Require require) {
  switch (require) {
    case RiskVerdict::Require::kNone:
      return "none";
    case RiskVerdict::Require::kReset:
      return "reset";
    case RiskVerdict::Require::kBlock:
      return "block";
  }
  return "none";
}

}  // namespace

Answer ShowRegistrationState(Call& call) {
  Campaign* const campaign = call.machines.campaign;
  return AskAbout(
      call, [campaign](const std::string& id) { return campaign->StateById(id); },
      [campaign](std::string_view name) { return campaign->StateOf(name); });
}

Answer SnoozeRegistration(Call& call) {
  Campaign* const campaign = call.machines.campaign;
  return AskAbout(
      call, [&](const std::string& id) { return campaign->SnoozeById(id, call.caller); },
      [&](std::string_view name) { return campaign->Snooze(name, call.caller); });
}

Answer JudgeSignIn(Call& call) {
  if (auto refusal = RefuseUnenrolled(call)) return *refusal;
  const std::string_view account = call.form.Find("account");
  if (account.empty()) return BadParameter("account");
  if (call.machines.risk == nullptr) return Fault();
  const Result<RiskVerdict> verdict = call.machines.risk->Judge(account, call.caller);
  if (!verdict.ok()) return Fault();
  Json::Value object(Json::objectValue);
  object["require"] = Word(verdict->require);
  object["reason"] = verdict->reason;
  return object;
}

}  // namespace sspr::service
