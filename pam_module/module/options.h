// SPDX-License-Identifier: Apache-2.0
// The words on the module's line in a PAM service file. Views point into argv, which outlives the
// call.
#pragma once

#include <string_view>

#include "pam_module/module/texts.h"

namespace sspr {

enum class Trigger { kPrompt, kFailure };
enum class Empty { kByService, kTriggers, kIsAPassword };

struct Options {
  Trigger trigger = Trigger::kPrompt;
  const char* socket = "/run/sspr/flow.sock";
  std::string_view services;    // comma-separated
  bool adds_services = false;   // services=+a,b adds to the built-in list
  std::string_view word = "?";  // triggers as well as the empty answer
  Empty empty = Empty::kByService;
  Language language = Language::kEnglish;
  bool debug = false;
};

// Reads argv into options. Returns -1 when all is well, else the index of the first bad word.
int ParseOptions(int argc, const char** argv, Options& options) noexcept;

// Whether a reset may be offered on this PAM service: listed by the administrator, or one of the
// local logins and lockers that are built in. Never a remote or privilege-changing service.
bool OffersReset(const Options& options, std::string_view service) noexcept;

// Whether an empty answer asks for a reset: as the administrator says, else everywhere but in the
// lockers that give one answer to every question. There, Enter pressed to wake the screen would
// answer yes to all that follows.
bool EmptyTriggers(const Options& options, std::string_view service) noexcept;

}  // namespace sspr
