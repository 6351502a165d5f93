// SPDX-License-Identifier: Apache-2.0
#include "service/store/session_table.h"

#include "service/store/sql_access.h"

namespace sspr::service {

void SessionTable::Insert(const SessionRecord& session, UnixSeconds forget_before) {
  database_->Write([&](soci::session& sql) {
    sql << "DELETE FROM page_sessions WHERE created_at < :before",
        soci::use(static_cast<long long>(forget_before), "before");
    sql << "INSERT INTO page_sessions (digest, purpose, subject, generation, version, created_at, "
           "last_seen, proved_at, state) VALUES (:digest, :purpose, :subject, :generation, "
           ":version, :created, :seen, :proved, :state)",
        soci::use(session.digest, "digest"), soci::use(session.purpose, "purpose"),
        soci::use(session.subject, "subject"),
        soci::use(static_cast<long long>(session.generation), "generation"),
        soci::use(static_cast<long long>(session.version), "version"),
        soci::use(static_cast<long long>(session.created_at), "created"),
        soci::use(static_cast<long long>(session.last_seen), "seen"),
        soci::use(static_cast<long long>(session.proved_at), "proved"),
        soci::use(session.state, "state");
  });
}

std::optional<SessionRecord> SessionTable::Find(std::string_view digest) {
  return database_->Read([&](soci::session& sql) -> std::optional<SessionRecord> {
    SessionRecord found;
    found.digest = digest;
    long long generation = 0;
    long long version = 0;
    long long created = 0;
    long long seen = 0;
    long long proved = 0;
    sql << "SELECT purpose, subject, generation, version, created_at, last_seen, proved_at, state "
           "FROM page_sessions WHERE digest = :digest",
        soci::into(found.purpose), soci::into(found.subject), soci::into(generation),
        soci::into(version), soci::into(created), soci::into(seen), soci::into(proved),
        soci::into(found.state), soci::use(found.digest, "digest");
    if (!sql.got_data()) return std::nullopt;
    found.generation = generation;
    found.version = version;
    found.created_at = created;
    found.last_seen = seen;
    found.proved_at = proved;
    return found;
  });
}

bool SessionTable::Replace(std::string_view digest, const SessionRecord& session) {
  return database_->Write([&](soci::session& sql) {
    const std::string old_digest(digest);
    soci::statement statement =
        (sql.prepare << "UPDATE page_sessions SET digest = :digest, purpose = :purpose, "
                        "subject = :subject, generation = :generation, version = version + 1, "
                        "last_seen = :seen, proved_at = :proved, state = :state "
                        "WHERE digest = :old AND version = :version",
         soci::use(session.digest, "digest"), soci::use(session.purpose, "purpose"),
         soci::use(session.subject, "subject"),
         soci::use(static_cast<long long>(session.generation), "generation"),
         soci::use(static_cast<long long>(session.last_seen), "seen"),
         soci::use(static_cast<long long>(session.proved_at), "proved"),
         soci::use(session.state, "state"), soci::use(old_digest, "old"),
         soci::use(static_cast<long long>(session.version), "version"));
    return Execute(statement) == 1;
  });
}

void SessionTable::Touch(std::string_view digest, UnixSeconds now) {
  database_->Write([&](soci::session& sql) {
    sql << "UPDATE page_sessions SET last_seen = :now WHERE digest = :digest",
        soci::use(static_cast<long long>(now), "now"), soci::use(std::string(digest), "digest");
  });
}

void SessionTable::Delete(std::string_view digest) {
  database_->Write([&](soci::session& sql) {
    sql << "DELETE FROM page_sessions WHERE digest = :digest",
        soci::use(std::string(digest), "digest");
  });
}

void SessionTable::DeleteOf(std::string_view purpose, std::string_view subject,
                            std::string_view except_digest) {
  database_->Write([&](soci::session& sql) {
    sql << "DELETE FROM page_sessions WHERE purpose = :purpose AND subject = :subject "
           "AND digest <> :except",
        soci::use(std::string(purpose), "purpose"), soci::use(std::string(subject), "subject"),
        soci::use(std::string(except_digest), "except");
  });
}

}  // namespace sspr::service
