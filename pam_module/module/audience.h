// SPDX-License-Identifier: Apache-2.0
// Where, and to whom, a reset is offered: the lists on the module's line and what is never offered
// whatever they say. Nothing here protects an account: sspr-flow and sspr-setpw look again.
#pragma once

#include <security/pam_modules.h>

#include <string_view>

#include "common/base/secret.h"
#include "pam_module/module/options.h"

namespace sspr {

struct Place {
  std::string_view service;
  std::string_view terminal;  // as PAM_TTY has it
  bool remote;
};

// Why no reset is offered at this place, or null when it is.
const char* ReasonAgainstPlace(const Options& options, const Place& place) noexcept;

// Why this account is not reset from here, or null. Groups and user numbers are looked up only
// where the administrator wrote some; a name that the machine does not know is treated as one that
// may, so that the prompt tells nobody which names exist.
const char* ReasonAgainstUser(pam_handle_t* pam, const Options& options,
                              const Secret& user) noexcept;

}  // namespace sspr
