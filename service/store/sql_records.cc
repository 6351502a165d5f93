// SPDX-License-Identifier: Apache-2.0
#include "service/store/sql_records.h"

namespace sspr::service {

Row<UserRecord>::Row(const UserRecord& user)
    : user_(user),
      enabled_(user.enabled ? 1 : 0),
      password_generation_(user.password_generation),
      password_changed_at_(user.password_changed_at),
      created_at_(user.created_at),
      methods_confirmed_at_(user.methods_confirmed_at),
      member_of_(Joined(user.groups)) {}

UserRecord Row<UserRecord>::Taken() const {
  UserRecord user = user_;
  user.enabled = enabled_ != 0;
  user.password_generation = password_generation_;
  user.password_changed_at = password_changed_at_;
  user.created_at = created_at_;
  user.groups = Split(member_of_);
  user.methods_confirmed_at = methods_confirmed_at_;
  return user;
}

Row<MethodRecord>::Row(const MethodRecord& method)
    : method_(method),
      kind_(static_cast<long long>(method.kind)),
      last_step_(method.last_step),
      added_at_(method.added_at),
      expires_at_(method.expires_at),
      digits_(method.totp.digits),
      algorithm_(static_cast<long long>(method.totp.algorithm)),
      usable_from_(method.usable_from),
      preferred_(method.preferred ? 1 : 0) {}

MethodRecord Row<MethodRecord>::Taken() const {
  MethodRecord method = method_;
  method.kind = static_cast<MethodKind>(kind_);
  method.last_step = last_step_;
  method.added_at = added_at_;
  method.expires_at = expires_at_;
  method.totp.digits = static_cast<int>(digits_);
  method.totp.algorithm = static_cast<TotpAlgorithm>(algorithm_);
  method.usable_from = usable_from_;
  method.preferred = preferred_ != 0;
  return method;
}

LocalSetColumns::LocalSetColumns(const std::optional<LocalSet>& local_set) {
  if (!local_set) return;
  account = local_set->account;
  device_id = ToHex(local_set->device_id);
  nonce = ToHex(local_set->nonce);
}

std::optional<LocalSet> LocalSetColumns::Taken() const {
  if (nonce.empty()) return std::nullopt;
  return LocalSet{.account = account,
                  .device_id = FromHex(device_id).value_or(""),
                  .nonce = FromHex(nonce).value_or("")};
}

Row<FlowRecord>::Row(const FlowRecord& flow)
    : flow_(flow),
      local_set_(flow.local_set),
      challenge_(flow.challenge.value_or(ChallengeRecord{})),
      passed_methods_(Joined(flow.passed_methods)),
      version_(flow.version),
      purpose_(static_cast<long long>(flow.purpose)),
      state_(static_cast<long long>(flow.state)),
      operation_(static_cast<long long>(flow.operation)),
      password_generation_(flow.password_generation),
      capabilities_(CapabilityBits(flow.capabilities)),
      completed_gates_(flow.completed_gates),
      passed_kinds_(KindBits(flow.passed_kinds)),
      proved_at_(flow.proved_at),
      submits_(flow.submits),
      created_at_(flow.created_at),
      last_seen_(flow.last_seen),
      challenge_kind_(static_cast<long long>(challenge_.kind)),
      challenge_length_(challenge_.code_length),
      challenge_expires_(challenge_.expires_at),
      challenge_attempts_(challenge_.attempts) {}

FlowRecord Row<FlowRecord>::Taken() const {
  FlowRecord flow = flow_;
  flow.version = version_;
  flow.purpose = static_cast<FlowPurpose>(purpose_);
  flow.state = static_cast<FlowState>(state_);
  flow.operation = static_cast<Operation>(operation_);
  flow.password_generation = password_generation_;
  flow.capabilities = CapabilitiesOf(capabilities_);
  flow.completed_gates = static_cast<int>(completed_gates_);
  flow.passed_kinds = KindsOf(passed_kinds_);
  flow.passed_methods = Split(passed_methods_);
  flow.proved_at = proved_at_;
  flow.submits = static_cast<int>(submits_);
  flow.local_set = local_set_.Taken();
  flow.created_at = created_at_;
  flow.last_seen = last_seen_;
  if (challenge_.id.empty()) return flow;
  flow.challenge = challenge_;
  flow.challenge->kind = static_cast<MethodKind>(challenge_kind_);
  flow.challenge->code_length = static_cast<int>(challenge_length_);
  flow.challenge->expires_at = challenge_expires_;
  flow.challenge->attempts = static_cast<int>(challenge_attempts_);
  return flow;
}

Row<TransactionRecord>::Row(const TransactionRecord& record)
    : record_(record),
      local_set_(record.local_set),
      commitment_(ToHex(record.commitment)),
      state_(static_cast<long long>(record.status)),
      operation_(static_cast<long long>(record.operation)),
      changed_at_(record.changed_at) {}

TransactionRecord Row<TransactionRecord>::Taken() const {
  TransactionRecord record = record_;
  record.status = static_cast<TransactionStatus>(state_);
  record.operation = static_cast<Operation>(operation_);
  record.local_set = local_set_.Taken();
  record.commitment = FromHex(commitment_).value_or("");
  record.changed_at = changed_at_;
  return record;
}

}  // namespace sspr::service
