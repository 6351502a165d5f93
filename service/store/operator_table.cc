// SPDX-License-Identifier: Apache-2.0
#include "service/store/operator_table.h"

#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

constexpr char kColumns[] =
    "id, name, role, person, enabled, password_hash, sealed_totp, last_step, invite_digest, "
    "invite_expires, created_at, signed_in_at";
constexpr char kBootstrap[] = "bootstrap";

OperatorRecord RecordOf(const soci::row& row) {
  return {.id = row.get<std::string>(0),
          .name = row.get<std::string>(1),
          .role = static_cast<OperatorRole>(row.get<long long>(2)),
          .person = row.get<std::string>(3),
          .enabled = row.get<long long>(4) != 0,
          .password_hash = row.get<std::string>(5),
          .sealed_totp = row.get<std::string>(6),
          .last_step = row.get<long long>(7),
          .invite_digest = row.get<std::string>(8),
          .invite_expires = row.get<long long>(9),
          .created_at = row.get<long long>(10),
          .signed_in_at = row.get<long long>(11)};
}

std::optional<OperatorRecord> FindBy(soci::session& sql, const char* column,
                                     std::string_view value) {
  const std::string key(value);
  const soci::rowset<soci::row> rows =
      (sql.prepare << "SELECT " << kColumns << " FROM operators WHERE " << column << " = :key",
       soci::use(key, "key"));
  for (const soci::row& row : rows) return RecordOf(row);
  return std::nullopt;
}

void ForgetSessions(soci::session& sql, const std::string& id) {
  sql << "DELETE FROM operator_sessions WHERE operator_id = :id", soci::use(id, "id");
}

}  // namespace

bool OperatorTable::Insert(const OperatorRecord& made) {
  return database_.Write([&](soci::session& sql) {
    if (FindBy(sql, "name", made.name)) return false;
    const auto role = static_cast<long long>(made.role);
    const long long enabled = made.enabled ? 1 : 0;
    const long long expires = made.invite_expires;
    const long long created = made.created_at;
    sql << "INSERT INTO operators (id, name, role, person, enabled, password_hash, sealed_totp, "
           "last_step, invite_digest, invite_expires, created_at, signed_in_at) VALUES (:id, "
           ":name, :role, :person, :enabled, '', '', 0, :invite, :expires, :created, 0)",
        soci::use(made.id, "id"), soci::use(made.name, "name"), soci::use(role, "role"),
        soci::use(made.person, "person"), soci::use(enabled, "enabled"),
        soci::use(made.invite_digest, "invite"), soci::use(expires, "expires"),
        soci::use(created, "created");
    return true;
  });
}

std::optional<OperatorRecord> OperatorTable::Find(std::string_view name) {
  return database_.Read([&](soci::session& sql) { return FindBy(sql, "name", name); });
}

std::optional<OperatorRecord> OperatorTable::Get(std::string_view id) {
  return database_.Read([&](soci::session& sql) { return FindBy(sql, "id", id); });
}

std::vector<OperatorRecord> OperatorTable::List() {
  return database_.Read([](soci::session& sql) {
    const soci::rowset<soci::row> rows = sql.prepare << "SELECT " << kColumns
                                                     << " FROM operators ORDER BY name";
    std::vector<OperatorRecord> all;
    for (const soci::row& row : rows) all.push_back(RecordOf(row));
    return all;
  });
}

bool OperatorTable::SetRole(std::string_view id, OperatorRole role) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    const auto value = static_cast<long long>(role);
    ForgetSessions(sql, key);
    soci::statement update = (sql.prepare << "UPDATE operators SET role = :role WHERE id = :id",
                              soci::use(value, "role"), soci::use(key, "id"));
    return Execute(update) == 1;
  });
}

bool OperatorTable::SetEnabled(std::string_view id, bool enabled) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    const long long value = enabled ? 1 : 0;
    ForgetSessions(sql, key);
    soci::statement update =
        (sql.prepare << "UPDATE operators SET enabled = :enabled WHERE id = :id",
         soci::use(value, "enabled"), soci::use(key, "id"));
    return Execute(update) == 1;
  });
}

bool OperatorTable::Remove(std::string_view id) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    soci::statement remove =
        (sql.prepare << "DELETE FROM operators WHERE id = :id", soci::use(key, "id"));
    return Execute(remove) == 1;
  });
}

bool OperatorTable::Invite(std::string_view id, std::string_view invite_digest,
                           UnixSeconds expires) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    const std::string digest(invite_digest);
    const long long until = expires;
    ForgetSessions(sql, key);
    soci::statement update =
        (sql.prepare << "UPDATE operators SET password_hash = '', sealed_totp = '', invite_digest "
                        "= :digest, invite_expires = :expires WHERE id = :id",
         soci::use(digest, "digest"), soci::use(until, "expires"), soci::use(key, "id"));
    return Execute(update) == 1;
  });
}

bool OperatorTable::Enrol(const OperatorRecord& enrolled, std::string_view invite_digest,
                          UnixSeconds now) {
  return database_.Write([&](soci::session& sql) {
    const std::string digest(invite_digest);
    const long long step = enrolled.last_step;
    const long long at = now;
    soci::statement update =
        (sql.prepare << "UPDATE operators SET password_hash = :hash, sealed_totp = :totp, "
                        "last_step = :step, signed_in_at = :at, invite_digest = '', "
                        "invite_expires = 0 WHERE id = :id AND invite_digest = :digest AND "
                        "invite_digest <> '' AND invite_expires > :now",
         soci::use(enrolled.password_hash, "hash"), soci::use(enrolled.sealed_totp, "totp"),
         soci::use(step, "step"), soci::use(at, "at"), soci::use(enrolled.id, "id"),
         soci::use(digest, "digest"), soci::use(at, "now"));
    if (Execute(update) != 1) return false;
    ForgetSessions(sql, enrolled.id);
    const std::string setup = kBootstrap;
    sql << "INSERT INTO operator_setup (step, at) VALUES (:step, :at) ON CONFLICT (step) DO "
           "NOTHING",
        soci::use(setup, "step"), soci::use(at, "at");
    return true;
  });
}

bool OperatorTable::AcceptStep(std::string_view id, std::int64_t step, UnixSeconds now) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    const long long accepted = step;
    const long long at = now;
    soci::statement update =
        (sql.prepare << "UPDATE operators SET last_step = :step, signed_in_at = :at WHERE id = :id "
                        "AND last_step < :before",
         soci::use(accepted, "step"), soci::use(at, "at"), soci::use(key, "id"),
         soci::use(accepted, "before"));
    return Execute(update) == 1;
  });
}

bool OperatorTable::IsBootstrapClosed() {
  return database_.Read([](soci::session& sql) {
    const std::string setup = kBootstrap;
    long long closed = 0;
    sql << "SELECT COUNT(*) FROM operator_setup WHERE step = :step", soci::into(closed),
        soci::use(setup, "step");
    return closed != 0;
  });
}

void OperatorTable::InsertSession(const OperatorSessionRecord& session) {
  database_.Write([&](soci::session& sql) {
    const auto kind = static_cast<long long>(session.kind);
    const long long created = session.created_at;
    const long long seen = session.last_seen;
    sql << "INSERT INTO operator_sessions (digest, operator_id, kind, sealed_secret, created_at, "
           "last_seen) VALUES (:digest, :operator, :kind, :sealed, :created, :seen)",
        soci::use(session.digest, "digest"), soci::use(session.operator_id, "operator"),
        soci::use(kind, "kind"), soci::use(session.sealed_secret, "sealed"),
        soci::use(created, "created"), soci::use(seen, "seen");
  });
}

std::optional<OperatorSessionRecord> OperatorTable::FindSession(std::string_view digest) {
  return database_.Read([&](soci::session& sql) -> std::optional<OperatorSessionRecord> {
    const std::string key(digest);
    const soci::rowset<soci::row> rows =
        (sql.prepare << "SELECT digest, operator_id, kind, sealed_secret, created_at, last_seen "
                        "FROM operator_sessions WHERE digest = :digest",
         soci::use(key, "digest"));
    for (const soci::row& row : rows) {
      return OperatorSessionRecord{.digest = row.get<std::string>(0),
                                   .operator_id = row.get<std::string>(1),
                                   .kind = static_cast<OperatorSessionKind>(row.get<long long>(2)),
                                   .sealed_secret = row.get<std::string>(3),
                                   .created_at = row.get<long long>(4),
                                   .last_seen = row.get<long long>(5)};
    }
    return std::nullopt;
  });
}

void OperatorTable::TouchSession(std::string_view digest, UnixSeconds now) {
  database_.Write([&](soci::session& sql) {
    const std::string key(digest);
    const long long at = now;
    sql << "UPDATE operator_sessions SET last_seen = :at WHERE digest = :digest",
        soci::use(at, "at"), soci::use(key, "digest");
  });
}

void OperatorTable::EndSession(std::string_view digest) {
  database_.Write([&](soci::session& sql) {
    const std::string key(digest);
    sql << "DELETE FROM operator_sessions WHERE digest = :digest", soci::use(key, "digest");
  });
}

void OperatorTable::EndSessions(std::string_view operator_id) {
  database_.Write([&](soci::session& sql) { ForgetSessions(sql, std::string(operator_id)); });
}

void OperatorTable::PruneSessions(UnixSeconds created_before) {
  database_.Write([&](soci::session& sql) {
    const long long before = created_before;
    sql << "DELETE FROM operator_sessions WHERE created_at < :before", soci::use(before, "before");
  });
}

}  // namespace sspr::service
