// SPDX-License-Identifier: Apache-2.0
// The PAM services of the machine and the programs behind them.
#include <algorithm>
#include <charconv>

#include "pam_module/doctor/front_ends.h"
#include "pam_module/doctor/machine_checks.h"
#include "pam_module/doctor/module_line.h"
#include "pam_module/doctor/stack_checks.h"
#include "pam_module/setpw/account_lines.h"

namespace sspr::doctor {
namespace {

constexpr int kShortestLoginTimeout = 20;

// Accounts whose password is empty, so that Enter logs them in where pam_unix.so has nullok.
std::vector<std::string> EmptyPasswordAccounts(std::string_view shadow) {
  std::vector<std::string> names;
  for (const std::string_view line : setpw::SplitLines(shadow)) {
    const auto fields = setpw::SplitFields(line, ':');
    if (fields.size() > 1 && !fields[0].empty() && fields[1].empty()) names.emplace_back(fields[0]);
  }
  return names;
}

void CheckFrontEnd(const std::string& service, const ModuleLine& line, Report& report) {
  const std::optional<FrontEnd> front = FindFrontEnd(service, line.profile);
  if (!front) {
    report.Add(FindingId::kFrontEnd, Level::kNote, service,
               "the program behind it was not tried: whether it shows several questions is not "
               "known",
               "try a reset; if it cannot be led, name the services as services= without it");
    return;
  }
  switch (front->kind) {
    case FrontEndKind::kWhole:
      report.Add(FindingId::kFrontEnd, Level::kGood, service, "shows a whole reset");
      return;
    case FrontEndKind::kPartly:
      report.Add(FindingId::kFrontEnd, Level::kNote, service,
                 "a reset can be led, though: " + std::string(front->what));
      return;
    case FrontEndKind::kOneAnswer:
      report.Add(FindingId::kFrontEnd, Level::kWarning, service,
                 "no reset can be led here: " + std::string(front->what),
                 "tell people to reset at a console or on the portal, or take another greeter or "
                 "locker");
      return;
    case FrontEndKind::kRemote:
      report.Add(
          FindingId::kFrontEnd, Level::kWarning, service,
          "no reset is ever offered here, though services= lists it: " + std::string(front->what),
          "take it out of services=");
      return;
  }
}

void CheckEmptyPasswords(const MachineView& view, const std::string& service, const PamStack& stack,
                         const ModuleLine& line, Report& report) {
  const bool nullok = std::ranges::any_of(stack.rules, [](const PamRule& rule) {
    return IsPasswordModule(rule) && rule.Has("nullok");
  });
  if (!nullok || !line.by_prompt || !line.empty_asks) return;
  const std::optional<std::string> shadow = view.Text("/etc/shadow");
  if (!shadow) {
    report.Add(FindingId::kEmptyPasswords, Level::kNote, service,
               "pam_unix.so has nullok; whether an account has an empty password cannot be seen",
               "run sspr-doctor as root");
    return;
  }
  const std::vector<std::string> names = EmptyPasswordAccounts(*shadow);
  if (names.empty()) {
    report.Add(FindingId::kEmptyPasswords, Level::kGood, service,
               "pam_unix.so has nullok, and no account has an empty password");
    return;
  }
  std::string list = names.front();
  for (std::size_t i = 1; i < std::min<std::size_t>(names.size(), 5); ++i) list += ", " + names[i];
  if (names.size() > 5) list += " and " + std::to_string(names.size() - 5) + " more";
  report.Add(FindingId::kEmptyPasswords, Level::kWarning, service,
             "pam_unix.so has nullok and there are accounts without a password (" + list +
                 "): their empty answer begins a reset instead of logging in",
             "write empty=no on the line of pam_sspr.so, or give these accounts a password");
}

void CheckLoginTimeout(const MachineView& view, Report& report) {
  const std::string value = view.LoginDefault("LOGIN_TIMEOUT").value_or("60");
  int seconds = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  const bool known = fault == std::errc{} && end == value.data() + value.size();
  if (known && (seconds == 0 || seconds >= kShortestLoginTimeout)) {
    report.Add(FindingId::kLoginTimeout, Level::kGood, "login",
               "LOGIN_TIMEOUT is " + value + " s, and is put off while a reset runs");
    return;
  }
  report.Add(FindingId::kLoginTimeout, Level::kWarning, "login",
             "LOGIN_TIMEOUT is " + value + ": it may end a login before a reset was asked for",
             "write LOGIN_TIMEOUT 60 in /etc/login.defs; a reset puts it off by itself");
}

struct Found {
  bool any_line = false;
  bool any_offer = false;
  std::set<std::string> sockets;
};

void CheckService(const MachineView& view, const std::string& service, const PamStack& stack,
                  Found& found, Report& report) {
  const PamRule* const rule = ModuleRule(stack);
  if (rule == nullptr) return;
  found.any_line = true;
  CheckStack(service, stack, report);
  if (view.ModulePath(rule->module).empty()) {
    report.Add(FindingId::kModuleFile, Level::kFault, rule->module,
               "libpam finds no such file, so no reset is offered",
               "install it, or correct the path in /etc/pam.d");
  }
  const ModuleLine line = ReadModuleLine(*rule, service);
  if (!line.bad_word.empty()) return;
  if (!line.offered) {
    report.Add(FindingId::kOffered, Level::kNote, service,
               "no reset is offered here: it is not among the services of pam_sspr.so",
               "write services=+NAME on the line of pam_sspr.so where one shall be offered");
    return;
  }
  found.any_offer = true;
  found.sockets.insert(line.socket);
  CheckFrontEnd(service, line, report);
  CheckEmptyPasswords(view, service, stack, line, report);
  if (service == "login") CheckLoginTimeout(view, report);
}

}  // namespace

std::set<std::string> CheckLogins(const MachineView& view, Report& report) {
  Found found;
  for (const std::string& service : view.PamServices()) {
    const std::optional<PamStack> stack = view.AuthStack(service);
    if (stack) CheckService(view, service, *stack, found, report);
  }
  if (found.any_offer) return found.sockets;
  report.Add(FindingId::kNoStack, Level::kFault, "/etc/pam.d",
             found.any_line ? "pam_sspr.so is in no stack that it offers a reset in"
                            : "no PAM service has a line of pam_sspr.so, so no reset is offered",
             "see docs/pam-stack.md for the lines, or pam-auth-update(8)");
  return found.sockets;
}

}  // namespace sspr::doctor
