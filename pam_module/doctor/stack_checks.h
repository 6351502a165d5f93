// SPDX-License-Identifier: Apache-2.0
// Whether a stack with pam_sspr.so in it does what it should: lets in who was let in before, and
// nobody else, with our file there or not, and comes to our line when a reset may be asked for.
// Found out by playing the stack through, not by its looks. Pure.
#pragma once

#include <string>

#include "pam_module/doctor/pam_stack.h"
#include "pam_module/doctor/report.h"

namespace sspr::doctor {

// A module that asks for a password and knows whether it is right.
bool IsPasswordModule(const PamRule& rule);

// For a stack that has the module's line.
void CheckStack(const std::string& service, const PamStack& stack, Report& report);

}  // namespace sspr::doctor
