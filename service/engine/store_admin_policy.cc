// SPDX-License-Identifier: Apache-2.0
// The policy for the administrator: settings, their history, what a change would do, and who has
// not registered.
#include <algorithm>
#include <set>

#include "service/engine/guarded.h"
#include "service/engine/offers.h"
#include "service/engine/store_admin.h"
#include "service/policy/audience.h"
#include "service/policy/banned_terms.h"
#include "service/policy/password_rules.h"
#include "service/policy/policy_keys.h"

namespace sspr::service {
namespace {

bool CanReset(const UserRecord& user, const std::vector<MethodRecord>& methods,
              const Policy& policy, UnixSeconds now) {
  return user.enabled && IsInScope(policy, user.groups) &&
         IsRegistered(methods, PolicyFor(policy, user.groups), kKnowsEverything, now);
}

}  // namespace

Result<std::vector<PolicyEntry>> StoreAdmin::ListPolicy() {
  return Guarded<std::vector<PolicyEntry>>([&]() -> Result<std::vector<PolicyEntry>> {
    const Policy policy = LoadPolicy(store_);
    std::vector<PolicyEntry> entries;
    for (const PolicyKey& key : PolicyKeys()) {
      entries.push_back({.key = key.name,
                         .value = PolicyValueText(policy, key),
                         .default_value = PolicyDefaultText(key),
                         .help = key.help});
    }
    return entries;
  });
}

Result<PolicyEntry> StoreAdmin::GetPolicy(std::string_view name) {
  const Result<std::vector<PolicyEntry>> entries = ListPolicy();
  if (!entries.ok()) return entries.error();
  for (const PolicyEntry& entry : *entries) {
    if (entry.key == name) return entry;
  }
  return Error{Errc::kDenied, "there is no such policy key"};
}

Status StoreAdmin::SetPolicy(std::string_view name, std::string_view value) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<ChangedSetting> changed = ChangedPolicy(LoadPolicy(store_), name, value);
    if (!changed.ok()) return changed.error();
    Note("admin.policy", nullptr, std::string(name) + "=" + changed->value);
    (void)store_.ChangePolicy(name, changed->value, clock_.Now());
    return Ok();
  });
}

Result<std::vector<PolicyChange>> StoreAdmin::PolicyHistory() {
  return Guarded<std::vector<PolicyChange>>([&]() -> Result<std::vector<PolicyChange>> {
    std::vector<PolicyChange> changes;
    for (PolicyChangeRecord& change : store_.PolicyHistory()) {
      changes.push_back({.version = change.version,
                         .at = change.at,
                         .key = std::move(change.name),
                         .old_value = std::move(change.old_value),
                         .new_value = std::move(change.new_value)});
    }
    return changes;
  });
}

Result<PolicyForecast> StoreAdmin::SimulatePolicy(std::string_view name, std::string_view value) {
  return Guarded<PolicyForecast>([&]() -> Result<PolicyForecast> {
    const Policy before = LoadPolicy(store_);
    const Result<ChangedSetting> changed = ChangedPolicy(before, name, value);
    if (!changed.ok()) return changed.error();
    PolicyForecast forecast;
    const UnixSeconds now = clock_.Now();
    for (const UserRecord& user : store_.ListUsers()) {
      const std::vector<MethodRecord> methods = store_.ListMethods(user.id);
      const bool could = CanReset(user, methods, before, now);
      const bool can = CanReset(user, methods, changed->policy, now);
      ++forecast.users;
      forecast.able_now += could ? 1 : 0;
      forecast.able_then += can ? 1 : 0;
      if (could && !can) forecast.stranded.push_back(user.username);
    }
    return forecast;
  });
}

Result<std::vector<std::string>> StoreAdmin::ListBannedTerms() {
  return Guarded<std::vector<std::string>>([&] { return store_.BannedTerms(); });
}

Status StoreAdmin::AddBannedTerms(const std::vector<std::string>& typed) {
  return Guarded<Nothing>([&]() -> Status {
    const std::vector<std::string> before = store_.BannedTerms();
    std::set<std::string> all(before.begin(), before.end());
    std::vector<std::string> terms;
    for (const std::string& word : typed) {
      const Result<std::string> term = BannedTermOf(word);
      if (!term.ok()) return Error{term.error().code, word + ": " + term.error().detail};
      all.insert(*term);
      terms.push_back(*term);
    }
    if (all.size() > kMostBannedTerms) {
      return Error{Errc::kPolicy, "there is room for 1000 banned words; this would make " +
                                      std::to_string(all.size())};
    }
    Note("admin.banned.add", nullptr, std::to_string(terms.size()) + " words");
    store_.ChangeBannedTerms(terms, {});
    return Ok();
  });
}

Status StoreAdmin::RemoveBannedTerm(std::string_view word) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<std::string> term = BannedTermOf(word);
    if (!term.ok()) return term.error();
    const std::vector<std::string> terms = store_.BannedTerms();
    if (std::ranges::find(terms, *term) == terms.end()) {
      return Error{Errc::kDenied, "that word is not in the list of the organisation"};
    }
    Note("admin.banned.remove", nullptr, *term);
    store_.ChangeBannedTerms({}, {*term});
    return Ok();
  });
}

Result<CampaignReport> StoreAdmin::ReportCampaign() {
  return Guarded<CampaignReport>([&]() -> Result<CampaignReport> {
    const Policy policy = LoadPolicy(store_);
    const UnixSeconds now = clock_.Now();
    CampaignReport report;
    for (const UserRecord& user : store_.ListUsers()) {
      if (!user.enabled) continue;
      ++report.users;
      if (!IsInScope(policy, user.groups)) continue;
      ++report.in_scope;
      const std::vector<MethodRecord> methods = store_.ListMethods(user.id);
      if (!CanReset(user, methods, policy, now)) {
        report.missing.push_back(user.username);
        continue;
      }
      ++report.registered;
      UnixSeconds confirmed = user.methods_confirmed_at;
      for (const MethodRecord& method : methods) confirmed = std::max(confirmed, method.added_at);
      const bool is_due =
          policy.reconfirm_days > 0 && now - confirmed > policy.reconfirm_days * kDaySeconds;
      report.to_confirm += is_due ? 1 : 0;
    }
    return report;
  });
}

}  // namespace sspr::service
