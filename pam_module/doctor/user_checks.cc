// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/user_checks.h"

#include <pwd.h>

#include "common/base/text.h"
#include "pam_module/doctor/front_ends.h"
#include "pam_module/doctor/module_line.h"
#include "pam_module/setpw/eligibility.h"

namespace sspr::doctor {
namespace {

class UserCheck {
 public:
  UserCheck(const MachineView& view, const Machine& machine, const UserQuestion& question,
            const Clock& clock, Report& report)
      : view_(view), machine_(machine), question_(question), clock_(clock), report_(report) {}

  void Run() {
    CheckAccount();
    CheckLogin();
  }

 private:
  void Account(Level level, const std::string& text, const std::string& remedy = "") {
    report_.Add(FindingId::kUserAccount, level, question_.user, text, remedy);
  }
  void Login(Level level, const std::string& text, const std::string& remedy = "") {
    report_.Add(FindingId::kUserAtLogin, level, question_.user + " at " + question_.service, text,
                remedy);
  }

  void CheckAccount() {
    const std::string& user = question_.user;
    if (!IsCarriableUserName(user)) {
      return Account(Level::kFault, "a reset is not begun for a name with such characters");
    }
    if (user == "root") return Account(Level::kFault, "root is never reset");
    const std::optional<std::string> passwd = view_.Text("/etc/passwd");
    const std::optional<std::string> shadow = view_.Text("/etc/shadow");
    const std::optional<std::string> group = view_.Text("/etc/group");
    if (!passwd) return Account(Level::kFault, "/etc/passwd cannot be read");
    const setpw::AccountTexts texts{*passwd, shadow ? *shadow : std::string_view(),
                                    group ? *group : std::string_view()};
    const setpw::AccountLimits limits{machine_.setpw.min_uid, machine_.setpw.max_uid,
                                      machine_.setpw.deny_groups};
    const setpw::Lookup found = setpw::FindAccount(texts, limits, user, clock_.Now() / kDaySeconds);
    if (const auto* const account = std::get_if<setpw::LocalAccount>(&found)) {
      return Account(Level::kGood, "an account of this machine (uid " +
                                       std::to_string(account->uid) +
                                       "), which may be reset: here and at the service, as '" +
                                       machine_.client.ServiceUserName(user) + "'");
    }
    const setpw::Refusal& refusal = *std::get_if<setpw::Refusal>(&found);
    if (refusal.reason == RefusalReason::kNotLocal) return CheckDirectoryAccount();
    if (!shadow) {
      return Account(Level::kNote,
                     "an account of this machine; whether it may be reset cannot be seen",
                     "run sspr-doctor as root");
    }
    Account(Level::kFault, "an account of this machine that is not reset: " + refusal.detail,
            "docs/configuration.md says which are: min_uid, max_uid, deny_groups");
  }

  void CheckDirectoryAccount() {
    const std::string as = "as '" + machine_.client.ServiceUserName(question_.user) + "'";
    if (!view_.alive()) {
      return Account(Level::kGood,
                     "no account of this machine's own: reset at the service alone, " + as);
    }
    if (getpwnam(question_.user.c_str()) != nullptr) {
      return Account(Level::kGood, "an account of a directory: reset at the service alone, " + as);
    }
    Account(Level::kWarning,
            "neither this machine nor its directories know the account: a reset would be at the "
            "service alone, " +
                as + ", and the login would fail behind it",
            "look at the name, and at nsswitch.conf");
  }

  void CheckLogin() {
    std::optional<PamStack> stack = view_.AuthStack(question_.service);
    if (!stack) {
      stack = view_.AuthStack("other");
      if (!stack) return Login(Level::kFault, "there is no such PAM service");
    }
    const PamRule* const rule = ModuleRule(*stack);
    if (rule == nullptr) {
      return Login(Level::kFault, "its stack has no line of pam_sspr.so, so no reset is offered",
                   "see docs/pam-stack.md");
    }
    const ModuleLine line = ReadModuleLine(*rule, question_.service);
    if (!line.bad_word.empty()) {
      return Login(Level::kFault, "the module does not know the word '" + line.bad_word +
                                      "' on its line, so no reset is offered");
    }
    if (!line.offered) {
      return Login(Level::kFault,
                   "no reset is offered: it is not among the services of "
                   "pam_sspr.so",
                   "write services=+" + question_.service + " at " + rule->Where());
    }
    if (question_.user == "root") return;
    const std::optional<FrontEnd> front = FindFrontEnd(question_.service, line.profile);
    if (front && front->kind == FrontEndKind::kRemote) {
      return Login(Level::kFault, "no reset is offered: " + std::string(front->what));
    }
    if (front && front->kind == FrontEndKind::kOneAnswer) {
      return Login(Level::kFault, "no reset can be led: " + std::string(front->what));
    }
    Login(Level::kGood, "a reset would be offered: " + HowAsked(line));
  }

  static std::string HowAsked(const ModuleLine& line) {
    if (line.by_failure) {
      return "after a wrong password the person is asked whether it was forgotten "
             "(trigger=failure)";
    }
    if (!line.by_prompt) {
      return "by logging in as '" + line.account +
             "', which asks whose password it is "
             "(trigger=account)";
    }
    std::string how = "at the password prompt, by ";
    if (line.empty_asks) how += "an empty answer or ";
    how += "'?'";
    if (!line.word.empty()) how += " or '" + line.word + "'";
    return how + " (trigger=prompt)";
  }

  const MachineView& view_;
  const Machine& machine_;
  const UserQuestion& question_;
  const Clock& clock_;
  Report& report_;
};

}  // namespace

void CheckUser(const MachineView& view, const Machine& machine, const UserQuestion& question,
               const Clock& clock, Report& report) {
  UserCheck(view, machine, question, clock, report).Run();
}

void CheckUserAtService(const Machine& machine, const std::string& user, DeviceLink& link,
                        Report& report) {
  const auto add = [&](Level level, const std::string& text, const std::string& remedy = "") {
    report.Add(FindingId::kUserAtService, level, user, text, remedy);
  };
  if (!IsCarriableUserName(user) || user == "root") return;
  const std::string name = machine.client.ServiceUserName(user);
  const Result<RegistrationState> state = link.StateOf(name);
  if (!state.ok()) {
    return add(Level::kNote,
               "what the service would do for '" + name + "' is told to enrolled machines only");
  }
  if (!state->enabled) {
    return add(Level::kFault,
               "the service would not reset '" + name + "': it is unknown there, or not allowed to",
               "look at it with ssprctl users show, and at ssprctl policy simulate");
  }
  if (!state->capable) {
    return add(Level::kFault,
               "the service would reset '" + name + "', but too few methods are registered (" +
                   std::to_string(state->methods) + ")",
               "have the person register more on the portal, or add them with ssprctl methods");
  }
  add(Level::kGood, "the service would reset '" + name + "', who has registered " +
                        std::to_string(state->methods) + " method(s)");
}

}  // namespace sspr::doctor
