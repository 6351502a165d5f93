// SPDX-License-Identifier: Apache-2.0
#include "service/metrics/figures.h"

#include <algorithm>

#include "service/audit/audit_search.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kKeepSeconds = 60;
constexpr int kMostHours = 31 * 24;

void Add(HourFigures& hour, const AuditCount& count) {
  const std::string& event = count.event;
  const std::string& outcome = count.outcome;
  const auto add = [&](long long& figure, bool counts) { figure += counts ? count.count : 0; };
  add(hour.limits_hit, outcome == "limited");
  add(hour.resets_started, event == "reset.start" && outcome == "started");
  add(hour.resets_succeeded, event == "reset.finish" && outcome == "succeeded");
  add(hour.resets_failed, event == "reset.finish" && outcome == "failed");
  add(hour.unlocks, event == "unlock.finish" && outcome == "succeeded");
  add(hour.challenges, event == "reset.challenge" && outcome == "opened");
  add(hour.proofs_passed, event == "reset.gate" && outcome == "passed");
  add(hour.proofs_failed, event == "reset.gate" && outcome == "failed");
  const bool is_sign_in = event.starts_with("signin.");
  add(hour.sign_ins, is_sign_in && outcome == "succeeded");
  add(hour.sign_ins_failed, is_sign_in && outcome == "failed");
  add(hour.methods_added, event.starts_with("method.add"));
  add(hour.admin_changes, event.starts_with("admin."));
}

}  // namespace

Result<std::vector<HourFigures>> Figures::LastHours(int hours) {
  const int wanted = std::clamp(hours, 1, kMostHours);
  const UnixSeconds now = clock_.Now();
  const UnixSeconds newest = now - now % kHourSeconds;
  const std::lock_guard lock(mutex_);
  const bool fresh = now >= kept_at_ && now - kept_at_ < kKeepSeconds && !kept_.empty() &&
                     kept_.back().hour == newest;
  if (!fresh || kept_.size() < static_cast<std::size_t>(wanted)) {
    const UnixSeconds oldest = newest - (wanted - 1) * kHourSeconds;
    const auto counts = AuditSearch(database_).CountPerHour(oldest);
    if (!counts.ok()) return counts.error();
    std::vector<HourFigures> made(static_cast<std::size_t>(wanted));
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i].hour = oldest + static_cast<UnixSeconds>(i) * kHourSeconds;
    }
    for (const AuditCount& count : *counts) {
      const UnixSeconds place = (count.hour - oldest) / kHourSeconds;
      if (place < 0 || place >= wanted) continue;  // a clock that went back
      Add(made[static_cast<std::size_t>(place)], count);
    }
    kept_ = std::move(made);
    kept_at_ = now;
  }
  return std::vector<HourFigures>(kept_.end() - wanted, kept_.end());
}

}  // namespace sspr::service
