// SPDX-License-Identifier: Apache-2.0
// Records to columns and back. For the .cc files of tables alone.
#pragma once

#include <soci/soci.h>

#include <sstream>
#include <string>
#include <vector>

#include "common/permit/fixed_bytes.h"
#include "service/methods/method_kind.h"
#include "service/store/records.h"
#include "service/store/sql_rows.h"

namespace sspr::service {

// A set of MethodKind as bits; the order in which gates were passed is not kept.
inline long long KindBits(const std::vector<MethodKind>& kinds) {
  long long bits = 0;
  for (const MethodKind kind : kinds) bits |= 1LL << static_cast<int>(kind);
  return bits;
}
inline std::vector<MethodKind> KindsOf(long long bits) {
  std::vector<MethodKind> kinds;
  for (const MethodTraits& traits : kMethodTraits) {
    if ((bits & (1LL << static_cast<int>(traits.kind))) != 0) kinds.push_back(traits.kind);
  }
  return kinds;
}

inline long long CapabilityBits(const Capabilities& capabilities) {
  return (capabilities.introspect ? 1 : 0) | (capabilities.two_gates ? 2 : 0) |
         (capabilities.final_submit ? 4 : 0) | (capabilities.totp ? 8 : 0) |
         (capabilities.questions ? 16 : 0) | (capabilities.recovery_code ? 32 : 0) |
         (capabilities.temporary_pass ? 64 : 0) | (capabilities.mfa ? 128 : 0) |
         (capabilities.registration ? 256 : 0) | (capabilities.full_strength ? 512 : 0) |
         (capabilities.passkey ? 1024 : 0) | (capabilities.hand_off ? 2048 : 0) |
         (capabilities.push ? 4096 : 0);
}
inline Capabilities CapabilitiesOf(long long bits) {
  return {.introspect = (bits & 1) != 0,
          .two_gates = (bits & 2) != 0,
          .final_submit = (bits & 4) != 0,
          .totp = (bits & 8) != 0,
          .questions = (bits & 16) != 0,
          .recovery_code = (bits & 32) != 0,
          .temporary_pass = (bits & 64) != 0,
          .push = (bits & 4096) != 0,
          .hand_off = (bits & 2048) != 0,
          .passkey = (bits & 1024) != 0,
          .mfa = (bits & 128) != 0,
          .registration = (bits & 256) != 0,
          .full_strength = (bits & 512) != 0};
}

inline std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}
inline std::vector<std::string> Split(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

template <>
class Row<UserRecord> {
 public:
  static constexpr char kTable[] = "users";
  Row() = default;
  explicit Row(const UserRecord& user);
  UserRecord Taken() const;
  template <typename Visitor>
  void Visit(Visitor visit) {
    visit("id", user_.id, Column::kFixed);
    visit("username", user_.username, Column::kFixed);
    visit("display_name", user_.display_name, Column::kChanging);
    visit("local_account", user_.local_account, Column::kChanging);
    visit("language", user_.language, Column::kChanging);
    visit("enabled", enabled_, Column::kChanging);
    visit("password_hash", user_.password_hash, Column::kFixed);  // see ReplacePassword
    visit("password_generation", password_generation_, Column::kFixed);
    visit("password_changed_at", password_changed_at_, Column::kFixed);
    visit("created_at", created_at_, Column::kFixed);
    visit("member_of", member_of_, Column::kChanging);
    visit("methods_confirmed_at", methods_confirmed_at_, Column::kChanging);
  }

 private:
  UserRecord user_;  // of which the texts are bound
  long long enabled_ = 0, password_generation_ = 0, password_changed_at_ = 0, created_at_ = 0,
            methods_confirmed_at_ = 0;
  std::string member_of_;
};

template <>
class Row<MethodRecord> {
 public:
  static constexpr char kTable[] = "methods";
  Row() = default;
  explicit Row(const MethodRecord& method);
  MethodRecord Taken() const;
  template <typename Visitor>
  void Visit(Visitor visit) {
    visit("id", method_.id, Column::kFixed);
    visit("user_id", method_.user_id, Column::kFixed);
    visit("kind", kind_, Column::kFixed);
    visit("address", method_.address, Column::kFixed);
    visit("sealed_secret", method_.sealed_secret, Column::kFixed);
    visit("last_step", last_step_, Column::kFixed);  // see AcceptStep
    visit("added_at", added_at_, Column::kFixed);
    visit("secret_hash", method_.secret_hash, Column::kFixed);
    visit("detail", method_.detail, Column::kFixed);
    visit("expires_at", expires_at_, Column::kFixed);
    visit("digits", digits_, Column::kFixed);
    visit("algorithm", algorithm_, Column::kFixed);
    visit("usable_from", usable_from_, Column::kFixed);
    visit("preferred", preferred_, Column::kFixed);
  }

 private:
  MethodRecord method_;
  long long kind_ = 0, last_step_ = 0, added_at_ = 0, expires_at_ = 0, digits_ = 0, algorithm_ = 0,
            usable_from_ = 0, preferred_ = 0;
};

// A local set is there when its nonce is. The columns of both that have one.
struct LocalSetColumns {
  LocalSetColumns() = default;
  explicit LocalSetColumns(const std::optional<LocalSet>& local_set);
  std::optional<LocalSet> Taken() const;
  std::string account, device_id, nonce;  // the last two in hexadecimal
};

template <>
class Row<FlowRecord> {
 public:
  static constexpr char kTable[] = "flows";
  Row() = default;
  explicit Row(const FlowRecord& flow);
  FlowRecord Taken() const;
  template <typename Visitor>
  void Visit(Visitor visit) {
    visit("id", flow_.id, Column::kFixed);
    visit("version", version_, Column::kFixed);  // counted by each statement that changes a flow
    visit("purpose", purpose_, Column::kFixed);
    visit("state", state_, Column::kChanging);
    visit("operation", operation_, Column::kFixed);
    visit("client_id", flow_.client_id, Column::kFixed);
    visit("subject", flow_.subject, Column::kFixed);
    visit("user_id", flow_.user_id, Column::kFixed);
    visit("password_generation", password_generation_, Column::kChanging);
    visit("capabilities", capabilities_, Column::kChanging);
    visit("completed_gates", completed_gates_, Column::kChanging);
    visit("passed_kinds", passed_kinds_, Column::kChanging);
    visit("passed_methods", passed_methods_, Column::kChanging);
    visit("proved_at", proved_at_, Column::kChanging);
    visit("submits", submits_, Column::kChanging);
    visit("local_account", local_set_.account, Column::kChanging);
    visit("device_id", local_set_.device_id, Column::kChanging);
    visit("nonce", local_set_.nonce, Column::kChanging);
    visit("resume_digest", flow_.resume_digest, Column::kFixed);
    visit("transaction_id", flow_.transaction_id, Column::kChanging);
    visit("created_at", created_at_, Column::kFixed);
    visit("last_seen", last_seen_, Column::kChanging);
    visit("challenge_id", challenge_.id, Column::kChanging);
    visit("challenge_method", challenge_.method_id, Column::kChanging);
    visit("challenge_kind", challenge_kind_, Column::kChanging);
    visit("challenge_digest", challenge_.code_digest, Column::kChanging);
    visit("challenge_length", challenge_length_, Column::kChanging);
    visit("challenge_expires", challenge_expires_, Column::kChanging);
    visit("challenge_attempts", challenge_attempts_, Column::kChanging);
    visit("proof_key", flow_.proof_key, Column::kFixed);
    visit("proved_device", flow_.device_id, Column::kFixed);
  }

 private:
  FlowRecord flow_;
  LocalSetColumns local_set_;
  ChallengeRecord challenge_;  // is there when its id is
  std::string passed_methods_;
  long long version_ = 0, purpose_ = 0, state_ = 0, operation_ = 0, password_generation_ = 0,
            capabilities_ = 0, completed_gates_ = 0, passed_kinds_ = 0, proved_at_ = 0,
            submits_ = 0, created_at_ = 0, last_seen_ = 0, challenge_kind_ = 0,
            challenge_length_ = 0, challenge_expires_ = 0, challenge_attempts_ = 0;
};

template <>
class Row<TransactionRecord> {
 public:
  static constexpr char kTable[] = "transactions";
  Row() = default;
  explicit Row(const TransactionRecord& record);
  TransactionRecord Taken() const;
  template <typename Visitor>
  void Visit(Visitor visit) {
    visit("id", record_.id, Column::kFixed);
    visit("state", state_, Column::kFixed);  // see FinishTransaction
    visit("operation", operation_, Column::kFixed);
    visit("client_id", record_.client_id, Column::kFixed);
    visit("flow_id", record_.flow_id, Column::kFixed);
    visit("subject", record_.subject, Column::kFixed);
    visit("user_id", record_.user_id, Column::kFixed);
    visit("local_account", local_set_.account, Column::kFixed);
    visit("device_id", local_set_.device_id, Column::kFixed);
    visit("nonce", local_set_.nonce, Column::kFixed);
    visit("commitment", commitment_, Column::kFixed);
    visit("changed_at", changed_at_, Column::kFixed);
    visit("proved_device", record_.device_id, Column::kFixed);
  }

 private:
  TransactionRecord record_;
  LocalSetColumns local_set_;
  std::string commitment_;  // in hexadecimal
  long long state_ = 0, operation_ = 0, changed_at_ = 0;
};

}  // namespace sspr::service
