// SPDX-License-Identifier: Apache-2.0
#include "service/store/sql_store.h"

#include "service/store/sql_access.h"

namespace sspr::service {

Result<std::unique_ptr<SqlStore>> SqlStore::Open(const std::string& target, unsigned connections,
                                                 Random& random) {
  Result<std::unique_ptr<SqlDatabase>> database = SqlDatabase::Open(target, connections);
  if (!database.ok()) return database.error();
  return std::make_unique<SqlStore>(std::move(*database), random);
}

void SqlStore::Atomically(const std::function<void()>& work) {
  Write({}, [&work](soci::session&) { work(); });
}

bool SqlStore::Prune(UnixSeconds now) {
  // One slice of each: a request waits for no more than that.
  constexpr long long kSlice = 200;
  constexpr long long kHour = 3600;
  // A transaction that is still pending is settled, not forgotten.
  static const std::string of_final_transactions =
      "DELETE FROM transactions WHERE id IN (SELECT id FROM transactions WHERE changed_at < :t AND "
      "state <> " +
      std::to_string(static_cast<int>(TransactionStatus::kPending)) + " LIMIT :slice)";
  struct Kind {
    std::string statement;
    UnixSeconds before;
  };
  const Kind kinds[] = {
      {"DELETE FROM flows WHERE id IN (SELECT id FROM flows WHERE created_at < :t LIMIT :slice)",
       now - 2 * kHour},
      {"DELETE FROM refresh_tokens WHERE digest IN (SELECT digest FROM refresh_tokens WHERE "
       "expires_at < :t LIMIT :slice)",
       now},
      {"DELETE FROM attempts WHERE at < :t AND reservation IN (SELECT reservation FROM attempts "
       "WHERE at < :t2 LIMIT :slice)",
       now - 48 * kHour},
      {"DELETE FROM sign_in_locks WHERE subject IN (SELECT subject FROM sign_in_locks WHERE "
       "changed_at < :t LIMIT :slice)",
       now - 48 * kHour},
      {of_final_transactions, now - 48 * kHour},
      {"DELETE FROM directory_changes WHERE transaction_id IN (SELECT c.transaction_id FROM "
       "directory_changes c WHERE c.at < :t AND NOT EXISTS (SELECT 1 FROM transactions t WHERE "
       "t.id = c.transaction_id) LIMIT :slice)",
       now - 48 * kHour}};
  bool more = false;
  for (const Kind& kind : kinds) {
    const long long before = kind.before;
    const long long gone = Write({}, [&](soci::session& sql) {
      soci::statement remove(sql);
      remove.exchange(soci::use(before, "t"));
      if (kind.statement.find(":t2") != std::string::npos) {
        remove.exchange(soci::use(before, "t2"));
      }
      remove.exchange(soci::use(kSlice, "slice"));
      remove.alloc();
      remove.prepare(kind.statement);
      remove.define_and_bind();
      return Execute(remove);
    });
    more = more || gone >= kSlice;
  }
  return more;
}

}  // namespace sspr::service
