// SPDX-License-Identifier: Apache-2.0
#include "service/portal/pending_code.h"

#include "service/methods/method_kind.h"

namespace sspr::service {

Json::Value WritePending(const PendingCode& pending) {
  Json::Value value(Json::objectValue);
  value["id"] = pending.id;
  value["kind"] = Name(pending.kind);
  value["target"] = pending.target;
  value["digest"] = pending.code_digest;
  value["sealed"] = pending.sealed_secret;
  value["sha256"] = pending.totp.algorithm == TotpAlgorithm::kSha256;
  value["digits"] = pending.totp.digits;
  value["length"] = pending.code_length;
  value["expires"] = Json::Int64(pending.expires_at);
  value["tested"] = pending.tested_method;
  return value;
}

std::optional<PendingCode> ReadPending(const Json::Value& value) {
  if (!value.isObject() || !value["id"].isString()) return std::nullopt;
  PendingCode pending;
  pending.id = value["id"].asString();
  for (const MethodTraits& traits : kMethodTraits) {
    if (value["kind"].asString() == traits.word) pending.kind = traits.kind;
  }
  pending.target = value["target"].asString();
  pending.code_digest = value["digest"].asString();
  pending.sealed_secret = value["sealed"].asString();
  pending.totp.algorithm = value["sha256"].asBool() ? TotpAlgorithm::kSha256 : TotpAlgorithm::kSha1;
  pending.totp.digits = value["digits"].asInt();
  pending.code_length = value["length"].asInt();
  pending.expires_at = value["expires"].asInt64();
  pending.tested_method = value["tested"].asString();
  return pending;
}

}  // namespace sspr::service
