// SPDX-License-Identifier: Apache-2.0
// The words on the module's line in a PAM service file. Views point into argv, which outlives the
// call.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "pam_module/module/profile.h"
#include "pam_module/module/texts.h"

namespace sspr {

enum class Trigger { kPrompt, kFailure, kAccount, kDemand };
enum class Empty { kByService, kTriggers, kIsAPassword };

// Comma-separated names. Denied beats allowed; with no allowed names all are.
struct NameLists {
  std::string_view allowed;
  std::string_view denied;

  bool written() const noexcept { return !allowed.empty() || !denied.empty(); }
};

struct UidRange {
  std::uint32_t first = 0;
  std::uint32_t last = UINT32_MAX;

  bool written() const noexcept { return first != 0 || last != UINT32_MAX; }
};

struct Options {
  Trigger trigger = Trigger::kPrompt;
  const char* socket = "/run/sspr/flow.sock";
  NameLists services;
  bool adds_services = false;  // services=+a,b adds to the built-in list
  NameLists users;
  NameLists groups;
  NameLists ttys;  // without /dev/
  UidRange uids;
  std::string_view account;     // who logs in as this asks for a reset of another account
  std::string_view word = "?";  // triggers as well as the empty answer
  Empty empty = Empty::kByService;
  const Profile* profile = nullptr;  // null: that of the PAM service
  Language language = Language::kEnglish;
  bool language_known = false;  // else the configuration of sspr-flow says in which it speaks
  // What follows where the service must be asked and cannot be: gone on without it, or refused.
  bool closed = false;
  std::chrono::milliseconds limit{1'500};  // for such a question, 100 ms to 10 s
  // Of a password line: asks for the new password of who is none of ours, for modules behind it
  // that have use_authtok on their line.
  bool asks_new = false;
  std::chrono::seconds idle{0};  // a console that strangers share: how long a question may wait
  bool debug = false;
};

// Reads argv into options. Returns -1 when all is well, else the index of the first bad word.
int ParseOptions(int argc, const char** argv, Options& options) noexcept;

// Whether a reset may be offered on this PAM service: listed by the administrator, or one of the
// local logins and lockers that are built in, and not denied.
bool OffersReset(const Options& options, std::string_view service) noexcept;

const Profile& ProfileFor(const Options& options, std::string_view service) noexcept;

// Whether an empty answer asks for a reset: as the administrator says, else everywhere but where
// one answer is given to every question. There, Enter pressed to wake the screen would answer yes
// to all that follows.
bool EmptyTriggers(const Options& options, const Profile& profile) noexcept;

}  // namespace sspr
