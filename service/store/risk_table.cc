// SPDX-License-Identifier: Apache-2.0
#include "service/store/risk_table.h"

#include "service/store/plain_row.h"
#include "service/store/sql_access.h"

namespace sspr::service {

template <>
struct Columns<OutboxRecord> {
  static constexpr char kTable[] = "risk_outbox";
  template <typename Visitor>
  static void Visit(OutboxRecord& record, Visitor visit) {
    visit("id", record.id);
    visit("external_id", record.external_id);
    visit("user_id", record.user_id);
    visit("transaction_id", record.transaction_id);
    visit("queued_at", record.queued_at);
    visit("not_before", record.not_before);
    visit("tries", record.tries);
  }
};

namespace {

std::optional<std::string> TextBy(soci::session& sql, const char* statement,
                                  const std::string& key) {
  std::string text;
  sql << statement, soci::into(text), soci::use(key, "key");
  if (!sql.got_data()) return std::nullopt;
  return text;
}

}  // namespace

bool RiskTable::PutExternalId(std::string_view user_id, std::string_view external_id) {
  return database_.Write([&](soci::session& sql) {
    const std::string user(user_id);
    const std::string id(external_id);
    const auto owner = TextBy(sql, "SELECT user_id FROM external_ids WHERE external_id = :key", id);
    if (!id.empty() && owner && *owner != user) return false;
    sql << "DELETE FROM external_ids WHERE user_id = :user", soci::use(user, "user");
    if (id.empty()) return true;
    sql << "INSERT INTO external_ids (external_id, user_id) VALUES (:id, :user)",
        soci::use(id, "id"), soci::use(user, "user");
    return true;
  });
}

std::optional<std::string> RiskTable::ExternalIdOf(std::string_view user_id) {
  return database_.Read([&](soci::session& sql) {
    return TextBy(sql, "SELECT external_id FROM external_ids WHERE user_id = :key",
                  std::string(user_id));
  });
}

std::optional<std::string> RiskTable::UserOf(std::string_view external_id) {
  return database_.Read([&](soci::session& sql) {
    return TextBy(sql, "SELECT user_id FROM external_ids WHERE external_id = :key",
                  std::string(external_id));
  });
}

bool RiskTable::TakeReport(std::string_view digest, UnixSeconds now, UnixSeconds forget_before) {
  return database_.Write({}, [&](soci::session& sql) {
    const std::string key(digest);
    const long long at = now;
    const long long before = forget_before;
    sql << "DELETE FROM risk_reports WHERE at < :before", soci::use(before, "before");
    soci::statement insert = (sql.prepare << "INSERT INTO risk_reports (digest, at) VALUES "
                                             "(:digest, :at) ON CONFLICT DO NOTHING",
                              soci::use(key, "digest"), soci::use(at, "at"));
    return Execute(insert) == 1;
  });
}

void RiskTable::NoteRemediation(std::string_view transaction_id, std::string_view user_id,
                                UnixSeconds now, const std::optional<OutboxRecord>& report) {
  database_.Write([&](soci::session& sql) {
    const std::string transaction(transaction_id);
    const std::string user(user_id);
    const long long at = now;
    soci::statement insert =
        (sql.prepare << "INSERT INTO risk_remediations (transaction_id, user_id, at) VALUES "
                        "(:transaction, :user, :at) ON CONFLICT DO NOTHING",
         soci::use(transaction, "transaction"), soci::use(user, "user"), soci::use(at, "at"));
    if (Execute(insert) == 1 && report) InsertRow(sql, *report);
  });
}

int RiskTable::CountRemediations(std::string_view user_id, UnixSeconds since) {
  return database_.Read([&](soci::session& sql) {
    const std::string user(user_id);
    const long long from = since;
    long long count = 0;
    sql << "SELECT COUNT(*) FROM risk_remediations WHERE user_id = :user AND at >= :since",
        soci::into(count), soci::use(user, "user"), soci::use(from, "since");
    return static_cast<int>(count);
  });
}

std::vector<OutboxRecord> RiskTable::Claim(int most, UnixSeconds now, UnixSeconds lease_until) {
  return database_.Write([&](soci::session& sql) {
    const long long limit = most;
    const long long at = now;
    const long long until = lease_until;
    std::vector<OutboxRecord> due =
        SelectRows<OutboxRecord>(sql, "WHERE not_before <= :now ORDER BY queued_at, id LIMIT :most",
                                 soci::use(at, "now"), soci::use(limit, "most"));
    for (OutboxRecord& record : due) {
      ++record.tries;
      sql << "UPDATE risk_outbox SET not_before = :until, tries = tries + 1 WHERE id = :id",
          soci::use(until, "until"), soci::use(record.id, "id");
    }
    return due;
  });
}

void RiskTable::Forget(const std::vector<OutboxRecord>& done) {
  database_.Write([&](soci::session& sql) {
    for (const OutboxRecord& record : done) {
      sql << "DELETE FROM risk_outbox WHERE id = :id", soci::use(record.id, "id");
    }
  });
}

void RiskTable::Defer(const std::vector<OutboxRecord>& failed, UnixSeconds not_before) {
  database_.Write([&](soci::session& sql) {
    const long long at = not_before;
    for (const OutboxRecord& record : failed) {
      sql << "UPDATE risk_outbox SET not_before = :at WHERE id = :id", soci::use(at, "at"),
          soci::use(record.id, "id");
    }
  });
}

std::vector<OutboxRecord> RiskTable::ListOutbox() {
  return database_.Read(
      [](soci::session& sql) { return SelectRows<OutboxRecord>(sql, "ORDER BY queued_at, id"); });
}

}  // namespace sspr::service
