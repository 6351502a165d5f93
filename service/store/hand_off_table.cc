// SPDX-License-Identifier: Apache-2.0
#include "service/store/hand_off_table.h"

#include "service/store/sql_access.h"
#include "service/store/sql_records.h"

namespace soci {

using sspr::service::AsInt;
using sspr::service::AsLong;
using sspr::service::AsText;
using sspr::service::Put;

template <>
struct type_conversion<sspr::service::HandOff> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::HandOff& hand_off) {
    hand_off.id = AsText(row, "id");
    hand_off.flow_id = AsText(row, "flow_id");
    hand_off.code_digest = AsText(row, "code_digest");
    hand_off.token_digest = AsText(row, "token_digest");
    hand_off.state = static_cast<sspr::service::HandOffState>(AsInt(row, "state"));
    hand_off.expires_at = AsLong(row, "expires_at");
    hand_off.polled_at = AsLong(row, "polled_at");
  }
  static void to_base(const sspr::service::HandOff& hand_off, values& row, indicator& state) {
    Put(row, "id", hand_off.id);
    Put(row, "flow_id", hand_off.flow_id);
    Put(row, "code_digest", hand_off.code_digest);
    Put(row, "token_digest", hand_off.token_digest);
    Put(row, "state", static_cast<long long>(hand_off.state));
    Put(row, "expires_at", hand_off.expires_at);
    Put(row, "polled_at", hand_off.polled_at);
    state = i_ok;
  }
};

}  // namespace soci

namespace sspr::service {
namespace {

using soci::into;
using soci::use;

constexpr UnixSeconds kHandOffKeptSeconds = 2 * 3600;  // as long as flows are

}  // namespace

bool HandOffTable::Insert(const HandOff& hand_off) {
  return database_->Write({}, [&](soci::session& sql) {
    sql << "DELETE FROM hand_offs WHERE flow_id = :flow", use(hand_off.flow_id, "flow");
    soci::statement insert =
        (sql.prepare
             << "INSERT INTO hand_offs (id, flow_id, code_digest, token_digest, state, expires_at, "
                "polled_at) VALUES (:id, :flow_id, :code_digest, :token_digest, :state, "
                ":expires_at, :polled_at) ON CONFLICT DO NOTHING",
         use(hand_off));
    return Execute(insert) == 1;
  });
}

std::optional<HandOff> HandOffTable::FindByFlow(std::string_view flow_id) {
  const std::string flow(flow_id);
  return database_->Read([&](soci::session& sql) -> std::optional<HandOff> {
    HandOff found;
    sql << "SELECT * FROM hand_offs WHERE flow_id = :flow", into(found), use(flow, "flow");
    if (!sql.got_data()) return std::nullopt;
    return found;
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
    HandOff found;
    sql << "SELECT * FROM hand_offs WHERE code_digest = :digest", into(found),
        use(digest, "digest");
    if (!sql.got_data()) return std::nullopt;
    return found;
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
