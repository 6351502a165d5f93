// SPDX-License-Identifier: Apache-2.0
#include "service/store/sealed_table.h"

#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

// Names of tables and columns are ours, from kSealedColumns.
std::string Condition(const SealedColumn& column) {
  return std::string(column.column) + " <> '' AND " + column.column + " NOT LIKE :mark";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> SealedTable::Others(const SealedColumn& column,
                                                                     const std::string& mark,
                                                                     const std::string& after_key,
                                                                     int limit) {
  return database_.Read([&](soci::session& sql) {
    std::vector<std::pair<std::string, std::string>> found;
    std::string key;
    std::string value;
    soci::statement all =
        (sql.prepare << std::string("SELECT ") + column.key + ", " + column.column + " FROM " +
                            column.table + " WHERE " + Condition(column) + " AND " + column.key +
                            " > :after ORDER BY " + column.key + " LIMIT " + std::to_string(limit),
         soci::into(key), soci::into(value), soci::use(mark, "mark"),
         soci::use(after_key, "after"));
    all.execute();
    while (all.fetch()) found.emplace_back(key, value);
    return found;
  });
}

std::int64_t SealedTable::Count(const SealedColumn& column) {
  return database_.Read([&](soci::session& sql) -> std::int64_t {
    long long count = 0;
    sql << std::string("SELECT COUNT(*) FROM ") + column.table + " WHERE " + column.column +
               " <> ''",
        soci::into(count);
    return count;
  });
}

std::int64_t SealedTable::CountOthers(const SealedColumn& column, const std::string& mark) {
  return database_.Read([&](soci::session& sql) -> std::int64_t {
    long long count = 0;
    sql << std::string("SELECT COUNT(*) FROM ") + column.table + " WHERE " + Condition(column),
        soci::into(count), soci::use(mark, "mark");
    return count;
  });
}

std::int64_t SealedTable::Replace(const SealedColumn& column,
                                  const std::vector<Replacement>& replacements) {
  return database_.Write(LockKeys{}, [&](soci::session& sql) {
    std::int64_t replaced = 0;
    for (const Replacement& one : replacements) {
      soci::statement update =
          (sql.prepare << std::string("UPDATE ") + column.table + " SET " + column.column +
                              " = :new_value WHERE " + column.key + " = :key AND " + column.column +
                              " = :old_value",
           soci::use(one.new_value, "new_value"), soci::use(one.key, "key"),
           soci::use(one.old_value, "old_value"));
      replaced += Execute(update);
    }
    return replaced;
  });
}

}  // namespace sspr::service
