// SPDX-License-Identifier: Apache-2.0
// What a machine is told about the risk of somebody who has just shown a right password at it.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "service/engine/engine_parts.h"

namespace sspr::service {

struct RiskVerdict {
  enum class Require { kNone, kReset, kBlock };
  Require require = Require::kNone;
  std::string reason;  // a word, for the machine's log
};

class SignInRisk {
 public:
  // What is in parts outlives it.
  explicit SignInRisk(EngineParts parts) : parts_(std::move(parts)) {}

  // Of nobody we know nothing is required. kInternal.
  Result<RiskVerdict> Judge(std::string_view account, const Caller& caller);

 private:
  EngineParts parts_;
};

}  // namespace sspr::service
