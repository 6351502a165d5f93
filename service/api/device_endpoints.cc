// SPDX-License-Identifier: Apache-2.0
#include "service/api/device_endpoints.h"

#include <algorithm>
#include <charconv>

#include "common/permit/fixed_bytes.h"
#include "service/api/wire_text.h"

namespace sspr::service {
namespace {

constexpr std::string_view kProofHeader = "dpop";
// What a page's script may set (MSAL lets an interceptor add headers that begin with "x-").
constexpr std::string_view kProofAlias = "x-sspr-client-attestation";

bool SameName(std::string_view header, std::string_view lower) {
  return header.size() == lower.size() &&
         std::equal(header.begin(), header.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

// All of both names: a request has one proof or none.
std::vector<std::string_view> ProofsIn(const HttpRequestView& request) {
  std::vector<std::string_view> proofs;
  for (const auto& [name, value] : request.headers) {
    if (SameName(name, kProofHeader) || SameName(name, kProofAlias)) proofs.push_back(value);
  }
  return proofs;
}

WireError BadProof(std::string why) {
  WireError error = ToWireError({.code = RefusalCode::kInvalidProof, .detail = {}}, Area::kReset);
  if (!why.empty()) error.description = "The proof of the device's key is not valid: " + why + ".";
  return error;
}

WireError Revoked() {
  return {.error = "invalid_client",
          .suberror = "device_revoked",
          .description = "This device was revoked. Ask your help desk to enrol it again."};
}

Json::Value ConfigMembers(const DeviceConfig& config) {
  Json::Value object(Json::objectValue);
  object["version"] = config.version;
  object["devices_required"] = config.devices_required;
  object["required_gates"] = config.required_gates;
  object["heartbeat_seconds"] = config.heartbeat_seconds;
  return object;
}

WireError EnrolError(EnrolRefusal refusal) {
  switch (refusal) {
    case EnrolRefusal::kMalformed:
      return BadParameter("public_key, name, os or versions");
    case EnrolRefusal::kBadToken:
      return {.error = "invalid_grant",
              .suberror = "invalid_enrollment_token",
              .description =
                  "The enrolment token is not valid, used up or too old. Ask for a new one."};
    case EnrolRefusal::kRevoked:
      return Revoked();
    case EnrolRefusal::kTooMany:
      return ToWireError({.code = RefusalCode::kTooManyAttempts, .detail = {}}, Area::kReset);
    case EnrolRefusal::kInternal:
      break;
  }
  return ToWireError({.code = RefusalCode::kInternal, .detail = {}}, Area::kReset);
}

}  // namespace

std::optional<WireError> ReadProofOf(const HttpRequestView& request, const std::string& url,
                                     DeviceRegistry& devices, std::optional<ProvenKey>& key) {
  const std::vector<std::string_view> proofs = ProofsIn(request);
  if (proofs.empty()) return std::nullopt;
  if (proofs.size() > 1) return BadProof("there is more than one");
  auto proved = devices.Prove(
      {.method = request.method, .url = url, .body = request.body, .proof = proofs.front()});
  if (ProvenKey* const good = std::get_if<ProvenKey>(&proved)) {
    key = std::move(*good);
    return std::nullopt;
  }
  const ProofRefusal& refusal = *std::get_if<ProofRefusal>(&proved);
  switch (refusal.why) {
    case ProofRefusal::Why::kInvalid:
      return BadProof(refusal.detail);
    case ProofRefusal::Why::kNonce:
      return WireError{.error = kUseNonce,
                       .description = "Repeat the request with a proof that holds the nonce."};
    case ProofRefusal::Why::kRevoked:
      return Revoked();
  }
  return BadProof("");
}

bool IsOfProof(const WireError& error) {
  return error.error == kUseNonce || error.error == "invalid_client" ||
         error.error == "invalid_token" || error.suberror == "invalid_dpop_proof";
}

std::string_view BearerOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() ||
      !SameName(authorization.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return authorization.substr(kScheme.size());
}

std::optional<WireError> RefuseUnenrolled(const Call& call) {
  if (call.key == nullptr) return BadProof("it is missing");
  if (!call.caller.device_id.empty()) return std::nullopt;
  return ToWireError({.code = RefusalCode::kDeviceRequired,
                      .detail = "This device is not enrolled. Ask your help desk to enrol it."},
                     Area::kReset);
}

Answer EnrolDevice(Call& call) {
  if (call.key == nullptr) return BadProof("it is missing");
  const Form::SecretField& token = call.form.FindSecret("enrollment_token");
  if (token.state != Form::SecretState::kFits) return BadParameter("enrollment_token");
  auto enrolled =
      call.machines.devices->Enrol({.token = token.value.Reveal(),
                                    .key = *call.key,
                                    .public_key = std::string(call.form.Find("public_key")),
                                    .name = std::string(call.form.Find("name")),
                                    .os = std::string(call.form.Find("os")),
                                    .versions = std::string(call.form.Find("versions")),
                                    .address = call.caller.address,
                                    .correlation_id = call.caller.correlation_id});
  if (const auto* const refusal = std::get_if<EnrolRefusal>(&enrolled)) return EnrolError(*refusal);
  Json::Value object(Json::objectValue);
  // As a local set names it.
  const auto id = FromHex(*std::get_if<std::string>(&enrolled));
  object["device_id"] = Base64UrlEncode(id.value_or(""));
  object["permit_keys"] = ToJson(*call.permit_keys);
  object["config"] = ConfigMembers(call.machines.devices->Config());
  return object;
}

Answer TakeHeartbeat(Call& call) {
  if (auto refusal = RefuseUnenrolled(call)) return *refusal;
  Heartbeat beat{.device_id = call.caller.device_id,
                 .os = std::string(call.form.Find("os")),
                 .versions = std::string(call.form.Find("versions")),
                 .address = call.caller.address,
                 .correlation_id = call.caller.correlation_id};
  const std::string_view sequence = call.form.Find("sequence");
  const auto [end, fault] =
      std::from_chars(sequence.data(), sequence.data() + sequence.size(), beat.sequence);
  const bool is_whole = fault == std::errc() && end == sequence.data() + sequence.size();
  if (!sequence.empty() && (!is_whole || beat.sequence < 1)) return BadParameter("sequence");
  if (const Status taken = call.machines.devices->TakeHeartbeat(beat); !taken.ok()) {
    if (taken.error().code == Errc::kPolicy) return BadParameter("os or versions");
    return ToWireError({.code = RefusalCode::kInternal, .detail = {}}, Area::kReset);
  }
  const DeviceConfig config = call.machines.devices->Config();
  Json::Value object(Json::objectValue);
  object["config_version"] = config.version;
  if (call.form.Find("config_version") != config.version) object["config"] = ConfigMembers(config);
  object["permit_keys"] = ToJson(*call.permit_keys);
  return object;
}

}  // namespace sspr::service
