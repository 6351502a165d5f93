// SPDX-License-Identifier: Apache-2.0
#include "service/store/session_table.h"

#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

// SOCI keeps addresses until a statement has run: what it is given must live as long.
struct Numbers {
  explicit Numbers(const SessionRecord& session)
      : generation(session.generation),
        version(session.version),
        created_at(session.created_at),
        last_seen(session.last_seen),
        proved_at(session.proved_at) {}
  const long long generation, version, created_at, last_seen, proved_at;
};

}  // namespace

void SessionTable::Insert(const SessionRecord& session, UnixSeconds forget_before) {
  database_->Write({}, [&](soci::session& sql) {
    const long long before = forget_before;
    const Numbers numbers(session);
    sql << "DELETE FROM page_sessions WHERE created_at < :before", soci::use(before, "before");
    sql << "INSERT INTO page_sessions (digest, purpose, subject, generation, version, created_at, "
           "last_seen, proved_at, state) VALUES (:digest, :purpose, :subject, :generation, "
           ":version, :created, :seen, :proved, :state)",
        soci::use(session.digest, "digest"), soci::use(session.purpose, "purpose"),
        soci::use(session.subject, "subject"), soci::use(numbers.generation, "generation"),
        soci::use(numbers.version, "version"), soci::use(numbers.created_at, "created"),
        soci::use(numbers.last_seen, "seen"), soci::use(numbers.proved_at, "proved"),
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
  return database_->Write({}, [&](soci::session& sql) {
    const std::string old_digest(digest);
    const Numbers numbers(session);
    soci::statement statement =
        (sql.prepare << "UPDATE page_sessions SET digest = :digest, purpose = :purpose, "
                        "subject = :subject, generation = :generation, version = version + 1, "
                        "last_seen = :seen, proved_at = :proved, state = :state "
                        "WHERE digest = :old AND version = :version",
         soci::use(session.digest, "digest"), soci::use(session.purpose, "purpose"),
         soci::use(session.subject, "subject"), soci::use(numbers.generation, "generation"),
         soci::use(numbers.last_seen, "seen"), soci::use(numbers.proved_at, "proved"),
         soci::use(session.state, "state"), soci::use(old_digest, "old"),
         soci::use(numbers.version, "version"));
    return Execute(statement) == 1;
  });
}

void SessionTable::Touch(std::string_view digest, UnixSeconds now) {
  database_->Write({}, [&](soci::session& sql) {
    const std::string key(digest);
    const long long seen = now;
    sql << "UPDATE page_sessions SET last_seen = :now WHERE digest = :digest",
        soci::use(seen, "now"), soci::use(key, "digest");
  });
}

void SessionTable::Delete(std::string_view digest) {
  database_->Write({}, [&](soci::session& sql) {
    const std::string key(digest);
    sql << "DELETE FROM page_sessions WHERE digest = :digest", soci::use(key, "digest");
  });
}

void SessionTable::DeleteOf(std::string_view purpose, std::string_view subject,
                            std::string_view except_digest) {
  database_->Write({}, [&](soci::session& sql) {
    const std::string of_purpose(purpose);
    const std::string of_subject(subject);
    const std::string except(except_digest);
    sql << "DELETE FROM page_sessions WHERE purpose = :purpose AND subject = :subject "
           "AND digest <> :except",
        soci::use(of_purpose, "purpose"), soci::use(of_subject, "subject"),
        soci::use(except, "except");
  });
}

}  // namespace sspr::service
