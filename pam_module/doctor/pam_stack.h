// SPDX-License-Identifier: Apache-2.0
// The stack of one kind (auth, account, ...) of a PAM service, read as libpam reads it: continued
// lines, comments, @include, include and substack, a leading '-', [value=action] controls. Pure:
// files come from a function.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sspr::doctor {

// What libpam does with a module's answer. A number above 0 jumps over so many modules.
struct PamAction {
  enum class Kind { kIgnore, kBad, kDie, kOk, kDone, kReset, kJump };
  Kind kind = Kind::kBad;
  int jump = 0;
};

// By the name of a return value ("success", "auth_err"); "default" for all others.
using PamControl = std::map<std::string, PamAction, std::less<>>;

struct PamRule {
  std::string file;  // as it was asked for
  int line = 0;
  bool silent = false;  // '-': no complaint when the module is not there
  std::string control_text;
  PamControl control;
  std::string module;  // as it is written
  std::vector<std::string> arguments;
  std::vector<int> substacks;  // that it is in, from without to within, numbered as they are met

  // Without folder: "pam_unix.so".
  std::string ModuleName() const;
  bool Has(std::string_view argument) const;
  std::string Where() const;  // "common-auth:3"
};

struct PamStack {
  std::vector<PamRule> rules;
  // Lines that libpam cannot use, files that are not there: each is a failing module to libpam.
  std::vector<std::string> faults;
};

// The text of a service file, or nothing when there is none of that name.
using PamFiles = std::function<std::optional<std::string>(const std::string& name)>;

// Nothing when there is no such service. Each include is followed 16 deep at most.
std::optional<PamStack> ReadStack(const PamFiles& files, const std::string& service,
                                  std::string_view kind);

// The words of a control, "required" or "[success=1 default=ignore]"; nothing when it is none.
std::optional<PamControl> ParseControl(std::string_view text);

}  // namespace sspr::doctor
