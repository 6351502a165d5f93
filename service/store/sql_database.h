// SPDX-License-Identifier: Apache-2.0
// The SQL database of the service, by SOCI: transactions and the schema, for everything that keeps
// rows. Each subject has a class of its own on top (SqlStore and the tables beside it).
//
// Whatever decides something runs in a Write. On SQLite that is one write at a time, of all
// processes. On PostgreSQL a Write without keys is that as well; one with keys excludes those that
// share a key with it, and those without keys, and runs beside all others at READ COMMITTED: what
// it read under its keys is so until it commits. A row that one statement tests and changes
// (UPDATE … WHERE version = …) needs no key: with {} a transaction excludes none but those without
// keys.
//
// A connection that was lost is made again by the next call. What a transaction did before that is
// done again, unless its commit was under way; so it is after a deadlock or with a busy database, a
// bounded number of times. So the work of a call may run more than once, and must do nothing but
// with its session, or such that it may be done twice.
//
// A call within the work of a Write, on the same thread, joins it: same session, same transaction,
// all or nothing. On PostgreSQL it takes the locks of its keys then; should two wait for each
// other, one of them is done again.
#pragma once

#include <soci/session.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "service/metrics/histogram.h"
#include "service/store/commit_rider.h"
#include "service/store/session_pool.h"

namespace soci {
class soci_error;
}
namespace sspr::service {

// What a Write must have to itself, by name: "bucket:…", "user:…".
using LockKeys = std::vector<std::string>;

class SqlDatabase {
 public:
  // Opens or makes the file (mode 0600), or connects to the server, and applies what is missing of
  // the schema; of several processes that start at once, one does. kInternal; the detail names the
  // database and, where the schema is newer than this program, says so.
  static Result<std::unique_ptr<SqlDatabase>> Open(const std::string& target, unsigned connections,
                                                   DatabaseOptions options = {});

  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;

  Dialect dialect() const { return pool_->dialect(); }

  // Runs work(session) on a leased session; every failure of the database becomes StoreFailure,
  // without the values of the statement. All are in sql_access.h, for .cc files of tables alone.
  template <typename Work>
  auto Read(Work work) -> decltype(work(std::declval<soci::session&>()));
  // For a few rows by their keys. On SQLite it takes the session of the writes where nobody writes
  // at the moment: what that one has read stays valid, while every commit makes the others read
  // their pages again. A write that comes meanwhile waits for it.
  template <typename Work>
  auto ReadBriefly(Work work) -> decltype(work(std::declval<soci::session&>()));
  // The same within a transaction; see above.
  template <typename Work>
  auto Write(Work work) -> decltype(work(std::declval<soci::session&>()));
  template <typename Work>
  auto Write(const LockKeys& keys, Work work) -> decltype(work(std::declval<soci::session&>()));

  // Goes down with the transactions of Write, but those whose work returned false. Set before the
  // first of them; null: nobody.
  void SetRider(CommitRider* rider) { rider_ = rider; }

  // How long calls took.
  const Histogram& reads() const { return reads_; }
  const Histogram& writes() const { return writes_; }

 private:
  explicit SqlDatabase(std::unique_ptr<SessionPool> pool) : pool_(std::move(pool)) {}
  Status Migrate();

  enum class Turn { kNone, kIfFree, kTaken };
  // Without a transaction when begin, the text that opens it, is null.
  template <typename Work>
  auto Run(const std::string* begin, Turn kind, Work work)
      -> decltype(work(std::declval<soci::session&>()));
  std::string BeginText(const LockKeys* keys) const;
  // The statements that take the locks, each with "; " before it; nothing on SQLite.
  std::string LockText(const LockKeys* keys) const;
  // In a transaction that is under way.
  void TakeLocks(soci::session& sql, const LockKeys* keys) const;
  // SQLite lets those who wait sleep and try; this queue is fair within the process.
  std::unique_lock<std::timed_mutex> TakeTurn(Turn kind);
  // Returns when the work is to be done again; throws StoreFailure when it is not.
  void JudgeFault(const soci::soci_error& error, SessionPool::Lease& lease, bool committing,
                  int tries);

  template <typename Transaction>
  void CommitWithRider(soci::session& sql, Transaction& transaction, bool carries);
  // The session of the Write that this thread is in the work of, or null.
  soci::session* Joined() const { return joined_.database == this ? joined_.session : nullptr; }

  struct Join {
    const SqlDatabase* database = nullptr;
    soci::session* session = nullptr;
  };
  // While it lives, calls on this thread join the session's transaction.
  class Joining;
  static thread_local Join joined_;

  const std::unique_ptr<SessionPool> pool_;
  std::timed_mutex turn_;
  CommitRider* rider_ = nullptr;
  Histogram reads_, writes_;
};

}  // namespace sspr::service
