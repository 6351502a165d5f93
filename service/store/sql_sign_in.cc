// SPDX-License-Identifier: Apache-2.0
// Refresh tokens and the risk of users.
#include "service/store/sql_access.h"
#include "service/store/sql_store.h"

namespace sspr::service {
namespace {

void Insert(soci::session& sql, const RefreshTokenRecord& token) {
  const long long generation = token.password_generation;
  const long long expires_at = token.expires_at;
  sql << "INSERT INTO refresh_tokens (digest, family, user_id, client_id, scope, "
         "password_generation, expires_at, used) VALUES (:digest, :family, :user, :client, :scope, "
         ":generation, :expires, 0)",
      soci::use(token.digest, "digest"), soci::use(token.family, "family"),
      soci::use(token.user_id, "user"), soci::use(token.client_id, "client"),
      soci::use(token.scope, "scope"), soci::use(generation, "generation"),
      soci::use(expires_at, "expires");
}

RiskRecord RiskOf(const soci::row& row) {
  return {.user_id = row.get<std::string>(0),
          .level = static_cast<RiskLevel>(row.get<long long>(1)),
          .state = static_cast<RiskState>(row.get<long long>(2)),
          .detail = row.get<std::string>(3),
          .changed_at = row.get<long long>(4)};
}

}  // namespace

void SqlStore::InsertRefreshToken(const RefreshTokenRecord& token) {
  Write({}, [&](soci::session& sql) { Insert(sql, token); });
}

std::optional<RefreshTokenRecord> SqlStore::UseRefreshToken(std::string_view digest,
                                                            std::string_view client_id,
                                                            std::string_view next_digest,
                                                            UnixSeconds now,
                                                            UnixSeconds next_expires_at) {
  const std::string key = "refresh:" + std::string(digest);
  return Write({key}, [&](soci::session& sql) -> std::optional<RefreshTokenRecord> {
    RefreshTokenRecord token{.digest = std::string(digest),
                             .family = {},
                             .user_id = {},
                             .client_id = std::string(client_id),
                             .scope = {}};
    long long generation = 0;
    long long expires_at = 0;
    long long used = 0;
    sql << "SELECT family, user_id, scope, password_generation, expires_at, used FROM "
           "refresh_tokens WHERE digest = :digest AND client_id = :client",
        soci::into(token.family), soci::into(token.user_id), soci::into(token.scope),
        soci::into(generation), soci::into(expires_at), soci::into(used),
        soci::use(token.digest, "digest"), soci::use(token.client_id, "client");
    if (!sql.got_data()) return std::nullopt;
    if (used != 0) {
      sql << "DELETE FROM refresh_tokens WHERE family = :family", soci::use(token.family, "family");
      return std::nullopt;
    }
    if (expires_at <= now) return std::nullopt;
    token.password_generation = generation;
    token.expires_at = expires_at;
    sql << "UPDATE refresh_tokens SET used = 1 WHERE digest = :digest",
        soci::use(token.digest, "digest");
    RefreshTokenRecord next = token;
    next.digest = next_digest;
    next.expires_at = next_expires_at;
    Insert(sql, next);
    return token;
  });
}

void SqlStore::PutRisk(const RiskRecord& risk) {
  Write({UserKey(risk.user_id)}, [&](soci::session& sql) {
    long long users = 0;
    sql << "SELECT COUNT(*) FROM users WHERE id = :id", soci::into(users),
        soci::use(risk.user_id, "id");
    if (users == 0) return;
    const auto level = static_cast<long long>(risk.level);
    const auto state = static_cast<long long>(risk.state);
    const long long at = risk.changed_at;
    sql << "DELETE FROM user_risks WHERE user_id = :id", soci::use(risk.user_id, "id");
    sql << "INSERT INTO user_risks (user_id, level, state, detail, changed_at) VALUES (:id, "
           ":level, "
           ":state, :detail, :at)",
        soci::use(risk.user_id, "id"), soci::use(level, "level"), soci::use(state, "state"),
        soci::use(risk.detail, "detail"), soci::use(at, "at");
  });
}

std::optional<RiskRecord> SqlStore::FindRisk(std::string_view user_id) {
  return ReadBriefly([&](soci::session& sql) -> std::optional<RiskRecord> {
    const std::string id(user_id);
    const soci::rowset<soci::row> rows =
        (sql.prepare << "SELECT user_id, level, state, detail, changed_at FROM user_risks WHERE "
                        "user_id = :id",
         soci::use(id, "id"));
    for (const soci::row& row : rows) return RiskOf(row);
    return std::nullopt;
  });
}

std::vector<RiskRecord> SqlStore::ListRisks() {
  return Read([](soci::session& sql) {
    const auto at_risk = static_cast<long long>(RiskState::kAtRisk);
    const soci::rowset<soci::row> rows =
        (sql.prepare << "SELECT user_id, level, state, detail, changed_at FROM user_risks WHERE "
                        "state = :state ORDER BY level DESC, changed_at DESC, user_id",
         soci::use(at_risk, "state"));
    std::vector<RiskRecord> risks;
    for (const soci::row& row : rows) risks.push_back(RiskOf(row));
    return risks;
  });
}

}  // namespace sspr::service
