// SPDX-License-Identifier: Apache-2.0
// Members of answers, in Microsoft's names and ours.
#include "service/api/reply_members.h"

#include "common/protocol/wire.h"

namespace sspr::service {
namespace {

const char* ChallengeType(MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
      return wire::kTypeOob;
    case MethodKind::kAuthenticatorCode:
      return wire::kTypeTotp;
  }
  return wire::kTypeOob;
}

const char* ChallengeChannel(MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
      return "email";
    case MethodKind::kAuthenticatorCode:
      return "authenticator";
  }
  return "email";
}

}  // namespace

void PutGates(const GateState& gates, Json::Value& object) {
  Json::Value methods(Json::arrayValue);
  for (const MethodOffer& offer : gates.methods) {
    Json::Value method(Json::objectValue);
    method["id"] = offer.id;
    method["challenge_type"] = ChallengeType(offer.kind);
    method["challenge_channel"] = ChallengeChannel(offer.kind);
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
  object["challenge_type"] = ChallengeType(challenge.kind);
  object["challenge_channel"] = ChallengeChannel(challenge.kind);
  object["challenge_target_label"] = challenge.target_label;
  object["code_length"] = challenge.code_length;
  if (challenge.kind == MethodKind::kEmailCode) {
    object["binding_method"] = "prompt";
    object["interval"] = challenge.resend_interval_seconds;
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
