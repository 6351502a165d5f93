// SPDX-License-Identifier: Apache-2.0
// The module's line of a stack, as the module itself would read it at a PAM service.
#pragma once

#include <string>

#include "pam_module/doctor/pam_stack.h"

namespace sspr::doctor {

inline constexpr char kModuleName[] = "pam_sspr.so";

struct ModuleLine {
  std::string
      bad_word;  // that the module refuses; then no reset is offered, and nothing else holds
  bool by_prompt = false;   // trigger=prompt
  bool by_failure = false;  // trigger=failure
  std::string account;      // who logs in as it resets another account; empty: nobody
  bool offered = false;     // at this service
  bool empty_asks = false;  // an empty answer asks for a reset there
  std::string word;         // another answer that does, beside "?"; empty: none
  std::string socket;       // of sspr-flow
  std::string profile;      // what the screen there can show
};

ModuleLine ReadModuleLine(const PamRule& rule, const std::string& service);

// The module's rule of the stack; null when it has none.
const PamRule* ModuleRule(const PamStack& stack);

}  // namespace sspr::doctor
