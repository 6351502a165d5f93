// SPDX-License-Identifier: Apache-2.0
#include "service/store/restored_state.h"

#include "service/methods/method_kind.h"
#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

constexpr int kTotpSeconds = 30;

std::string Number(auto value) { return std::to_string(static_cast<long long>(value)); }

// Parts of the service that lay tables of their own.
bool HasTable(soci::session& sql, Dialect dialect, const std::string& name) {
  long long count = 0;
  if (dialect == Dialect::kSqlite) {
    sql << "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = :name",
        soci::into(count), soci::use(name, "name");
  } else {
    sql << "SELECT COUNT(to_regclass(:name))", soci::into(count), soci::use(name, "name");
  }
  return count != 0;
}

// What waits for an answer, and invitations that may have been taken since.
void VoidParts(soci::session& sql, Dialect dialect) {
  struct Part {
    std::string table;
    std::string statement;
  };
  const Part parts[] = {{"approval_requests", "DELETE FROM approval_requests"},
                        {"approval_enrolments", "DELETE FROM approval_enrolments"},
                        {"hand_offs", "DELETE FROM hand_offs"},
                        {"passkey_challenges", "DELETE FROM passkey_challenges"},
                        {"enrolment_tokens", "UPDATE enrolment_tokens SET uses_left = 0"}};
  for (const Part& part : parts) {
    if (HasTable(sql, dialect, part.table)) sql << part.statement;
  }
}

std::vector<std::string> HoldersOf(soci::session& sql, const std::string& kinds) {
  const soci::rowset<std::string> rows =
      sql.prepare << "SELECT DISTINCT users.username FROM methods JOIN users ON users.id = "
                     "methods.user_id WHERE methods.kind IN (" +
                         kinds + ") ORDER BY users.username";
  return {rows.begin(), rows.end()};
}

}  // namespace

std::vector<std::string> VoidRestoredState(SqlDatabase& database, UnixSeconds now) {
  return database.Write([now, dialect = database.dialect()](soci::session& sql) {
    const std::string handed_out =
        Number(MethodKind::kRecoveryCode) + ", " + Number(MethodKind::kTemporaryPass);
    std::vector<std::string> holders = HoldersOf(sql, handed_out);
    const std::string step = Number(now / kTotpSeconds);
    const std::string pending = Number(TransactionStatus::kPending);
    for (const std::string& statement : {
             // Each transaction that was under way: it has set no password that this database
             // knows.
             "INSERT INTO directory_changes (transaction_id, done, at) SELECT id, 0, " +
                 Number(now) + " FROM transactions WHERE state = " + pending +
                 " ON CONFLICT (transaction_id) DO NOTHING",
             "UPDATE transactions SET state = " + Number(TransactionStatus::kFailed) +
                 ", changed_at = " + Number(now) + " WHERE state = " + pending,
             std::string("DELETE FROM tokens"),
             std::string("DELETE FROM flows"),
             std::string("DELETE FROM refresh_tokens"),
             std::string("DELETE FROM page_sessions"),
             "DELETE FROM methods WHERE kind IN (" + handed_out + ")",
             "UPDATE methods SET last_step = " + step + " WHERE kind = " +
                 Number(MethodKind::kAuthenticatorCode) + " AND last_step < " + step,
             std::string("DELETE FROM operator_sessions"),
             std::string("DELETE FROM operator_proofs"),
             std::string("UPDATE operators SET invite_digest = '', invite_expires = 0"),
             "UPDATE operators SET last_step = " + step + " WHERE last_step < " + step,
         }) {
      sql << statement;
    }
    VoidParts(sql, dialect);
    return holders;
  });
}

}  // namespace sspr::service
