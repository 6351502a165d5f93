// SPDX-License-Identifier: Apache-2.0
#include "service/store/following_table.h"

#include "service/store/plain_row.h"
#include "service/store/sql_access.h"

namespace sspr::service {

template <>
struct Columns<FollowingRecord> {
  static constexpr char kTable[] = "followings";
  template <typename Visitor>
  static void Visit(FollowingRecord& record, Visitor visit) {
    visit("id", record.id);
    visit("transaction_id", record.transaction_id);
    visit("follower", record.follower);
    visit("user_id", record.user_id);
    visit("username", record.username);
    visit("state", record.state);
    visit("tries", record.tries);
    visit("queued_at", record.queued_at);
    visit("gives_up_at", record.gives_up_at);
    visit("ended_at", record.ended_at);
    visit("reason", record.reason);
  }
};

namespace {

constexpr UnixSeconds kKept = 30 * kDaySeconds;
constexpr long long kWaits = 0;

LockKeys KeysOfFollowing(const std::string& user_id) { return {"following:" + user_id}; }

}  // namespace

const char* Name(FollowingState state) {
  switch (state) {
    case FollowingState::kWaiting:
      return "waiting";
    case FollowingState::kFollowed:
      return "followed";
    case FollowingState::kNobody:
      return "nobody";
    case FollowingState::kDead:
      return "dead";
    case FollowingState::kReplaced:
      return "replaced";
  }
  return "unknown";
}

bool FollowingTable::Insert(const FollowingRecord& record) {
  return database_->Write(KeysOfFollowing(record.user_id), [&](soci::session& sql) {
    long long count = 0;
    sql << "SELECT COUNT(*) FROM followings WHERE id = :id", soci::into(count),
        soci::use(record.id, "id");
    if (count != 0) return false;
    const long long now = record.queued_at;
    const long long forgotten = record.queued_at - kKept;
    sql << "DELETE FROM followings WHERE state <> 0 AND ended_at < :t", soci::use(forgotten, "t");
    const auto replaced = static_cast<long long>(FollowingState::kReplaced);
    sql << "UPDATE followings SET state = :to, ended_at = :now WHERE user_id = :user AND "
           "follower = :follower AND state = 0",
        soci::use(replaced, "to"), soci::use(now, "now"), soci::use(record.user_id, "user"),
        soci::use(record.follower, "follower");
    InsertRow(sql, record);
    return true;
  });
}

void FollowingTable::NoteTry(std::string_view id, int tries, const std::string& reason) {
  database_->Write([&](soci::session& sql) {
    const std::string key(id);
    sql << "UPDATE followings SET tries = :tries, reason = :reason WHERE id = :id AND state = 0",
        soci::use(tries, "tries"), soci::use(reason, "reason"), soci::use(key, "id");
  });
}

bool FollowingTable::End(std::string_view id, FollowingState state, int tries,
                         const std::string& reason, UnixSeconds now) {
  return database_->Write([&](soci::session& sql) {
    const std::string key(id);
    const auto to = static_cast<long long>(state);
    const long long ended = now;
    soci::statement update =
        (sql.prepare << "UPDATE followings SET state = :to, tries = :tries, reason = :reason, "
                        "ended_at = :now WHERE id = :id AND state = 0",
         soci::use(to, "to"), soci::use(tries, "tries"), soci::use(reason, "reason"),
         soci::use(ended, "now"), soci::use(key, "id"));
    return Execute(update) == 1;
  });
}

std::vector<FollowingRecord> FollowingTable::BuryLost(std::optional<UnixSeconds> gave_up_before,
                                                      const std::string& reason, UnixSeconds now) {
  constexpr std::size_t kMostBuried = 10'000;
  std::vector<FollowingRecord> buried;
  for (FollowingRecord& record : List(FollowingState::kWaiting, kMostBuried)) {
    if (gave_up_before && record.gives_up_at >= *gave_up_before) continue;
    if (End(record.id, FollowingState::kDead, record.tries, reason, now)) {
      buried.push_back(std::move(record));
    }
  }
  return buried;
}

std::optional<FollowingRecord> FollowingTable::Find(std::string_view id) {
  return database_->Read([&](soci::session& sql) {
    const std::string key(id);
    return SelectRow<FollowingRecord>(sql, "WHERE id = :id", soci::use(key, "id"));
  });
}

std::vector<FollowingRecord> FollowingTable::List(FollowingState state, std::size_t most) {
  return database_->Read([&](soci::session& sql) {
    const auto wanted = static_cast<long long>(state);
    const auto limit = static_cast<long long>(most);
    return SelectRows<FollowingRecord>(sql,
                                       "WHERE state = :state ORDER BY queued_at, id LIMIT :most",
                                       soci::use(wanted, "state"), soci::use(limit, "most"));
  });
}

bool FollowingTable::Remove(std::string_view id) {
  return database_->Write([&](soci::session& sql) {
    const std::string key(id);
    soci::statement remove =
        (sql.prepare << "DELETE FROM followings WHERE id = :id AND state <> :waits",
         soci::use(key, "id"), soci::use(kWaits, "waits"));
    return Execute(remove) == 1;
  });
}

}  // namespace sspr::service
