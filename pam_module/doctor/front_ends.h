// SPDX-License-Identifier: Apache-2.0
// What the program behind a PAM service can show of a conversation, as far as it was seen.
#pragma once

#include <optional>
#include <string_view>

namespace sspr::doctor {

enum class FrontEndKind {
  kWhole,      // shows every prompt and message, and takes an answer to each
  kPartly,     // a reset can be led, with less on the screen
  kOneAnswer,  // answers every prompt with the text that was typed once: no reset can be led
  kRemote,     // sets PAM_RHOST: a reset is never offered
};

struct FrontEnd {
  std::string_view service;
  FrontEndKind kind;
  std::string_view what;  // a sentence about it; empty where there is nothing to say
};

// profile: by which the module talks there (pam_module/module/profile.h). Nothing for a service
// whose program was not looked at.
std::optional<FrontEnd> FindFrontEnd(std::string_view service, std::string_view profile);

}  // namespace sspr::doctor
