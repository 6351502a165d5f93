// SPDX-License-Identifier: Apache-2.0
// The SQL database of the service, by SOCI: sessions, transactions and the schema, for everything
// that keeps rows. Each subject has a class of its own on top (SqlStore and the tables beside it).
// Each call leases a session of its own from a pool. Whatever decides something runs in a
// transaction that takes the write lock first, so that two requests never decide on the same state.
#pragma once

#include <soci/connection-pool.h>
#include <soci/session.h>

#include <memory>
#include <string>
#include <utility>

#include "common/base/result.h"

namespace sspr::service {

class SqlDatabase {
 public:
  // Opens or makes the file (mode 0600) and applies what is missing of the schema. kInternal; the
  // detail names the file and, where the schema is newer than this program, says so.
  static Result<std::unique_ptr<SqlDatabase>> Open(const std::string& path, unsigned connections);

  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;

  // Runs work(session) on a leased session; every failure of the database becomes StoreFailure,
  // without the values of the statement. Both are in sql_access.h, for .cc files of tables alone.
  template <typename Work>
  auto Read(Work work) -> decltype(work(std::declval<soci::session&>()));
  // The same within a transaction that holds the write lock from its beginning.
  template <typename Work>
  auto Write(Work work) -> decltype(work(std::declval<soci::session&>()));

 private:
  explicit SqlDatabase(unsigned connections) : pool_(connections) {}

  soci::connection_pool pool_;
};

}  // namespace sspr::service
