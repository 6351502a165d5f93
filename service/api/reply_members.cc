// SPDX-License-Identifier: Apache-2.0
// Members of answers, in Microsoft's names and ours.
#include "service/api/reply_members.h"

#include "common/protocol/wire.h"
#include "service/methods/method_kind.h"

namespace sspr::service {
namespace {

const char* ChallengeType(MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
    case MethodKind::kSmsCode:
    case MethodKind::kVoiceCode:
    case MethodKind::kApproval:
      return wire::kTypeOob;
    case MethodKind::kAuthenticatorCode:
      return wire::kTypeTotp;
    case MethodKind::kQuestions:
      return wire::kTypeQuestions;
    case MethodKind::kRecoveryCode:
      return wire::kTypeRecoveryCode;
    case MethodKind::kTemporaryPass:
      return wire::kTypeTemporaryPass;
    case MethodKind::kPasskey:
      return wire::kTypePasskey;
  }
  return wire::kTypeOob;
}

// Null where there is none.
const char* ChallengeChannel(MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
      return "email";
    case MethodKind::kSmsCode:
      return "sms";
    case MethodKind::kVoiceCode:
      return "voice";
    case MethodKind::kAuthenticatorCode:
      return "authenticator";
    case MethodKind::kApproval:
      return wire::kChannelPush;
    case MethodKind::kQuestions:
    case MethodKind::kRecoveryCode:
    case MethodKind::kTemporaryPass:
    case MethodKind::kPasskey:
      break;
  }
  return nullptr;
}

void PutKind(MethodKind kind, Json::Value& object) {
  object["challenge_type"] = ChallengeType(kind);
  if (const char* const channel = ChallengeChannel(kind)) object["challenge_channel"] = channel;
}

}  // namespace

void PutGates(const GateState& gates, Json::Value& object) {
  Json::Value methods(Json::arrayValue);
  for (const MethodOffer& offer : gates.methods) {
    Json::Value method(Json::objectValue);
    method["id"] = offer.id;
    PutKind(offer.kind, method);
    method["login_hint"] = offer.hint;
    method["is_default"] = offer.is_default;
    methods.append(std::move(method));
  }
  object["methods"] = std::move(methods);
  object["required_gates"] = gates.required;
  object["completed_gates"] = gates.completed;
}

Json::Value ChallengeMembers(const ChallengeReply& challenge) {
  Json::Value object(Json::objectValue);
  object["continuation_token"] = challenge.continuation_token;
  PutKind(challenge.kind, object);
  object["challenge_target_label"] = challenge.target_label;
  if (challenge.code_length > 0) object["code_length"] = challenge.code_length;
  if (IsSent(challenge.kind)) {
    object["binding_method"] = "prompt";
    object["interval"] = challenge.resend_interval_seconds;
  }
  if (challenge.kind == MethodKind::kApproval) {
    object["binding_method"] = "none";
    // Told once: who goes on with a flow is not shown it again.
    if (!challenge.display_code.empty()) object["display_code"] = challenge.display_code;
    object["interval"] = challenge.resend_interval_seconds;
    object["expires_in"] = challenge.expires_in_seconds;
  }
  for (const Question& question : challenge.questions) {
    Json::Value entry(Json::objectValue);
    entry["id"] = question.id;
    entry["text"] = question.text;
    object["questions"].append(std::move(entry));
  }
  return object;
}

Json::Value PolicyMembers(const PasswordPolicyReply& policy) {
  Json::Value object(Json::objectValue);
  object["min_length"] = policy.min_length;
  object["max_length"] = policy.max_length;
  object["max_bytes"] = policy.max_bytes;
  object["min_classes"] = policy.min_classes;
  object["forbid_contains"] = Json::Value(Json::arrayValue);
  for (const std::string& text : policy.forbid_contains) object["forbid_contains"].append(text);
  return object;
}

const char* StatusWord(TransactionStatus status) {
  switch (status) {
    case TransactionStatus::kPending:
      return "in_progress";
    case TransactionStatus::kSucceeded:
      return "succeeded";
    case TransactionStatus::kNone:
    case TransactionStatus::kFailed:
      return "failed";
  }
  return "failed";
}

const char* TransactionWord(TransactionStatus status) {
  switch (status) {
    case TransactionStatus::kNone:
      return "none";
    case TransactionStatus::kPending:
      return "pending";
    case TransactionStatus::kSucceeded:
      return "succeeded";
    case TransactionStatus::kFailed:
      return "failed";
  }
  return "none";
}

}  // namespace sspr::service
