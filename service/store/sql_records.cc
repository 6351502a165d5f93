// SPDX-License-Identifier: Apache-2.0
#include "service/store/sql_records.h"

namespace soci {

using sspr::service::AsInt;
using sspr::service::AsLong;
using sspr::service::AsText;
using sspr::service::ChallengeRecord;
using sspr::service::FlowPurpose;
using sspr::service::FlowRecord;
using sspr::service::FlowState;
using sspr::service::MethodKind;
using sspr::service::MethodRecord;
using sspr::service::Operation;
using sspr::service::Put;
using sspr::service::TotpAlgorithm;
using sspr::service::TransactionRecord;
using sspr::service::TransactionStatus;
using sspr::service::UserRecord;

void type_conversion<UserRecord>::from_base(const values& row, indicator, UserRecord& user) {
  user.id = AsText(row, "id");
  user.username = AsText(row, "username");
  user.display_name = AsText(row, "display_name");
  user.local_account = AsText(row, "local_account");
  user.language = AsText(row, "language");
  user.enabled = AsInt(row, "enabled") != 0;
  user.password_hash = AsText(row, "password_hash");
  user.password_generation = AsLong(row, "password_generation");
  user.password_changed_at = AsLong(row, "password_changed_at");
  user.created_at = AsLong(row, "created_at");
  user.groups = sspr::service::Split(AsText(row, "member_of"));
  user.methods_confirmed_at = AsLong(row, "methods_confirmed_at");
}

void type_conversion<UserRecord>::to_base(const UserRecord& user, values& row, indicator& state) {
  Put(row, "id", user.id);
  Put(row, "username", user.username);
  Put(row, "display_name", user.display_name);
  Put(row, "local_account", user.local_account);
  Put(row, "language", user.language);
  Put(row, "enabled", user.enabled ? 1 : 0);
  Put(row, "password_hash", user.password_hash);
  Put(row, "password_generation", user.password_generation);
  Put(row, "password_changed_at", user.password_changed_at);
  Put(row, "created_at", user.created_at);
  Put(row, "member_of", sspr::service::Joined(user.groups));
  Put(row, "methods_confirmed_at", user.methods_confirmed_at);
  state = i_ok;
}

void type_conversion<MethodRecord>::from_base(const values& row, indicator, MethodRecord& method) {
  method.id = AsText(row, "id");
  method.user_id = AsText(row, "user_id");
  method.kind = static_cast<MethodKind>(AsInt(row, "kind"));
  method.address = AsText(row, "address");
  method.sealed_secret = AsText(row, "sealed_secret");
  method.last_step = AsLong(row, "last_step");
  method.added_at = AsLong(row, "added_at");
  method.secret_hash = AsText(row, "secret_hash");
  method.detail = AsText(row, "detail");
  method.expires_at = AsLong(row, "expires_at");
  method.usable_from = AsLong(row, "usable_from");
  method.preferred = AsInt(row, "preferred") != 0;
  method.totp.digits = AsInt(row, "digits");
  method.totp.algorithm = static_cast<TotpAlgorithm>(AsInt(row, "algorithm"));
}

void type_conversion<MethodRecord>::to_base(const MethodRecord& method, values& row,
                                            indicator& state) {
  Put(row, "id", method.id);
  Put(row, "user_id", method.user_id);
  Put(row, "kind", static_cast<int>(method.kind));
  Put(row, "address", method.address);
  Put(row, "sealed_secret", method.sealed_secret);
  Put(row, "last_step", method.last_step);
  Put(row, "added_at", method.added_at);
  Put(row, "secret_hash", method.secret_hash);
  Put(row, "detail", method.detail);
  Put(row, "expires_at", method.expires_at);
  Put(row, "usable_from", method.usable_from);
  Put(row, "preferred", method.preferred ? 1 : 0);
  Put(row, "digits", method.totp.digits);
  Put(row, "algorithm", static_cast<int>(method.totp.algorithm));
  state = i_ok;
}

void type_conversion<FlowRecord>::from_base(const values& row, indicator, FlowRecord& flow) {
  flow.id = AsText(row, "id");
  flow.version = AsLong(row, "version");
  flow.purpose = static_cast<FlowPurpose>(AsInt(row, "purpose"));
  flow.state = static_cast<FlowState>(AsInt(row, "state"));
  flow.operation = static_cast<Operation>(AsInt(row, "operation"));
  flow.client_id = AsText(row, "client_id");
  flow.subject = AsText(row, "subject");
  flow.user_id = AsText(row, "user_id");
  flow.password_generation = AsLong(row, "password_generation");
  flow.capabilities = sspr::service::CapabilitiesOf(AsLong(row, "capabilities"));
  flow.completed_gates = AsInt(row, "completed_gates");
  flow.passed_kinds = sspr::service::KindsOf(AsLong(row, "passed_kinds"));
  flow.passed_methods = sspr::service::Split(AsText(row, "passed_methods"));
  flow.proved_at = AsLong(row, "proved_at");
  flow.submits = AsInt(row, "submits");
  flow.local_set = sspr::service::LocalSetOf(row);
  flow.resume_digest = AsText(row, "resume_digest");
  flow.transaction_id = AsText(row, "transaction_id");
  flow.created_at = AsLong(row, "created_at");
  flow.last_seen = AsLong(row, "last_seen");
  flow.proof_key = AsText(row, "proof_key");
  flow.device_id = AsText(row, "proved_device");
  flow.challenge.reset();
  if (const std::string id = AsText(row, "challenge_id"); !id.empty()) {
    flow.challenge = ChallengeRecord{.id = id,
                                     .method_id = AsText(row, "challenge_method"),
                                     .kind = static_cast<MethodKind>(AsInt(row, "challenge_kind")),
                                     .code_digest = AsText(row, "challenge_digest"),
                                     .code_length = AsInt(row, "challenge_length"),
                                     .expires_at = AsLong(row, "challenge_expires"),
                                     .attempts = AsInt(row, "challenge_attempts")};
  }
}

void type_conversion<FlowRecord>::to_base(const FlowRecord& flow, values& row, indicator& state) {
  const ChallengeRecord challenge = flow.challenge.value_or(ChallengeRecord{});
  Put(row, "id", flow.id);
  Put(row, "version", flow.version);
  Put(row, "purpose", static_cast<int>(flow.purpose));
  Put(row, "state", static_cast<int>(flow.state));
  Put(row, "operation", static_cast<int>(flow.operation));
  Put(row, "client_id", flow.client_id);
  Put(row, "subject", flow.subject);
  Put(row, "user_id", flow.user_id);
  Put(row, "password_generation", flow.password_generation);
  Put(row, "capabilities", sspr::service::CapabilityBits(flow.capabilities));
  Put(row, "completed_gates", flow.completed_gates);
  Put(row, "passed_kinds", sspr::service::KindBits(flow.passed_kinds));
  Put(row, "passed_methods", sspr::service::Joined(flow.passed_methods));
  Put(row, "proved_at", flow.proved_at);
  Put(row, "submits", flow.submits);
  sspr::service::PutLocalSet(row, flow.local_set);
  Put(row, "resume_digest", flow.resume_digest);
  Put(row, "transaction_id", flow.transaction_id);
  Put(row, "created_at", flow.created_at);
  Put(row, "last_seen", flow.last_seen);
  Put(row, "proof_key", flow.proof_key);
  Put(row, "proved_device", flow.device_id);
  Put(row, "challenge_id", challenge.id);
  Put(row, "challenge_method", challenge.method_id);
  Put(row, "challenge_kind", static_cast<int>(challenge.kind));
  Put(row, "challenge_digest", challenge.code_digest);
  Put(row, "challenge_length", challenge.code_length);
  Put(row, "challenge_expires", challenge.expires_at);
  Put(row, "challenge_attempts", challenge.attempts);
  state = i_ok;
}

void type_conversion<TransactionRecord>::from_base(const values& row, indicator,
                                                   TransactionRecord& record) {
  record.id = AsText(row, "id");
  record.status = static_cast<TransactionStatus>(AsInt(row, "state"));
  record.operation = static_cast<Operation>(AsInt(row, "operation"));
  record.client_id = AsText(row, "client_id");
  record.flow_id = AsText(row, "flow_id");
  record.subject = AsText(row, "subject");
  record.user_id = AsText(row, "user_id");
  record.local_set = sspr::service::LocalSetOf(row);
  record.commitment = sspr::FromHex(AsText(row, "commitment")).value_or("");
  record.changed_at = AsLong(row, "changed_at");
  record.device_id = AsText(row, "proved_device");
}

void type_conversion<TransactionRecord>::to_base(const TransactionRecord& record, values& row,
                                                 indicator& state) {
  Put(row, "id", record.id);
  Put(row, "state", static_cast<int>(record.status));
  Put(row, "operation", static_cast<int>(record.operation));
  Put(row, "client_id", record.client_id);
  Put(row, "flow_id", record.flow_id);
  Put(row, "subject", record.subject);
  Put(row, "user_id", record.user_id);
  sspr::service::PutLocalSet(row, record.local_set);
  Put(row, "commitment", sspr::ToHex(record.commitment));
  Put(row, "changed_at", record.changed_at);
  Put(row, "proved_device", record.device_id);
  state = i_ok;
}

}  // namespace soci
