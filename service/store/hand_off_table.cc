// SPDX-License-Identifier: Apache-2.0
#include "service/store/hand_off_table.h"

#include "service/store/plain_row.h"
#include "service/store/sql_access.h"

namespace sspr::service {

template <>
struct Columns<HandOff> {
  static constexpr char kTable[] = "hand_offs";
  template <typename Visitor>
  static void Visit(HandOff& hand_off, Visitor visit) {
    visit("id", hand_off.id);
    visit("flow_id", hand_off.flow_id);
    visit("code_digest", hand_off.code_digest);
    visit("token_digest", hand_off.token_digest);
    visit("state", hand_off.state);
    visit("expires_at", hand_off.expires_at);
    visit("polled_at", hand_off.polled_at);
  }
};

namespace {

using soci::use;

constexpr UnixSeconds kHandOffKeptSeconds = 2 * 3600;  // as long as flows are

}  // namespace

bool HandOffTable::Insert(const HandOff& hand_off) {
  return database_->Write({}, [&](soci::session& sql) {
    sql << "DELETE FROM hand_offs WHERE flow_id = :flow", use(hand_off.flow_id, "flow");
    return InsertRow(sql, hand_off, " ON CONFLICT DO NOTHING") == 1;
  });
}

std::optional<HandOff> HandOffTable::FindByFlow(std::string_view flow_id) {
  const std::string flow(flow_id);
  return database_->Read([&](soci::session& sql) {
    return SelectRow<HandOff>(sql, "WHERE flow_id = :flow", use(flow, "flow"));
  });
}

std::optional<HandOff> HandOffTable::Take(std::string_view code_digest, UnixSeconds now) {
  const std::string digest(code_digest);
  const long long at = now;
  const long long taken = static_cast<long long>(HandOffState::kTaken);
  return database_->Write({}, [&](soci::session& sql) -> std::optional<HandOff> {
    soci::statement update =
        (sql.prepare << "UPDATE hand_offs SET state = :taken WHERE code_digest = :digest AND state "
                        "= 0 AND expires_at > :at",
         use(taken, "taken"), use(digest, "digest"), use(at, "at"));
    if (Execute(update) != 1) return std::nullopt;
    return SelectRow<HandOff>(sql, "WHERE code_digest = :digest", use(digest, "digest"));
  });
}

void HandOffTable::Refuse(std::string_view flow_id) {
  const std::string flow(flow_id);
  const long long refused = static_cast<long long>(HandOffState::kRefused);
  database_->Write({}, [&](soci::session& sql) {
    sql << "UPDATE hand_offs SET state = :refused WHERE flow_id = :flow", use(refused, "refused"),
        use(flow, "flow");
  });
}

bool HandOffTable::NotePoll(std::string_view hand_off_id, UnixSeconds now, int seconds) {
  const std::string id(hand_off_id);
  const long long at = now;
  const long long latest = now - seconds;
  return database_->Write({}, [&](soci::session& sql) {
    soci::statement update =
        (sql.prepare
             << "UPDATE hand_offs SET polled_at = :at WHERE id = :id AND polled_at <= :latest",
         use(at, "at"), use(id, "id"), use(latest, "latest"));
    return Execute(update) == 1;
  });
}

void HandOffTable::Prune(UnixSeconds now) {
  const long long oldest = now - kHandOffKeptSeconds;
  database_->Write({}, [&](soci::session& sql) {
    sql << "DELETE FROM hand_offs WHERE expires_at < :oldest", use(oldest, "oldest");
  });
}

}  // namespace sspr::service
