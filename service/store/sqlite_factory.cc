// SPDX-License-Identifier: Apache-2.0
#include "service/store/sqlite_factory.h"

#include <mutex>

#include "service/store/sqlite_session.h"

namespace sspr::service {
namespace {

// A session is used by one thread at a time (SessionPool), so its connection needs no mutex of its
// own; and nobody asks SQLite how much memory it uses, which it counts under one mutex for all.
// Where SQLite is in use already, it stays as it is.
void LeaveOutMutexes() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  });
}

}  // namespace

soci::details::session_backend* SqliteFactory::make_session(
    const soci::connection_parameters& parameters) const {
  LeaveOutMutexes();
  const soci::backend_factory& plain = *soci::factory_sqlite3();
  return new CachingSession(
      static_cast<soci::sqlite3_session_backend*>(plain.make_session(parameters)));
}

}  // namespace sspr::service
