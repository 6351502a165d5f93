// SPDX-License-Identifier: Apache-2.0
// One reset as the host sees it: a conversation on one side, sspr-flow on the other, HostFlow
// between.
#pragma once

#include <string_view>

#include "common/base/secret.h"
#include "pam_module/module/options.h"
#include "pam_module/module/speaker.h"

namespace sspr {

struct ResetRequest {
  std::string_view service;
  std::string_view user;
  std::string_view terminal;
  std::string_view trigger;  // what the person typed to ask for it
};

enum class ResetEnd {
  kPasswordSet,   // new_password holds it, for the stack to decide about
  kNotChanged,    // the person left or was told why; nothing is to be set
  kNotAvailable,  // nobody listens, or nobody that may be trusted
  kNoAnswer,      // sspr-flow did not answer in time
  kStopped,       // sspr-flow ended in the middle or broke the protocol
};

// Unless the person left, they were told in one sentence what to do next.
ResetEnd RunReset(const Options& options, const ResetRequest& request, Speaker& speaker,
                  Secret& new_password) noexcept;

}  // namespace sspr
