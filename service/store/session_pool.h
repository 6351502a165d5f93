// SPDX-License-Identifier: Apache-2.0
// The sessions of a database, each connected when it is first needed and again after it was lost.
#pragma once

#include <soci/session.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "service/store/database_target.h"

namespace soci {
class backend_factory;
}

namespace sspr::service {

struct DatabaseOptions {
  std::string password_file = {};  // PostgreSQL: its first line is the password; empty: none
  // One line for the log when the database goes away and when it is back. Any thread.
  std::function<void(std::string_view)> log = {};
  // How long a call waits for a session, and for its turn to write, before it fails.
  std::chrono::milliseconds patience{10'000};
};

class SessionPool {
 public:
  // target as the configuration has it. kPolicy when it is not understood. Connects to nothing yet.
  static Result<std::unique_ptr<SessionPool>> Make(const std::string& target, unsigned sessions,
                                                   DatabaseOptions options);
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;
  ~SessionPool();

  enum class Use {
    kAny,
    // SQLite, with the turn to write: always the same session. What it read stays true until
    // another process writes, so it need not be read again.
    kWriter,
  };

  // A connected session; given back at the end. Throws StoreFailure when all are busy for longer
  // than the patience, or the database cannot be reached.
  class Lease {
   public:
    explicit Lease(SessionPool& pool, Use use = Use::kAny);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    soci::session& sql();
    // After an error: whether the connection is gone. If so it is made anew by the next lease.
    bool IsLost();

   private:
    SessionPool& pool_;
    const std::size_t position_;
  };

  Dialect dialect() const { return dialect_; }
  // Names the database in messages.
  const std::string& shown() const { return shown_; }
  const DatabaseOptions& options() const { return options_; }
  // Remembers, and says once, that the database is away.
  void NoteAway(const std::string& why);

 private:
  using Steady = std::chrono::steady_clock;
  struct Slot {
    soci::session session;
    bool connected = false;
  };

  SessionPool(Dialect dialect, unsigned sessions, DatabaseOptions options);
  std::size_t TakeFree(Use use);
  void GiveBack(std::size_t position);
  void Connect(Slot& slot);
  void NoteBack();

  const Dialect dialect_;
  const DatabaseOptions options_;
  std::string shown_;
  std::string connection_;
  std::unique_ptr<soci::backend_factory> factory_;  // outlives the sessions
  std::vector<std::unique_ptr<Slot>> slots_;        // SQLite: the last one is the writer's

  std::mutex mutex_;  // of what follows
  std::condition_variable freed_;
  std::vector<std::size_t> free_;  // the one that was used last at the end
  bool away_ = false;
  std::string away_because_;
  Steady::time_point next_try_;  // while away: until then nobody tries again
};

}  // namespace sspr::service
