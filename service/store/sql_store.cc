// SPDX-License-Identifier: Apache-2.0
#include "service/store/sql_store.h"

#include "service/store/sql_access.h"

namespace sspr::service {

Result<std::unique_ptr<SqlStore>> SqlStore::Open(const std::string& path, unsigned connections,
                                                 Random& random) {
  Result<std::unique_ptr<SqlDatabase>> database = SqlDatabase::Open(path, connections);
  if (!database.ok()) return database.error();
  return std::make_unique<SqlStore>(std::move(*database), random);
}

void SqlStore::Prune(UnixSeconds now) {
  constexpr long long kHour = 3600;
  Write([&](soci::session& sql) {
    const long long flows_before = now - 2 * kHour;
    const long long others_before = now - 48 * kHour;
    sql << "DELETE FROM flows WHERE created_at < :t", soci::use(flows_before, "t");
    const long long expired_before = now;
    sql << "DELETE FROM refresh_tokens WHERE expires_at < :t", soci::use(expired_before, "t");
    sql << "DELETE FROM attempts WHERE at < :t", soci::use(others_before, "t");
    sql << "DELETE FROM sign_in_locks WHERE changed_at < :t", soci::use(others_before, "t");
    // A transaction that is still pending is settled, not forgotten.
    const long long pending = static_cast<long long>(TransactionStatus::kPending);
    sql << "DELETE FROM transactions WHERE changed_at < :t AND state <> :pending",
        soci::use(others_before, "t"), soci::use(pending, "pending");
    sql << "DELETE FROM directory_changes WHERE at < :t AND transaction_id NOT IN "
           "(SELECT id FROM transactions)",
        soci::use(others_before, "t");
  });
}

}  // namespace sspr::service
