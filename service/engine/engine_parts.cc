// SPDX-License-Identifier: Apache-2.0
#include "service/engine/engine_parts.h"

#include <stdexcept>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/engine/late_conclusions.h"

namespace sspr::service {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kTokenBytes = 32;

}  // namespace

void InOneStep(EngineParts& parts, const std::function<void()>& work) {
  if (parts.late != nullptr) {
    parts.late->Step(work);
  } else {
    parts.store.Atomically(work);
  }
}

std::string SubjectOf(const ServiceKeys& keys, std::string_view typed,
                      const std::optional<std::string>& canonical) {
  return ToHex(keys.NameDigest(canonical ? "name:" + *canonical : "other:" + std::string(typed)));
}

std::string NewId(Random& random) { return ToHex(RandomBytes(random, kIdBytes)); }

NewToken MakeToken(Random& random, const FlowRecord& flow, TokenKind kind) {
  std::string text = ToHex(RandomBytes(random, kTokenBytes));
  TokenRecord record{
      .digest = TokenDigest(text), .flow_id = flow.id, .kind = kind, .gates = flow.completed_gates};
  return {std::move(text), std::move(record)};
}

std::string TokenDigest(std::string_view token) { return ToHex(Sha256(token)); }

bool IsExtended(const Capabilities& capabilities) {
  return capabilities.introspect || capabilities.two_gates || capabilities.final_submit;
}

bool Move(FlowStore& store, FlowRecord& flow, const std::optional<TokenRecord>& token) {
  if (!store.ChangeFlow(flow, token)) return false;
  ++flow.version;
  return true;
}

const char* Name(RefusalCode code) {
  switch (code) {
    case RefusalCode::kInvalidRequest:
      return "invalid_request";
    case RefusalCode::kUserNotFound:
      return "user_not_found";
    case RefusalCode::kUnsupportedChallenge:
      return "unsupported_challenge";
    case RefusalCode::kInvalidClient:
      return "invalid_client";
    case RefusalCode::kInvalidToken:
      return "invalid_token";
    case RefusalCode::kExpiredToken:
      return "expired_token";
    case RefusalCode::kWrongCode:
      return "wrong_code";
    case RefusalCode::kSecondGateRequired:
      return "second_gate_required";
    case RefusalCode::kMfaRequired:
      return "mfa_required";
    case RefusalCode::kRegistrationRequired:
      return "registration_required";
    case RefusalCode::kRefreshRefused:
      return "refresh_refused";
    case RefusalCode::kBadTarget:
      return "bad_target";
    case RefusalCode::kWrongPassword:
      return "wrong_password";
    case RefusalCode::kPasswordResetRequired:
      return "password_reset_required";
    case RefusalCode::kTooManyAttempts:
      return "too_many_attempts";
    case RefusalCode::kDeviceRequired:
      return "device_required";
    case RefusalCode::kInvalidProof:
      return "invalid_proof";
    case RefusalCode::kPasswordTooShort:
      return "password_too_short";
    case RefusalCode::kPasswordTooLong:
      return "password_too_long";
    case RefusalCode::kPasswordTooWeak:
      return "password_too_weak";
    case RefusalCode::kPasswordRecentlyUsed:
      return "password_recently_used";
    case RefusalCode::kPasswordBanned:
      return "password_banned";
    case RefusalCode::kPasswordBreached:
      return "password_breached";
    case RefusalCode::kPasswordTooYoung:
      return "password_too_young";
    case RefusalCode::kPasswordInvalid:
      return "password_invalid";
    case RefusalCode::kUnlockDisabled:
      return "unlock_disabled";
    case RefusalCode::kAccountNotLocked:
      return "account_not_locked";
    case RefusalCode::kAuthorizationPending:
      return "authorization_pending";
    case RefusalCode::kSlowDown:
      return "slow_down";
    case RefusalCode::kApprovalDenied:
      return "approval_denied";
    case RefusalCode::kApprovalReported:
      return "approval_reported";
    case RefusalCode::kApprovalExpired:
      return "approval_expired";
    case RefusalCode::kInternal:
      return "internal";
  }
  return "unknown";
}

std::string DeviceOf(const FlowRecord& flow) {
  if (!flow.device_id.empty()) return flow.device_id;
  return flow.local_set ? ToHex(flow.local_set->device_id) : std::string();
}

AuditEvent EventOf(EngineParts& parts, const Caller& caller, const FlowRecord& flow,
                   std::string event, std::string outcome, std::string reason) {
  AuditEvent made{.event = std::move(event),
                  .outcome = std::move(outcome),
                  .reason = std::move(reason),
                  .user_id = flow.user_id,
                  .username = parts.directory.NameOf(flow.user_id),
                  .client_id = flow.client_id,
                  .address = caller.address,
                  .device = DeviceOf(flow),
                  .flow_id = flow.id,
                  .transaction_id = flow.transaction_id,
                  .correlation_id = caller.correlation_id,
                  .gates = flow.completed_gates};
  for (const MethodKind kind : flow.passed_kinds) made.methods.emplace_back(Name(kind));
  return made;
}

void Record(EngineParts& parts, const AuditEvent& event, AuditLog::Weight weight) {
  const Status written = parts.audit.Write(event, weight);
  if (!written.ok()) throw std::runtime_error("audit: " + written.error().detail);
}

Redirect KnowsTooLittle() { return {"This client knows none of the methods that are needed."}; }

Refusal Refuse(RefusalCode code, std::string detail) {
  return {.code = code, .detail = std::move(detail)};
}

}  // namespace sspr::service
