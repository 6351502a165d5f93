// SPDX-License-Identifier: Apache-2.0
// Figures of the last hours for the charts of the admin pages, from the audit: so they are the same
// in every process, and there again after a restart.
#pragma once

#include <mutex>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/store/sql_database.h"

namespace sspr::service {

struct HourFigures {
  UnixSeconds hour = 0;  // its first second
  long long resets_started = 0;
  long long resets_succeeded = 0;
  long long resets_failed = 0;  // begun, and the directory refused
  long long unlocks = 0;
  long long challenges = 0;
  long long proofs_passed = 0;
  long long proofs_failed = 0;
  long long limits_hit = 0;
  long long sign_ins = 0;
  long long sign_ins_failed = 0;
  long long methods_added = 0;
  long long admin_changes = 0;
};

class Figures {
 public:
  // Both outlive it.
  Figures(SqlDatabase& database, const Clock& clock) : database_(database), clock_(clock) {}

  // One entry for each of the last hours, the oldest first and the running one last; at most 31
  // days. What it returns may be a minute old. kInternal when the database fails. Safe from several
  // threads at once.
  Result<std::vector<HourFigures>> LastHours(int hours);

 private:
  SqlDatabase& database_;
  const Clock& clock_;

  std::mutex mutex_;
  std::vector<HourFigures> kept_;
  UnixSeconds kept_at_ = 0;
};

}  // namespace sspr::service
