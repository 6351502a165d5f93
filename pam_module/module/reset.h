// SPDX-License-Identifier: Apache-2.0
// One reset as the host sees it: a conversation on one side, sspr-flow on the other, HostFlow
// between.
#pragma once

#include <string_view>

#include "common/base/secret.h"
#include "pam_module/module/conversation.h"
#include "pam_module/module/options.h"

namespace sspr {

struct ResetRequest {
  std::string_view service;
  std::string_view user;
  std::string_view terminal;
  std::string_view trigger;  // what the person typed to ask for it
};

// True when the password was set: new_password then holds it, for the stack to decide about.
// Otherwise the person was told in one sentence what to do next (unless they left), and nothing is
// to be set.
bool RunReset(const Options& options, const ResetRequest& request, Conversation& conversation,
              Secret& new_password) noexcept;

}  // namespace sspr
