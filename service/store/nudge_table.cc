// SPDX-License-Identifier: Apache-2.0
#include "service/store/nudge_table.h"

#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

NudgeRecord NudgeOf(soci::session& sql, const std::string& user) {
  long long times = 0;
  long long until = 0;
  sql << "SELECT snoozed_times, snoozed_until FROM nudges WHERE user_id = :user", soci::into(times),
      soci::into(until), soci::use(user, "user");
  return {.snoozed_times = static_cast<int>(times), .snoozed_until = until};
}

}  // namespace

NudgeRecord NudgeTable::Find(std::string_view user_id) {
  return database_.Read([&](soci::session& sql) { return NudgeOf(sql, std::string(user_id)); });
}

std::map<std::string, NudgeRecord> NudgeTable::All() {
  return database_.Read([](soci::session& sql) {
    std::map<std::string, NudgeRecord> all;
    const soci::rowset<soci::row> rows =
        (sql.prepare << "SELECT user_id, snoozed_times, snoozed_until FROM nudges");
    for (const soci::row& row : rows) {
      all[row.get<std::string>(0)] = {.snoozed_times = static_cast<int>(row.get<long long>(1)),
                                      .snoozed_until = row.get<long long>(2)};
    }
    return all;
  });
}

bool NudgeTable::Snooze(std::string_view user_id, int most, UnixSeconds until, UnixSeconds now) {
  return database_.Write([&](soci::session& sql) {
    const std::string user(user_id);
    const NudgeRecord before = NudgeOf(sql, user);
    if (before.snoozed_until > now || (most != 0 && before.snoozed_times >= most)) return false;
    const long long times = before.snoozed_times + 1;
    const long long at = until;
    sql << "INSERT INTO nudges (user_id, snoozed_times, snoozed_until) VALUES (:user, :times, "
           ":until) ON CONFLICT (user_id) DO UPDATE SET snoozed_times = excluded.snoozed_times, "
           "snoozed_until = excluded.snoozed_until",
        soci::use(user, "user"), soci::use(times, "times"), soci::use(at, "until");
    return true;
  });
}

void NudgeTable::Forget(std::string_view user_id) {
  database_.Write([&](soci::session& sql) {
    const std::string user(user_id);
    sql << "DELETE FROM nudges WHERE user_id = :user", soci::use(user, "user");
  });
}

std::int64_t NudgeTable::PolicyVersion() {
  return database_.Read([](soci::session& sql) {
    long long version = 0;
    sql << "SELECT COALESCE(MAX(version), 0) FROM policy_changes", soci::into(version);
    return std::int64_t{version};
  });
}

}  // namespace sspr::service
