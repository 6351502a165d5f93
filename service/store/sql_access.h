// SPDX-License-Identifier: Apache-2.0
// How tables reach the database. For the .cc files of tables alone.
#pragma once

#include <soci/soci.h>

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "service/store/flow_store.h"
#include "service/store/sql_database.h"

namespace sspr::service {

// From its beginning in one piece: a transaction of SQLite takes the write lock first, since one
// that reads first and writes later can fail for no reason that its author could do anything
// about; one of PostgreSQL takes the locks of its keys.
class WriteTransaction {
 public:
  // committing becomes true when nobody knows any more whether it happened, unless Commit returns.
  WriteTransaction(soci::session& sql, Dialect dialect, const std::string& begin, bool& committing);
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  ~WriteTransaction();
  void Commit();

 private:
  soci::session& sql_;
  const Dialect dialect_;
  bool& committing_;
  bool over_ = false;
};

// Runs a statement that was prepared with its values; the number of rows that it changed.
inline long long Execute(soci::statement& statement) {
  statement.execute(true);
  return statement.get_affected_rows();
}

// The keys of a Write that more than one file takes.
inline std::string BucketKey(std::string_view bucket) { return "bucket:" + std::string(bucket); }
inline std::string SignInKey(std::string_view subject) { return "sign-in:" + std::string(subject); }
inline std::string UserKey(std::string_view user_id) { return "user:" + std::string(user_id); }

// The new hash and generation, and the old hash into the history, of which the newest `keep` stay.
bool ReplacePassword(soci::session& sql, const std::string& user_id, const std::string& hash,
                     UnixSeconds now, int keep);

// The groups of users whom a schema before 010 left without rows of their own.
void FillMemberships(soci::session& sql);

class SqlDatabase::Joining {
 public:
  Joining(const SqlDatabase& database, soci::session& sql)
      : before_(std::exchange(joined_, Join{.database = &database, .session = &sql})) {}
  Joining(const Joining&) = delete;
  Joining& operator=(const Joining&) = delete;
  ~Joining() { joined_ = before_; }

 private:
  const Join before_;
};

// From its making to its end, into a histogram.
class Stopwatch {
 public:
  explicit Stopwatch(Histogram& into) : into_(into) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    into_.Add(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun_));
  }

 private:
  Histogram& into_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

template <typename Transaction>
void SqlDatabase::CommitWithRider(soci::session& sql, Transaction& transaction, bool carries) {
  if (!carries || rider_ == nullptr || !rider_->Waits()) {
    transaction.Commit();
    return;
  }
  rider_->Board(sql);
  try {
    transaction.Commit();
  } catch (...) {
    rider_->Alight(false);
    throw;
  }
  rider_->Alight(true);
}

template <typename Work>
auto SqlDatabase::Run(const std::string* begin, Turn kind, Work work)
    -> decltype(work(std::declval<soci::session&>())) {
  for (int tries = 1;; ++tries) {
    const std::unique_lock<std::timed_mutex> turn = TakeTurn(kind);
    SessionPool::Lease lease(*pool_,
                             turn.owns_lock() ? SessionPool::Use::kWriter : SessionPool::Use::kAny);
    bool committing = false;
    try {
      if (begin == nullptr) return work(lease.sql());
      WriteTransaction transaction(lease.sql(), dialect(), *begin, committing);
      const Joining joining(*this, lease.sql());
      if constexpr (std::is_void_v<decltype(work(lease.sql()))>) {
        work(lease.sql());
        CommitWithRider(lease.sql(), transaction, true);
        return;
      } else {
        auto result = work(lease.sql());
        // What changed nothing carries nobody: the rider waits for the next one.
        bool carries = true;
        if constexpr (std::is_same_v<decltype(result), bool>) carries = result;
        CommitWithRider(lease.sql(), transaction, carries);
        return result;
      }
    } catch (const soci::soci_error& error) {
      if (begin != nullptr && rider_ != nullptr) rider_->Forget();
      JudgeFault(error, lease, committing, tries);
    } catch (...) {
      if (begin != nullptr && rider_ != nullptr) rider_->Forget();
      throw;
    }
  }
}

template <typename Work>
auto SqlDatabase::Read(Work work) -> decltype(work(std::declval<soci::session&>())) {
  // What fails in the work of a Write is that one's to judge.
  if (Joined() != nullptr) return work(*Joined());
  const Stopwatch stopwatch(reads_);
  return Run(nullptr, Turn::kNone, std::move(work));
}

template <typename Work>
auto SqlDatabase::ReadBriefly(Work work) -> decltype(work(std::declval<soci::session&>())) {
  if (Joined() != nullptr) return work(*Joined());
  const Stopwatch stopwatch(reads_);
  return Run(nullptr, Turn::kIfFree, std::move(work));
}

template <typename Work>
auto SqlDatabase::Write(Work work) -> decltype(work(std::declval<soci::session&>())) {
  if (Joined() != nullptr) {
    TakeLocks(*Joined(), nullptr);
    return work(*Joined());
  }
  const Stopwatch stopwatch(writes_);
  const std::string begin = BeginText(nullptr);
  return Run(&begin, Turn::kTaken, std::move(work));
}

template <typename Work>
auto SqlDatabase::Write(const LockKeys& keys, Work work)
    -> decltype(work(std::declval<soci::session&>())) {
  if (Joined() != nullptr) {
    TakeLocks(*Joined(), &keys);
    return work(*Joined());
  }
  const Stopwatch stopwatch(writes_);
  const std::string begin = BeginText(&keys);
  return Run(&begin, Turn::kTaken, std::move(work));
}

}  // namespace sspr::service
