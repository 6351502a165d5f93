// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/pam_dispatch.h"

#include <algorithm>

namespace sspr::doctor {
namespace {

using Kind = PamAction::Kind;

enum class Impression { kNone, kPositive, kNegative };

PamAction ActionFor(const PamControl& control, const std::string& answer) {
  auto found = control.find(answer);
  if (found == control.end()) found = control.find("default");
  return found == control.end() ? PamAction{} : found->second;
}

// What libpam thinks so far.
struct State {
  Impression impression = Impression::kNone;
  std::string status = "perm_denied";
};

class Walk {
 public:
  Walk(const std::vector<PamRule>& rules, const ModuleAnswers& answers)
      : rules_(rules), answers_(answers) {}

  DispatchResult Run() {
    std::size_t at = 0;
    while (at < rules_.size()) at = Step(at);
    result_.success = now_.impression == Impression::kPositive && now_.status == "success";
    return std::move(result_);
  }

 private:
  // Where it goes on.
  std::size_t Step(std::size_t at) {
    const PamRule& rule = rules_[at];
    Enter(rule);
    result_.called.push_back(at);
    const std::string answer = answers_(rule);
    const PamAction action = ActionFor(rule.control, answer);
    switch (action.kind) {
      case Kind::kIgnore:
        break;
      case Kind::kReset:
        now_ = before_[rule.substacks.size()];
        break;
      case Kind::kOk:
      case Kind::kDone:
        TakeGood(answer);
        if (action.kind == Kind::kDone && now_.impression == Impression::kPositive) {
          return EndOf(at);
        }
        break;
      case Kind::kBad:
      case Kind::kDie:
        Refuse(answer);
        if (action.kind == Kind::kDie) return EndOf(at);
        break;
      case Kind::kJump:
        return Jump(at, action.jump);
    }
    return at + 1;
  }

  // Remembers how it stood in front of each substack that begins here.
  void Enter(const PamRule& rule) {
    std::size_t common = 0;
    while (common < inside_.size() && common < rule.substacks.size() &&
           inside_[common] == rule.substacks[common]) {
      ++common;
    }
    before_.resize(common + 1);
    before_.resize(rule.substacks.size() + 1, now_);
    inside_ = rule.substacks;
  }

  void TakeGood(const std::string& answer) {
    const bool open = now_.impression == Impression::kNone ||
                      (now_.impression == Impression::kPositive && now_.status == "success");
    if (open) now_ = {Impression::kPositive, answer};
  }

  void Refuse(const std::string& answer) {
    if (now_.impression == Impression::kNegative) return;
    now_ = {Impression::kNegative, answer};
  }

  // Whether the rule is in the innermost substack of this one.
  static bool Within(const PamRule& rule, const PamRule& of) {
    const std::size_t depth = of.substacks.size();
    return rule.substacks.size() >= depth &&
           std::equal(of.substacks.begin(), of.substacks.end(), rule.substacks.begin());
  }

  // Behind the substack that the rule is in, or behind all.
  std::size_t EndOf(std::size_t at) const {
    const PamRule& rule = rules_[at];
    while (at < rules_.size() && Within(rules_[at], rule)) ++at;
    return at;
  }

  // A substack counts once.
  std::size_t Jump(std::size_t from, int count) {
    const PamRule& rule = rules_[from];
    const std::size_t depth = rule.substacks.size();
    std::size_t at = from + 1;
    while (count > 0 && at < rules_.size() && Within(rules_[at], rule)) {
      if (rules_[at].substacks.size() == depth) {
        ++at;
      } else {
        const int inner = rules_[at].substacks[depth];
        while (at < rules_.size() && rules_[at].substacks.size() > depth &&
               rules_[at].substacks[depth] == inner) {
          ++at;
        }
      }
      --count;
    }
    if (count > 0) {
      if (result_.bad_jump < 0) result_.bad_jump = static_cast<int>(from);
      now_ = {Impression::kNegative, "perm_denied"};
    }
    return at;
  }

  const std::vector<PamRule>& rules_;
  const ModuleAnswers& answers_;
  State now_;
  std::vector<State> before_{State()};  // by depth
  std::vector<int> inside_;
  DispatchResult result_;
};

}  // namespace

DispatchResult Dispatch(const std::vector<PamRule>& rules, const ModuleAnswers& answers) {
  return Walk(rules, answers).Run();
}

}  // namespace sspr::doctor
