// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/stack_checks.h"

#include <algorithm>
#include <set>

#include "pam_module/doctor/module_line.h"
#include "pam_module/doctor/pam_dispatch.h"

namespace sspr::doctor {
namespace {

using Kind = PamAction::Kind;

constexpr std::string_view kPasswordModules[] = {
    "pam_unix.so",    "pam_sss.so",          "pam_ldap.so",    "pam_krb5.so",
    "pam_winbind.so", "pam_systemd_home.so", "pam_pwdfile.so", "pam_himmelblau.so",
    "pam_authd.so",   "pam_oslogin_login.so"};
// Say no to somebody who has neither finger nor card there.
constexpr std::string_view kOtherProofs[] = {"pam_fprintd.so", "pam_u2f.so", "pam_pkcs11.so",
                                             "pam_p11.so", "pam_rootok.so"};
constexpr int kMostJumps = 12;
constexpr char kHarmlessControl[] = "[success=ignore ignore=ignore default=ignore]";

// A person at the login, and what became of our file.
struct Scene {
  std::string accepted_by;   // the password module that takes what was typed; empty: none does
  bool only_behind = false;  // it takes the password behind our line only: that of a reset
  std::string our_answer = "ignore";
};

const Scene kAfterReset{.accepted_by = "pam_unix.so", .only_behind = true};

class Play {
 public:
  explicit Play(const std::vector<PamRule>& rules) : rules_(rules) {}

  DispatchResult Run(const Scene& scene) const {
    return Dispatch(rules_, [&](const PamRule& rule) { return AnswerOf(rule, scene); });
  }

  // Whether pam_unix.so stands on both sides of our line, as trigger=failure wants it.
  bool DecidesBehind() const {
    const auto is_unix = [](const PamRule& rule) { return rule.ModuleName() == "pam_unix.so"; };
    const std::optional<std::size_t> ours = Ours();
    if (!ours) return false;
    const auto middle = rules_.begin() + static_cast<std::ptrdiff_t>(*ours);
    return std::any_of(rules_.begin(), middle, is_unix) &&
           std::any_of(middle, rules_.end(), is_unix);
  }

  std::optional<std::size_t> Ours() const {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].ModuleName() == kModuleName) return i;
    }
    return std::nullopt;
  }

 private:
  std::string AnswerOf(const PamRule& rule, const Scene& scene) const {
    const std::string name = rule.ModuleName();
    if (name == kModuleName) return scene.our_answer;
    if (IsPasswordModule(rule)) {
      const bool in_time = !scene.only_behind || &rule > &rules_[Ours().value_or(0)];
      return name == scene.accepted_by && in_time ? "success" : "auth_err";
    }
    if (name == "pam_deny.so") return "auth_err";
    if (name == "pam_permit.so") return "success";
    if (name == "pam_faillock.so") return rule.Has("authfail") ? "auth_err" : "success";
    if (std::ranges::find(kOtherProofs, name) != std::end(kOtherProofs)) return "auth_err";
    return rule.control_text == "optional" ? "ignore" : "success";
  }

  const std::vector<PamRule>& rules_;
};

std::set<std::string> PasswordModulesOf(const std::vector<PamRule>& rules) {
  std::set<std::string> names;
  for (const PamRule& rule : rules) {
    if (IsPasswordModule(rule)) names.insert(rule.ModuleName());
  }
  return names;
}

bool Called(const DispatchResult& result, std::size_t rule) {
  return std::ranges::find(result.called, rule) != result.called.end();
}

// Whether these rules let in with the right password of each module, before and after a reset, and
// with no other.
bool Right(const std::vector<PamRule>& rules) {
  const Play play(rules);
  for (const std::string& module : PasswordModulesOf(rules)) {
    if (!play.Run({.accepted_by = module}).success) return false;
  }
  if (play.DecidesBehind() && !play.Run(kAfterReset).success) return false;
  return !play.Run({}).success;
}

// Other numbers than this, the nearest first, and of two the larger.
std::vector<int> NearestFirst(int jump) {
  std::vector<int> numbers;
  for (int distance = 1; distance <= kMostJumps; ++distance) {
    numbers.push_back(jump + distance);
    if (jump > distance) numbers.push_back(jump - distance);
  }
  return numbers;
}

// The one jump that would have to be another, and its right number: "common-auth:17: success=2".
std::string RightJump(const std::vector<PamRule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (const auto& [value, action] : rules[i].control) {
      if (action.kind != Kind::kJump) continue;
      for (const int jump : NearestFirst(action.jump)) {
        std::vector<PamRule> changed = rules;
        changed[i].control[value].jump = jump;
        if (Right(changed)) {
          return "write " + value + "=" + std::to_string(jump) + " instead of " + value + "=" +
                 std::to_string(action.jump) + " at " + rules[i].Where();
        }
      }
    }
  }
  return "";
}

class StackCheck {
 public:
  StackCheck(const std::string& service, const PamStack& stack, Report& report)
      : service_(service), rules_(stack.rules), play_(rules_), report_(report) {}

  void Run() {
    // Where nothing asks for a password, the stack around ours decides by something else.
    const bool asks = std::ranges::any_of(rules_, IsPasswordModule);
    if (asks) {
      CheckOutcomes();
      CheckWithoutFile();
    }
    const ModuleLine line = ReadModuleLine(Ours(), service_);
    if (!line.bad_word.empty()) {
      report_.Add(FindingId::kModuleWords, Level::kFault, service_,
                  "the module does not know the word '" + line.bad_word + "' at " + Ours().Where() +
                      ", so no reset is offered",
                  "correct the word; docs/pam-stack.md lists those that there are");
      return;
    }
    // Where none is offered, what a trigger would come to makes no difference.
    if (line.offered && line.by_prompt && asks) CheckPrompt();
    if (line.offered && line.by_failure) CheckFailure();
    if (!found_ && asks) {
      report_.Add(FindingId::kStackRefuses, Level::kGood, service_,
                  "the stack lets in with the right password alone, with pam_sspr.so and without");
    }
  }

 private:
  const PamRule& Ours() const { return rules_[*play_.Ours()]; }

  void Found(FindingId id, Level level, const std::string& text, const std::string& remedy) {
    found_ = true;
    report_.Add(id, level, service_, text, remedy);
  }

  void CheckOutcomes() {
    const std::string fix = RightJump(rules_);
    for (const std::string& module : PasswordModulesOf(rules_)) {
      const DispatchResult result = play_.Run({.accepted_by = module});
      if (result.success) continue;
      std::string why = "the stack never says yes";
      if (result.bad_jump >= 0) {
        why = "the jump at " + rules_[static_cast<std::size_t>(result.bad_jump)].Where() +
              " leads past the end";
      } else if (!result.called.empty()) {
        const PamRule& last = rules_[result.called.back()];
        why = "it comes to " + last.ModuleName() + " at " + last.Where();
      }
      Found(FindingId::kStackRefuses, Level::kFault,
            "the right password of " + module + " is refused: " + why,
            (fix.empty() ? "count the jumps of the stack" : fix) +
                "; until then nobody logs in by it");
    }
    const DispatchResult wrong = play_.Run({});
    if (!wrong.success) return;
    Found(FindingId::kStackLetsIn, Level::kFault,
          "a wrong password lets in" +
              (wrong.called.empty() ? std::string()
                                    : ": it comes to " + rules_[wrong.called.back()].ModuleName() +
                                          " at " + rules_[wrong.called.back()].Where()),
          (fix.empty() ? "count the jumps of the stack" : fix) +
              ", and do so at once: anybody can log in as anybody");
  }

  // Our file away, or of a wrong kind: libpam answers in its place.
  void CheckWithoutFile() {
    for (const std::string& module : PasswordModulesOf(rules_)) {
      const Scene there{.accepted_by = module};
      const Scene away{.accepted_by = module, .our_answer = "module_unknown"};
      if (!play_.Run(there).success || play_.Run(away).success) continue;
      Found(FindingId::kStackNeedsModule, Level::kWarning,
            "if pam_sspr.so were missing or damaged, nobody could log in: its control at " +
                Ours().Where() + " is '" + Ours().control_text + "'",
            std::string("write ") + kHarmlessControl + " instead");
      return;
    }
    // pam-auth-update writes no '-'; its package takes the line out before the file.
    if (!Ours().silent && !Ours().file.starts_with("common-")) {
      Found(FindingId::kStackNeedsModule, Level::kWarning,
            "the line at " + Ours().Where() + " does not begin with '-'",
            "write -auth, so that a missing file is not complained of at each login");
    }
  }

  void CheckPrompt() {
    const std::size_t ours = *play_.Ours();
    const DispatchResult wrong = play_.Run({});
    if (!Called(wrong, ours)) {
      return Found(FindingId::kTriggerOutOfPlace, Level::kFault,
                   "the stack never comes to the line of pam_sspr.so at " + Ours().Where(),
                   "put it in front of the password modules, see docs/pam-stack.md");
    }
    for (const std::size_t called : wrong.called) {
      if (called >= ours || !IsPasswordModule(rules_[called])) continue;
      return Found(FindingId::kTriggerOutOfPlace, Level::kFault,
                   rules_[called].ModuleName() + " at " + rules_[called].Where() +
                       " asks for the password before pam_sspr.so does, so trigger=prompt never "
                       "asks",
                   "put the line of pam_sspr.so in front of it, or write trigger=failure behind "
                   "it");
    }
    bool somebody_asks = false;
    for (const PamRule& rule : rules_) {
      if (&rule < &Ours() || !IsPasswordModule(rule)) continue;
      const bool only = rule.Has("use_first_pass");
      const bool asks = rule.Has("try_first_pass");
      // What the one before it asked for.
      const bool takes_over = only && somebody_asks;
      somebody_asks = somebody_asks || asks;
      if (asks || takes_over) continue;
      Found(FindingId::kTriggerOutOfPlace, Level::kWarning,
            rule.ModuleName() + " at " + rule.Where() +
                (only ? " never asks itself, so a reset that is given up ends the login"
                      : " asks for the password a second time"),
            "write try_first_pass on its line" +
                std::string(only ? " in the place of use_first_pass" : ""));
    }
  }

  void CheckFailure() {
    const std::size_t ours = *play_.Ours();
    const DispatchResult wrong = play_.Run({});
    const bool after_password = std::ranges::any_of(wrong.called, [&](std::size_t called) {
      return called < ours && IsPasswordModule(rules_[called]);
    });
    if (!Called(wrong, ours) || !after_password) {
      return Found(FindingId::kTriggerOutOfPlace, Level::kFault,
                   "after a wrong password the stack does not come to the line of pam_sspr.so at " +
                       Ours().Where() + ", so trigger=failure never asks",
                   "put it behind the password module and let that one's failure be ignored, see "
                   "docs/pam-stack.md");
    }
    for (const std::string& module : PasswordModulesOf(rules_)) {
      if (Called(play_.Run({.accepted_by = module}), ours)) {
        Found(FindingId::kTriggerOutOfPlace, Level::kFault,
              "who gave the right password of " + module + " is asked whether it was forgotten",
              "let the jump of " + module + " lead over the line at " + Ours().Where());
      }
    }
    CheckDirectoryBehind();
    if (PasswordModulesOf(rules_).contains("pam_unix.so") && !play_.Run(kAfterReset).success) {
      const std::string fix = RightJump(rules_);
      Found(FindingId::kTriggerOutOfPlace, Level::kFault,
            "the new password of a reset does not log in: no pam_unix.so behind " + Ours().Where() +
                " lets in with it",
            fix.empty() ? "put a second line of pam_unix.so with use_first_pass behind it, see "
                          "docs/pam-stack.md"
                        : fix);
    }
  }

  // With trigger=failure what signs the directory's accounts in is asked before us, and must be
  // again.
  void CheckDirectoryBehind() {
    for (const std::string module : {"pam_sss.so", "pam_winbind.so"}) {
      if (!PasswordModulesOf(rules_).contains(module)) continue;
      if (play_.Run({.accepted_by = module, .only_behind = true}).success) continue;
      Found(FindingId::kTriggerOutOfPlace, Level::kWarning,
            "the new password of an account of the directory does not log in: no " + module +
                " behind " + Ours().Where() + " lets in with it",
            "put a second line of " + module +
                " with use_first_pass behind it, or take "
                "trigger=prompt, see docs/pam-stack.md");
    }
  }

  const std::string& service_;
  const std::vector<PamRule>& rules_;
  const Play play_;
  Report& report_;
  bool found_ = false;
};

}  // namespace

bool IsPasswordModule(const PamRule& rule) {
  return std::ranges::find(kPasswordModules, rule.ModuleName()) != std::end(kPasswordModules);
}

void CheckStack(const std::string& service, const PamStack& stack, Report& report) {
  for (const std::string& fault : stack.faults) {
    report.Add(FindingId::kUnreadableStack, Level::kFault, service,
               "libpam cannot use " + fault + "; it takes such a line for a refusal",
               "correct the line");
  }
  if (ModuleRule(stack) != nullptr) StackCheck(service, stack, report).Run();
}

}  // namespace sspr::doctor
