// SPDX-License-Identifier: Apache-2.0
// What the administrator decides, with its defaults and the floors below which it cannot be set.
// Read once per request, so that a request sees one version of it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "service/flow_service.h"
#include "service/store/flow_store.h"

namespace sspr::service {

struct Policy {
  int required_gates = 0;
  int email_enabled = 0;
  int authenticator_enabled = 0;

  int min_length = 0;  // 0: 15 where one gate is enough, else 8
  int max_length = 0;  // code points
  int min_classes = 0;
  int forbid_names = 0;

  int session_seconds = 0;
  int idle_seconds = 0;
  int code_seconds = 0;
  int code_attempts = 0;

  int method_per_hour = 0;  // failures, per account and kind of method
  int method_per_day = 0;   // then the method is off for a day
  int device_per_hour = 0;
  int network_per_hour = 0;
  int email_per_ten_minutes = 0;  // sent to one account
  int email_per_day = 0;

  int MinLength() const;
  bool Enables(MethodKind kind) const;
  int EnabledKinds() const;
  // Of the e-mail code: more digits where nothing else stands beside it.
  int CodeDigits() const;
};

struct PolicyKey {
  const char* name;
  int Policy::*field;
  int lowest;
  int highest;
  int fallback;
  bool is_switch;    // "on" and "off" instead of a number
  const char* help;  // one line
};

std::span<const PolicyKey> PolicyKeys();
const PolicyKey* FindPolicyKey(std::string_view name);

// Throws StoreFailure when the database fails or holds a value that is out of bounds.
Policy LoadPolicy(FlowStore& store);

std::string PolicyValueText(const PolicyKey& key, int value);

// What setting this key to this text would make of the policy. kPolicy, with a sentence for the
// administrator, when the text is out of bounds or the keys no longer fit together.
Result<Policy> ChangedPolicy(const Policy& policy, const PolicyKey& key, std::string_view text);

}  // namespace sspr::service
