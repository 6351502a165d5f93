// SPDX-License-Identifier: Apache-2.0
#include "service/store/following_table.h"

#include "service/store/sql_access.h"
#include "service/store/sql_records.h"

namespace soci {

template <>
struct type_conversion<sspr::service::FollowingRecord> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::FollowingRecord& record) {
    using sspr::service::AsInt;
    using sspr::service::AsLong;
    using sspr::service::AsText;
    record.id = AsText(row, "id");
    record.transaction_id = AsText(row, "transaction_id");
    record.follower = AsText(row, "follower");
    record.user_id = AsText(row, "user_id");
    record.username = AsText(row, "username");
    record.state = static_cast<sspr::service::FollowingState>(AsInt(row, "state"));
    record.tries = AsInt(row, "tries");
    record.queued_at = AsLong(row, "queued_at");
    record.gives_up_at = AsLong(row, "gives_up_at");
    record.ended_at = AsLong(row, "ended_at");
    record.reason = AsText(row, "reason");
  }
  static void to_base(const sspr::service::FollowingRecord& record, values& row, indicator& state) {
    using sspr::service::Put;
    Put(row, "id", record.id);
    Put(row, "transaction_id", record.transaction_id);
    Put(row, "follower", record.follower);
    Put(row, "user_id", record.user_id);
    Put(row, "username", record.username);
    Put(row, "state", static_cast<long long>(record.state));
    Put(row, "tries", record.tries);
    Put(row, "queued_at", record.queued_at);
    Put(row, "gives_up_at", record.gives_up_at);
    Put(row, "ended_at", record.ended_at);
    Put(row, "reason", record.reason);
    state = i_ok;
  }
};

}  // namespace soci

namespace sspr::service {
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
    sql << "INSERT INTO followings (id, transaction_id, follower, user_id, username, state, tries, "
           "queued_at, gives_up_at, ended_at, reason) VALUES (:id, :transaction_id, :follower, "
           ":user_id, :username, :state, :tries, :queued_at, :gives_up_at, :ended_at, :reason)",
        soci::use(record);
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
  return database_->Read([&](soci::session& sql) -> std::optional<FollowingRecord> {
    FollowingRecord record;
    const std::string key(id);
    sql << "SELECT * FROM followings WHERE id = :id", soci::into(record), soci::use(key, "id");
    if (!sql.got_data()) return std::nullopt;
    return record;
  });
}

std::vector<FollowingRecord> FollowingTable::List(FollowingState state, std::size_t most) {
  return database_->Read([&](soci::session& sql) {
    const auto wanted = static_cast<long long>(state);
    const auto limit = static_cast<long long>(most);
    const soci::rowset<FollowingRecord> rows =
        (sql.prepare << "SELECT * FROM followings WHERE state = :state ORDER BY queued_at, id "
                        "LIMIT :most",
         soci::use(wanted, "state"), soci::use(limit, "most"));
    return std::vector<FollowingRecord>(rows.begin(), rows.end());
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
