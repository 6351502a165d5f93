// SPDX-License-Identifier: Apache-2.0
// How tables reach the database. For the .cc files of tables alone.
#pragma once

#include <soci/soci.h>

#include <exception>
#include <string>
#include <utility>

#include "service/store/flow_store.h"
#include "service/store/sql_database.h"

namespace sspr::service {

// Holds the write lock from its beginning: a deferred transaction of SQLite that reads first and
// writes later can fail for no reason that its author could do anything about.
class WriteTransaction {
 public:
  explicit WriteTransaction(soci::session& sql) : sql_(sql) { sql_ << "BEGIN IMMEDIATE"; }
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  ~WriteTransaction() {
    if (over_) return;
    try {
      sql_ << "ROLLBACK";
    } catch (const std::exception&) {
      // SQLite has rolled back on its own (a full disk); the error that led here says more.
    }
  }
  void Commit() {
    sql_ << "COMMIT";
    over_ = true;
  }

 private:
  soci::session& sql_;
  bool over_ = false;
};

// Runs a statement that was prepared with its values; the number of rows that it changed.
inline long long Execute(soci::statement& statement) {
  statement.execute(true);
  return statement.get_affected_rows();
}

// The new hash and generation, and the old hash into the history, of which the newest `keep` stay.
bool ReplacePassword(soci::session& sql, const std::string& user_id, const std::string& hash,
                     UnixSeconds now, int keep);

template <typename Work>
auto SqlDatabase::Read(Work work) -> decltype(work(std::declval<soci::session&>())) {
  try {
    soci::session sql(pool_);
    return work(sql);
  } catch (const soci::soci_error& error) {
    throw StoreFailure(error.get_error_message());
  }
}

template <typename Work>
auto SqlDatabase::Write(Work work) -> decltype(work(std::declval<soci::session&>())) {
  return Read([&work](soci::session& sql) {
    WriteTransaction transaction(sql);
    if constexpr (std::is_void_v<decltype(work(sql))>) {
      work(sql);
      transaction.Commit();
    } else {
      auto result = work(sql);
      transaction.Commit();
      return result;
    }
  });
}

}  // namespace sspr::service
