// SPDX-License-Identifier: Apache-2.0
#include "service/policy/policy.h"

#include <array>
#include <charconv>
#include <optional>

namespace sspr::service {
namespace {

constexpr int kMinLengthAlone = 15;      // NIST SP 800-63B-4, 3.1.1.2
constexpr int kMinLengthWithSecond = 8;  // the same
constexpr int kCodeDigitsAlone = 8;
constexpr int kCodeDigitsWithSecond = 6;

constexpr std::array kKeys = {
    PolicyKey{"required_gates", &Policy::required_gates, 1, 2, 1, false,
              "proofs that a reset needs, of different kinds (1 or 2)"},
    PolicyKey{"methods.email", &Policy::email_enabled, 0, 1, 1, true,
              "codes by e-mail (on or off)"},
    PolicyKey{"methods.authenticator", &Policy::authenticator_enabled, 0, 1, 1, true,
              "codes of an authenticator app (on or off)"},
    PolicyKey{"password.min_length", &Policy::min_length, 0, 64, 0, false,
              "characters (8 to 64; 0 means 15 with one gate, 8 with two)"},
    PolicyKey{"password.max_length", &Policy::max_length, 64, 256, 256, false,
              "characters (64 to 256; 511 bytes in any case)"},
    PolicyKey{"password.min_classes", &Policy::min_classes, 0, 4, 0, false,
              "of small letters, capitals, digits, others (0 to 4)"},
    PolicyKey{"password.forbid_names", &Policy::forbid_names, 0, 1, 1, true,
              "refuse the user name and words of the display name (on or off)"},
    PolicyKey{"session.seconds", &Policy::session_seconds, 300, 1800, 900, false,
              "longest reset (300 to 1800)"},
    PolicyKey{"session.idle_seconds", &Policy::idle_seconds, 60, 900, 300, false,
              "longest pause within a reset (60 to 900)"},
    PolicyKey{"code.seconds", &Policy::code_seconds, 60, 600, 300, false,
              "life of a code that was sent (60 to 600)"},
    PolicyKey{"code.attempts", &Policy::code_attempts, 1, 10, 5, false,
              "tries for one code (1 to 10)"},
    PolicyKey{"limits.method_failures_per_hour", &Policy::method_per_hour, 1, 10, 5, false,
              "wrong codes per user and method (1 to 10)"},
    PolicyKey{"limits.method_failures_per_day", &Policy::method_per_day, 1, 20, 10, false,
              "wrong codes per user and method, then it is off for a day (1 to 20)"},
    PolicyKey{"limits.device_failures_per_hour", &Policy::device_per_hour, 1, 100, 10, false,
              "wrong codes from one machine (1 to 100)"},
    PolicyKey{"limits.network_failures_per_hour", &Policy::network_per_hour, 5, 10000, 50, false,
              "wrong codes from one /24 or /64 network (5 to 10000)"},
    PolicyKey{"limits.emails_per_ten_minutes", &Policy::email_per_ten_minutes, 1, 10, 3, false,
              "codes sent to one user (1 to 10)"},
    PolicyKey{"limits.emails_per_day", &Policy::email_per_day, 1, 50, 10, false,
              "codes sent to one user (1 to 50)"},
};

std::optional<int> ParseValue(const PolicyKey& key, std::string_view text) {
  if (key.is_switch) {
    if (text == "on") return 1;
    if (text == "off") return 0;
    return std::nullopt;
  }
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < key.lowest || value > key.highest) return std::nullopt;
  return value;
}

// A sentence, or nothing when the keys fit together.
const char* Contradiction(const Policy& policy) {
  if (policy.EnabledKinds() == 0) return "one kind of method must stay on";
  if (policy.required_gates > policy.EnabledKinds()) {
    return "two gates need both kinds of methods: turn them on, or require one gate";
  }
  if (policy.min_length != 0 && policy.min_length < kMinLengthWithSecond) {
    return "password.min_length must be 0 or at least 8";
  }
  return nullptr;
}

}  // namespace

int Policy::MinLength() const {
  if (min_length != 0) return min_length;
  return required_gates >= 2 ? kMinLengthWithSecond : kMinLengthAlone;
}

bool Policy::Enables(MethodKind kind) const {
  switch (kind) {
    case MethodKind::kEmailCode:
      return email_enabled != 0;
    case MethodKind::kAuthenticatorCode:
      return authenticator_enabled != 0;
  }
  return false;
}

int Policy::EnabledKinds() const { return email_enabled + authenticator_enabled; }

int Policy::CodeDigits() const {
  return required_gates >= 2 ? kCodeDigitsWithSecond : kCodeDigitsAlone;
}

std::span<const PolicyKey> PolicyKeys() { return kKeys; }

const PolicyKey* FindPolicyKey(std::string_view name) {
  for (const PolicyKey& key : kKeys) {
    if (name == key.name) return &key;
  }
  return nullptr;
}

Policy LoadPolicy(FlowStore& store) {
  Policy policy;
  for (const PolicyKey& key : kKeys) policy.*key.field = key.fallback;
  for (const auto& [name, text] : store.ListSettings()) {
    const PolicyKey* const key = FindPolicyKey(name);
    if (key == nullptr) continue;  // of another part, or of a newer program
    const std::optional<int> value = ParseValue(*key, text);
    if (!value) throw StoreFailure("the setting " + name + " is out of bounds");
    policy.*key->field = *value;
  }
  return policy;
}

std::string PolicyValueText(const PolicyKey& key, int value) {
  if (key.is_switch) return value != 0 ? "on" : "off";
  return std::to_string(value);
}

Result<Policy> ChangedPolicy(const Policy& policy, const PolicyKey& key, std::string_view text) {
  const std::optional<int> value = ParseValue(key, text);
  if (!value) return Error{Errc::kPolicy, std::string(key.name) + ": " + key.help};
  Policy changed = policy;
  changed.*key.field = *value;
  if (const char* sentence = Contradiction(changed)) return Error{Errc::kPolicy, sentence};
  return changed;
}

}  // namespace sspr::service
