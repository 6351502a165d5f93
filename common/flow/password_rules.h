// SPDX-License-Identifier: Apache-2.0
// A new password against the rules that the service published, before anything is sent. Only a
// courtesy to the person: the service and the machine decide.
#pragma once

#include <optional>

#include "common/base/secret.h"
#include "common/flow/service_values.h"

namespace sspr {

inline constexpr int kShortestPasswordEver = 8;   // NIST SP 800-63B-4, 3.1.1.2
inline constexpr int kLongestPasswordEver = 256;  // code points
inline constexpr int kMostPasswordBytes = 511;    // what PAM carries

enum class RuleBroken { kUntypable, kTooShort, kTooLong, kTooFewKinds, kForbiddenPart };

// The rules with our own floor and ceilings: a service cannot ask for less.
PasswordRules Tightened(PasswordRules rules);

// Nothing when the password keeps the rules. Makes no copy of it that outlives the call.
std::optional<RuleBroken> FirstBroken(const PasswordRules& rules, const Secret& password);

}  // namespace sspr
