// SPDX-License-Identifier: Apache-2.0
#include "service/campaign/campaign.h"

#include <algorithm>
#include <exception>
#include <map>

#include "service/engine/offers.h"
#include "service/engine/risk.h"
#include "service/methods/method_kind.h"
#include "service/policy/audience.h"
#include "service/policy/snooze_rules.h"
#include "service/policy/user_name.h"
#include "service/store/nudge_table.h"

namespace sspr::service {
namespace {

constexpr char kNoGroup[] = "-";
constexpr char kEverybody[] = "*";

// Graph's methodsRegistered, where it has a word.
const char* GraphName(MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
      return "email";
    case MethodKind::kAuthenticatorCode:
      return "softwareOneTimePasscode";
    case MethodKind::kSmsCode:
      return "mobilePhone";
    case MethodKind::kVoiceCode:
      return "alternateMobilePhone";
    case MethodKind::kQuestions:
      return "securityQuestion";
    case MethodKind::kTemporaryPass:
      return "temporaryAccessPass";
    case MethodKind::kApproval:
      return "microsoftAuthenticatorPush";
    case MethodKind::kPasskey:
      return "passKeyDeviceBound";
    case MethodKind::kRecoveryCode:
      break;
  }
  return Name(kind);
}

std::vector<std::string> NamesOf(const std::vector<MethodRecord>& methods) {
  std::vector<std::string> names;
  for (const MethodRecord& method : methods) {
    if (method.kind == MethodKind::kTemporaryPass) continue;  // is not the person's
    const std::string name = GraphName(method.kind);
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

// When the methods were last said to be right.
UnixSeconds ConfirmedAt(UnixSeconds by_person, const std::vector<MethodRecord>& methods) {
  for (const MethodRecord& method : methods) by_person = std::max(by_person, method.added_at);
  return by_person;
}

template <typename T, typename Work>
Result<T> Guarded(Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

}  // namespace

Campaign::Campaign(EngineParts parts, SqlDatabase& database)
    : parts_(std::move(parts)), nudges_(std::make_unique<NudgeTable>(database)) {}

Campaign::~Campaign() = default;

RegistrationState Campaign::Judge(const std::optional<DirectoryUser>& user) {
  const Policy tenant = LoadPolicy(parts_.store);
  RegistrationState state;
  state.policy_version = nudges_->PolicyVersion();
  state.required_gates = tenant.tenant_gates;
  if (!user || !user->enabled) return state;
  const Policy own = PolicyOf(parts_, tenant, *user);
  const UnixSeconds now = parts_.clock.Now();
  const std::vector<MethodRecord> methods = parts_.store.ListMethods(user->id);
  state.enabled = IsInScope(tenant, user->groups);
  state.registered = IsRegistered(methods, own, kKnowsEverything, now);
  state.capable = state.enabled && state.registered;
  state.methods = NamesOf(methods);
  state.required_gates = own.required_gates;
  bool is_due = !state.registered;
  if (state.registered && tenant.reconfirm_days > 0) {
    const auto record = parts_.store.GetUser(user->id);
    state.reconfirm_at = ConfirmedAt(record ? record->methods_confirmed_at : 0, methods) +
                         tenant.reconfirm_days * kDaySeconds;
    is_due = now >= state.reconfirm_at;
  }
  const NudgeRecord nudge = nudges_->Find(user->id);
  if (!state.enabled || !is_due) {
    // The next nudge, after the methods were removed or grew old, is a new one.
    if (state.registered && nudge.snoozed_times > 0) nudges_->Forget(user->id);
    return state;
  }
  const SnoozeRule rule = SnoozeRuleFor(tenant, user->groups);
  state.snoozed_times = nudge.snoozed_times;
  state.snoozed_until = nudge.snoozed_until;
  if (rule.days == 0) {
    state.snoozes_left = 0;
  } else {
    state.snoozes_left = rule.times == 0 ? -1 : std::max(0, rule.times - nudge.snoozed_times);
  }
  state.nudge_due = now >= nudge.snoozed_until;
  return state;
}

Result<RegistrationState> Campaign::StateOf(std::string_view username) {
  return Guarded<RegistrationState>(
      [&] { return Judge(parts_.directory.Find(CanonicalUserName(username).value_or(""))); });
}

Result<RegistrationState> Campaign::StateById(std::string_view user_id) {
  return Guarded<RegistrationState>([&] { return Judge(parts_.directory.Get(user_id)); });
}

Result<RegistrationState> Campaign::PutOff(const std::optional<DirectoryUser>& user,
                                           const Caller& caller) {
  const RegistrationState state = Judge(user);
  const Error refusal{Errc::kPolicy, "the nudge cannot be put off"};
  if (!user || !state.nudge_due || state.snoozes_left == 0) return refusal;
  const SnoozeRule rule = SnoozeRuleFor(LoadPolicy(parts_.store), user->groups);
  const UnixSeconds now = parts_.clock.Now();
  Record(parts_,
         {.event = "campaign.snooze",
          .outcome = "done",
          .user_id = user->id,
          .username = user->username,
          .client_id = caller.client_id,
          .address = caller.address,
          .device = caller.device_id,
          .correlation_id = caller.correlation_id},
         AuditLog::Weight::kNormal);
  if (!nudges_->Snooze(user->id, rule.times, now + rule.days * kDaySeconds, now)) return refusal;
  return Judge(user);
}

Result<RegistrationState> Campaign::Snooze(std::string_view username, const Caller& caller) {
  return Guarded<RegistrationState>([&] {
    return PutOff(parts_.directory.Find(CanonicalUserName(username).value_or("")), caller);
  });
}

Result<RegistrationState> Campaign::SnoozeById(std::string_view user_id, const Caller& caller) {
  return Guarded<RegistrationState>([&] { return PutOff(parts_.directory.Get(user_id), caller); });
}

Result<std::vector<GroupProgress>> Campaign::Report() {
  return Guarded<std::vector<GroupProgress>>([&] {
    const Policy tenant = LoadPolicy(parts_.store);
    const UnixSeconds now = parts_.clock.Now();
    const std::map<std::string, NudgeRecord> nudges = nudges_->All();
    std::map<std::string, GroupProgress> groups;
    GroupProgress all{.group = kEverybody};
    for (const UserRecord& user : parts_.store.ListUsers()) {
      if (!user.enabled || !IsInScope(tenant, user.groups)) continue;
      const std::vector<MethodRecord> methods = parts_.store.ListMethods(user.id);
      const bool registered =
          IsRegistered(methods, PolicyFor(tenant, user.groups), kKnowsEverything, now);
      const bool old = registered && tenant.reconfirm_days > 0 &&
                       now - ConfirmedAt(user.methods_confirmed_at, methods) >
                           tenant.reconfirm_days * kDaySeconds;
      const bool snoozed = !registered && nudges.contains(user.id);
      const auto count = [&](GroupProgress& progress) {
        ++progress.users;
        progress.registered += registered ? 1 : 0;
        progress.to_confirm += old ? 1 : 0;
        progress.snoozed += snoozed ? 1 : 0;
      };
      count(all);
      for (const std::string& group : user.groups) count(groups[group]);
      if (user.groups.empty()) count(groups[kNoGroup]);
    }
    std::vector<GroupProgress> report;
    for (auto& [name, progress] : groups) {
      progress.group = name;
      report.push_back(progress);
    }
    report.push_back(all);
    return report;
  });
}

}  // namespace sspr::service
