// SPDX-License-Identifier: Apache-2.0
// Passwords that users had before, and words that no password may be made of.
#include "service/store/sql_access.h"
#include "service/store/sql_store.h"

namespace sspr::service {

bool ReplacePassword(soci::session& sql, const std::string& user_id, const std::string& hash,
                     UnixSeconds now, int keep) {
  if (keep > 0) {
    sql << "INSERT INTO password_history (user_id, generation, password_hash) SELECT id, "
           "password_generation, password_hash FROM users WHERE id = :id AND password_hash <> ''",
        soci::use(user_id, "id");
  }
  const long long at = now;
  soci::statement update =
      (sql.prepare << "UPDATE users SET password_hash = :hash, password_generation = "
                      "password_generation + 1, password_changed_at = :at WHERE id = :id",
       soci::use(hash, "hash"), soci::use(at, "at"), soci::use(user_id, "id"));
  if (Execute(update) != 1) return false;
  const long long kept = keep;
  sql << "DELETE FROM password_history WHERE user_id = :id AND generation < (SELECT "
         "password_generation FROM users WHERE id = :id2) - :keep",
      soci::use(user_id, "id"), soci::use(user_id, "id2"), soci::use(kept, "keep");
  return true;
}

bool SqlStore::SetPasswordHash(std::string_view id, std::string_view hash, UnixSeconds now,
                               int keep) {
  return Write({UserKey(id)}, [&](soci::session& sql) {
    return ReplacePassword(sql, std::string(id), std::string(hash), now, keep);
  });
}

std::vector<std::string> SqlStore::PasswordHistory(std::string_view id) {
  return ReadBriefly([&](soci::session& sql) {
    const std::string key(id);
    const soci::rowset<std::string> rows =
        (sql.prepare << "SELECT password_hash FROM password_history WHERE user_id = :id ORDER BY "
                        "generation DESC",
         soci::use(key, "id"));
    return std::vector<std::string>(rows.begin(), rows.end());
  });
}

std::vector<std::string> SqlStore::BannedTerms() {
  return Read([](soci::session& sql) {
    const soci::rowset<std::string> rows = sql.prepare
                                           << "SELECT term FROM banned_terms ORDER BY term";
    return std::vector<std::string>(rows.begin(), rows.end());
  });
}

void SqlStore::ChangeBannedTerms(const std::vector<std::string>& add,
                                 const std::vector<std::string>& remove) {
  Write([&](soci::session& sql) {
    for (const std::string& term : remove) {
      sql << "DELETE FROM banned_terms WHERE term = :term", soci::use(term, "term");
    }
    for (const std::string& term : add) {
      sql << "INSERT INTO banned_terms (term) VALUES (:term) ON CONFLICT (term) DO NOTHING",
          soci::use(term, "term");
    }
  });
}

}  // namespace sspr::service
