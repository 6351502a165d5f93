// SPDX-License-Identifier: Apache-2.0
// Records to columns and back, by name. For the .cc files of SqlStore alone.
#pragma once

#include <soci/soci.h>

#include <sstream>
#include <string>
#include <vector>

#include "common/permit/fixed_bytes.h"
#include "service/methods/method_kind.h"
#include "service/store/records.h"

namespace sspr::service {

inline long long AsLong(const soci::values& row, const char* name) {
  return row.get<long long>(name);
}
inline int AsInt(const soci::values& row, const char* name) {
  return static_cast<int>(row.get<long long>(name));
}
inline std::string AsText(const soci::values& row, const char* name) {
  return row.get<std::string>(name);
}
inline void Put(soci::values& row, const char* name, long long value) { row.set(name, value); }
inline void Put(soci::values& row, const char* name, const std::string& value) {
  row.set(name, value);
}

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

// A local set is there when its nonce is.
inline void PutLocalSet(soci::values& row, const std::optional<LocalSet>& local_set) {
  Put(row, "local_account", local_set ? local_set->account : std::string());
  Put(row, "device_id", local_set ? ToHex(local_set->device_id) : std::string());
  Put(row, "nonce", local_set ? ToHex(local_set->nonce) : std::string());
}
inline std::optional<LocalSet> LocalSetOf(const soci::values& row) {
  const std::string nonce = AsText(row, "nonce");
  if (nonce.empty()) return std::nullopt;
  return LocalSet{.account = AsText(row, "local_account"),
                  .device_id = FromHex(AsText(row, "device_id")).value_or(""),
                  .nonce = FromHex(nonce).value_or("")};
}

}  // namespace sspr::service

namespace soci {

template <>
struct type_conversion<sspr::service::UserRecord> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::UserRecord& user);
  static void to_base(const sspr::service::UserRecord& user, values& row, indicator& state);
};

template <>
struct type_conversion<sspr::service::MethodRecord> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::MethodRecord& method);
  static void to_base(const sspr::service::MethodRecord& method, values& row, indicator& state);
};

template <>
struct type_conversion<sspr::service::FlowRecord> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::FlowRecord& flow);
  static void to_base(const sspr::service::FlowRecord& flow, values& row, indicator& state);
};

template <>
struct type_conversion<sspr::service::TransactionRecord> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::TransactionRecord& record);
  static void to_base(const sspr::service::TransactionRecord& record, values& row,
                      indicator& state);
};

}  // namespace soci
