// SPDX-License-Identifier: Apache-2.0
#include "service/operators/campaign_view.h"

#include <algorithm>

#include "service/engine/offers.h"
#include "service/policy/audience.h"
#include "service/policy/policy.h"
#include "service/store/user_pages.h"

namespace sspr::service {
namespace {

constexpr int kBatch = 1000;
constexpr UnixSeconds kKeptSeconds = 5 * 60;

std::string GroupText(const std::vector<std::string>& groups) {
  std::string text;
  for (const std::string& group : groups) text += (text.empty() ? "" : " ") + group;
  return text;
}

bool IsDue(const UserAndMethods& one, const Policy& policy, UnixSeconds now) {
  UnixSeconds confirmed = one.user.methods_confirmed_at;
  for (const MethodRecord& method : one.methods) confirmed = std::max(confirmed, method.added_at);
  return policy.reconfirm_days > 0 && now - confirmed > policy.reconfirm_days * kDaySeconds;
}

void Count(CampaignCounts& counts, bool registered, bool due) {
  ++counts.in_scope;
  counts.registered += registered ? 1 : 0;
  counts.to_confirm += registered && due ? 1 : 0;
}

}  // namespace

CampaignFigures CampaignView::Figures() {
  const std::lock_guard lock(mutex_);
  const UnixSeconds now = foundation_.clock().Now();
  const UnixSeconds age = now - kept_.counted_at;
  if (kept_.counted_at != 0 && age >= 0 && age < kKeptSeconds) return kept_;
  const Policy policy = LoadPolicy(*foundation_.store);
  CampaignFigures figures;
  std::string after;
  for (;;) {
    const auto batch = UserPages(*foundation_.database).Batch(after, kBatch);
    for (const UserAndMethods& one : batch) {
      if (!one.user.enabled) continue;
      ++figures.users;
      if (!IsInScope(policy, one.user.groups)) continue;
      const bool registered =
          IsRegistered(one.methods, PolicyFor(policy, one.user.groups), kKnowsEverything, now);
      const bool due = IsDue(one, policy, now);
      Count(figures.all, registered, due);
      for (const std::string& group : one.user.groups) {
        Count(figures.by_group[group], registered, due);
      }
    }
    if (batch.size() < static_cast<std::size_t>(kBatch)) break;
    after = batch.back().user.username;
  }
  figures.counted_at = now;
  kept_ = figures;
  return figures;
}

std::vector<MissingUser> CampaignView::Missing(std::string_view group, std::string_view after,
                                               int limit) {
  const Policy policy = LoadPolicy(*foundation_.store);
  const UnixSeconds now = foundation_.clock().Now();
  std::vector<MissingUser> missing;
  std::string from(after);
  for (;;) {
    const auto batch = UserPages(*foundation_.database).Batch(from, kBatch);
    for (const UserAndMethods& one : batch) {
      const auto& groups = one.user.groups;
      if (!one.user.enabled || !IsInScope(policy, groups)) continue;
      if (!group.empty() && std::ranges::find(groups, group) == groups.end()) continue;
      if (IsRegistered(one.methods, PolicyFor(policy, groups), kKnowsEverything, now)) continue;
      missing.push_back({.id = one.user.id,
                         .username = one.user.username,
                         .display_name = one.user.display_name,
                         .groups = GroupText(groups)});
      if (missing.size() == static_cast<std::size_t>(limit)) return missing;
    }
    if (batch.size() < static_cast<std::size_t>(kBatch)) return missing;
    from = batch.back().user.username;
  }
}

}  // namespace sspr::service
