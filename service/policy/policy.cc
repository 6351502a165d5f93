// SPDX-License-Identifier: Apache-2.0
#include "service/policy/policy.h"

#include <set>

#include "service/methods/method_kind.h"
#include "service/policy/policy_keys.h"

namespace sspr::service {
namespace {

constexpr int kMinLengthAlone = 15;      // NIST SP 800-63B-4, 3.1.1.2
constexpr int kMinLengthWithSecond = 8;  // the same
constexpr int kCodeDigitsAlone = 8;
constexpr int kCodeDigitsWithSecond = 6;

// The number of gates that the methods that are on can fill.
int GatesToFill(const Policy& policy, bool for_administrators) {
  std::set<MethodClass> classes;
  bool one_opens = false;
  for (const MethodTraits& traits : kMethodTraits) {
    if (!policy.Enables(traits.kind) || (for_administrators && !traits.for_administrators)) {
      continue;
    }
    classes.insert(traits.of_class);
    // An approval stands beside another proof only, and a passkey on the portal's pages only.
    one_opens = one_opens || (traits.may_open && traits.form != ProofForm::kAnsweredElsewhere);
  }
  return one_opens ? static_cast<int>(classes.size()) : 0;
}

// A sentence, or nothing when the keys fit together.
const char* Contradiction(const Policy& policy) {
  if (GatesToFill(policy, false) == 0) {
    return "one kind of method that can stand alone must stay on";
  }
  if (policy.required_gates > GatesToFill(policy, false)) {
    return "two gates need methods of two kinds: turn them on, or require one gate";
  }
  if (!policy.administrator_groups.empty() && GatesToFill(policy, true) < 2) {
    return "administrators need two kinds of methods that are no questions: turn them on, or empty "
           "administrators.groups";
  }
  if (policy.risk_two_gates_from != 0 && GatesToFill(policy, false) < 2) {
    return "risk.two_gates_from needs methods of two kinds: turn them on, or set it to never";
  }
  if (policy.risk_block_helpless != 0 && policy.help_desk_text.empty() &&
      policy.help_desk_url.empty()) {
    return "risk.block_without_methods needs a way forward: set helpdesk.text or helpdesk.url "
           "first";
  }
  if (policy.min_length != 0 && policy.min_length < kMinLengthWithSecond) {
    return "password.min_length must be 0 or at least 8";
  }
  if (policy.authenticator_digits == 7) return "authenticator.digits must be 6 or 8";
  if (policy.scope == static_cast<int>(Scope::kGroups) && policy.scope_groups.empty()) {
    return "name the groups first: reset.groups is empty, so nobody could reset";
  }
  return nullptr;
}

}  // namespace

int Policy::MinLength(int gates) const {
  if (min_length != 0) return min_length;
  return gates >= 2 ? kMinLengthWithSecond : kMinLengthAlone;
}

bool Policy::Enables(MethodKind kind) const { return this->*SettingsOf(kind).enabled != 0; }

int Policy::CodeDigits() const {
  return tenant_gates >= 2 ? kCodeDigitsWithSecond : kCodeDigitsAlone;
}

Policy LoadPolicy(FlowStore& store) {
  static const Policy defaults = [] {
    Policy made;
    for (const PolicyKey& key : PolicyKeys()) {
      (void)PutPolicyValue(made, key, PolicyDefaultText(key));
    }
    return made;
  }();
  Policy policy = defaults;
  for (const auto& [name, text] : store.ListSettings()) {
    const PolicyKey* const key = FindPolicyKey(name);
    if (key == nullptr) continue;  // of another part, or of a newer program
    if (!PutPolicyValue(policy, *key, text)) {
      throw StoreFailure("the setting " + name + " is out of bounds");
    }
  }
  policy.tenant_gates = policy.required_gates;
  return policy;
}

Result<ChangedSetting> ChangedPolicy(const Policy& policy, std::string_view name,
                                     std::string_view text) {
  const PolicyKey* const key = FindPolicyKey(name);
  if (key == nullptr) return Error{Errc::kDenied, "there is no such policy key"};
  ChangedSetting changed{.policy = policy, .value = {}};
  if (!PutPolicyValue(changed.policy, *key, text)) {
    return Error{Errc::kPolicy, std::string(key->name) + ": " + key->help};
  }
  changed.policy.tenant_gates = changed.policy.required_gates;
  if (const char* const sentence = Contradiction(changed.policy)) {
    return Error{Errc::kPolicy, sentence};
  }
  changed.value = PolicyValueText(changed.policy, *key);
  return changed;
}

}  // namespace sspr::service
