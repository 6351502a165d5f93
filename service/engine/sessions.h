// SPDX-License-Identifier: Apache-2.0
// From a continuation token to the flow it stands for. The one place that decides whether a request
// may go on: known token, same client, legal step, not too old.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "service/engine/engine_parts.h"
#include "service/engine/flow_table.h"
#include "service/policy/policy.h"

namespace sspr::service {

struct Session {
  FlowRecord flow;
  TokenRecord token;
  std::optional<DirectoryUser> user;  // nothing: nobody
  Policy policy;                      // of this user
  std::string presented;              // the token itself
  UnixSeconds now = 0;                // one time for the whole request
};

// After the last gate; also what V1 clients are told at most.
inline constexpr int kProvedSeconds = 600;

bool IsAlive(const FlowRecord& flow, const Policy& policy, UnixSeconds now);

// The flow of a hand-off's token, however far the phone has come and whether or not it is alive.
std::variant<Session, Refusal> OpenHandOff(EngineParts& parts, const Caller& caller,
                                           std::string_view token);

// Refusals: kInvalidToken, kInvalidRequest (wrong step), kExpiredToken,
// kInvalidProof (not the key that the flow was begun with), kDeviceRequired.
std::variant<Session, Refusal> OpenSession(EngineParts& parts, const Caller& caller,
                                           std::string_view token, Call call);

}  // namespace sspr::service
