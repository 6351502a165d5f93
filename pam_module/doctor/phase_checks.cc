// SPDX-License-Identifier: Apache-2.0
// Lines of ours behind the authentication: demands, changes of passwords, reminders. The service
// answers enrolled devices only, so that on others they do nothing, or refuse everybody.
#include <algorithm>

#include "pam_module/doctor/machine_checks.h"
#include "pam_module/doctor/module_line.h"
#include "pam_module/doctor/stack_checks.h"
#include "pam_module/machine/machine_files.h"

namespace sspr::doctor {
namespace {

constexpr const char* kKinds[] = {"account", "password", "session"};
constexpr char kDemand[] = "trigger=demand";

void CheckPhaseLine(const MachineView& view, const Machine& machine, const std::string& service,
                    const PamRule& rule, Report& report) {
  const ModuleLine line = ReadModuleLine(rule, service);
  if (!line.bad_word.empty()) {
    report.Add(FindingId::kModuleWords, Level::kFault, service,
               "the module does not know the word '" + line.bad_word + "' at " + rule.Where() +
                   ", so the line does nothing",
               "correct the word; docs/pam-stack.md lists those that there are");
    return;
  }
  if (LookAt(view.At(machine.client.device_key_file))) return;
  const bool closed = rule.Has("unreachable=closed");
  report.Add(
      FindingId::kPhases, closed ? Level::kFault : Level::kWarning, service,
      "the line at " + rule.Where() + " asks the service, which answers enrolled machines only" +
          (closed ? ": with unreachable=closed nobody gets past it" : ""),
      "run sspr-enroll enroll, or take the line out (pam-auth-update --disable sspr-phases)");
}

// A demand is made of who has shown the right password.
void CheckDemand(const std::string& service, const PamStack& stack, Report& report) {
  bool behind_password = false;
  for (const PamRule& rule : stack.rules) {
    behind_password = behind_password || IsPasswordModule(rule);
    if (rule.ModuleName() != kModuleName || !rule.Has(kDemand) || behind_password) continue;
    report.Add(FindingId::kPhases, Level::kFault, service,
               "trigger=demand at " + rule.Where() + " stands in front of the password modules",
               "put it behind them: only who is known is told what is demanded");
  }
}

// pam_faillock refuses before anybody is asked anything.
void CheckLockouts(const std::string& service, const PamStack& stack, Report& report) {
  const PamRule* const ours = ModuleRule(stack);
  if (ours == nullptr) return;
  for (const PamRule& rule : stack.rules) {
    if (&rule == ours) return;
    if (rule.ModuleName() != "pam_faillock.so" || !rule.Has("preauth")) continue;
    report.Add(
        FindingId::kLockouts, Level::kWarning, service,
        "pam_faillock.so at " + rule.Where() +
            " refuses a locked account before pam_sspr.so is asked, so there is no way back in",
        "put the line of pam_sspr.so in front of it");
  }
}

}  // namespace

void CheckPhases(const MachineView& view, const Machine& machine, Report& report) {
  for (const std::string& service : view.PamServices()) {
    if (const std::optional<PamStack> stack = view.Stack(service, "auth")) {
      CheckDemand(service, *stack, report);
      CheckLockouts(service, *stack, report);
    }
    for (const char* kind : kKinds) {
      const std::optional<PamStack> stack = view.Stack(service, kind);
      const PamRule* const rule = stack ? ModuleRule(*stack) : nullptr;
      if (rule != nullptr) CheckPhaseLine(view, machine, service, *rule, report);
    }
  }
}

}  // namespace sspr::doctor
