// SPDX-License-Identifier: Apache-2.0
// The settings of the policy by name: bounds, defaults and what they mean, for the database and for
// the administrator.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/policy/policy.h"

namespace sspr::service {

enum class PolicyForm {
  kNumber,
  kSwitch,     // "on" and "off"
  kScope,      // "nobody", "groups", "everybody"
  kRisk,       // "never", "low", "medium", "high"
  kGroups,     // names of groups between spaces; may be empty
  kCountries,  // "+49 +1"; may be empty
  kSnoozes,    // "pilot:7:3 sales:1:0"; may be empty
  kText,       // one line; may be empty
  kUrl,        // https://…; may be empty
};

struct PolicyKey {
  const char* name;
  PolicyForm form;
  int Policy::*number;        // of the first four forms, else null
  std::string Policy::*text;  // of the others, else null
  int lowest;
  int highest;
  int fallback;
  const char* help;  // one line, with the bounds
};

std::span<const PolicyKey> PolicyKeys();
const PolicyKey* FindPolicyKey(std::string_view name);

// The value of a policy as text, and the default.
std::string PolicyValueText(const Policy& policy, const PolicyKey& key);
std::string PolicyDefaultText(const PolicyKey& key);

// Puts the text into the policy; nothing when it is out of bounds.
bool PutPolicyValue(Policy& policy, const PolicyKey& key, std::string_view text);

// The switch and the groups of a method.
struct MethodSettings {
  MethodKind kind;
  int Policy::*enabled;
  std::string Policy::*groups;
};
const MethodSettings& SettingsOf(MethodKind kind);

}  // namespace sspr::service
