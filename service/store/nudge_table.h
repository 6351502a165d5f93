// SPDX-License-Identifier: Apache-2.0
// How often a person has put off the nudge to register, and until when. Throws StoreFailure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

struct NudgeRecord {
  int snoozed_times = 0;
  UnixSeconds snoozed_until = 0;
};

class NudgeTable {
 public:
  explicit NudgeTable(SqlDatabase& database) : database_(database) {}

  // All zero for a user who never put it off.
  NudgeRecord Find(std::string_view user_id);
  std::map<std::string, NudgeRecord> All();
  // One more time, unless it was put off `most` times already (0: without end) or is put off now:
  // false then.
  bool Snooze(std::string_view user_id, int most, UnixSeconds until, UnixSeconds now);
  void Forget(std::string_view user_id);

  // The newest version of the policy; 0 when nothing was ever changed.
  std::int64_t PolicyVersion();

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
