// SPDX-License-Identifier: Apache-2.0
// What libpam would make of a stack, module by module, without calling any: the answers are given.
// After _pam_dispatch_aux() of Linux-PAM 1.5. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pam_module/doctor/pam_stack.h"

namespace sspr::doctor {

struct DispatchResult {
  bool success = false;
  std::vector<std::size_t> called;  // indices of the rules, in order
  // The rule whose jump leads past the end of its stack; -1: none. libpam fails the whole stack.
  int bad_jump = -1;
};

// The return value of a rule's module by its name in a control: "success", "auth_err", "ignore".
using ModuleAnswers = std::function<std::string(const PamRule& rule)>;

DispatchResult Dispatch(const std::vector<PamRule>& rules, const ModuleAnswers& answers);

}  // namespace sspr::doctor
