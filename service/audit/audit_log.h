// SPDX-License-Identifier: Apache-2.0
// One record for each decision, in the database and as a line of the audit file, chained: a record
// holds the SHA-256 of the one before it, so that none can be changed, moved or taken out unseen.
//
// Each process writes a chain of its own, which begins behind the newest record of all others: so
// several processes on one database need not wait for each other, and yet a chain that vanished is
// missed. The row in the database is committed together with the decision; the line follows it. A
// file that lacks lines that the database has, after a power cut, is completed from there, and what
// somebody cut off the end of either of them, the other one still has.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/audit/audit_event.h"
#include "service/audit/audit_file.h"
#include "service/audit/audit_line.h"
#include "service/audit/audit_verdict.h"
#include "service/crypto/random.h"
#include "service/crypto/service_keys.h"
#include "service/store/audit_table.h"
#include "service/store/commit_rider.h"
#include "service/store/sql_database.h"

namespace sspr::service {

class AuditLog final : public CommitRider {
 public:
  // How much hangs on it; for the reader of the code. Either is durable.
  enum class Weight { kNormal, kFinal };

  // Rides on the transactions of database from here on. All of them outlive the log. The file is
  // made with mode 0600 when it is missing.
  AuditLog(std::string path, SqlDatabase& database, const ServiceKeys& keys, Random& random,
           const Clock& clock);
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  ~AuditLog() override;

  // Within the work of a Write of the database the record goes down with that; otherwise it is
  // durable when this returns success. kInternal otherwise: the decision must not
  // take effect. Safe from several threads at once.
  Status Write(AuditEvent event, Weight weight);

  // Who an event is put down to that names nobody: ssprctl says who runs it.
  void SetActor(std::string actor) { actor_ = std::move(actor); }

  // Called behind each commit that took records along, with them; on the thread that committed.
  using Listener = std::function<void(const std::vector<AuditEvent>&)>;
  void SetListener(Listener listener);

  // Whether a decision could be recorded now, by trying the file; the fault otherwise.
  Status Probe();
  // The file to the disk. The rows are there already.
  void SyncFile();

  // The end of this process's chain; number 0 when nothing was written yet.
  ChainEnd End() const;

  // files: older parts of the audit file first, the one that is written to last; empty: that one
  // alone. kInternal when one cannot be read or the database cannot be asked.
  Result<AuditVerdict> Verify(std::vector<std::string> files = {});

  // CommitRider
  bool Waits() const override;
  void Board(soci::session& sql) override;
  void Alight(bool committed) noexcept override;
  void Forget() override { Drop(); }

 private:
  // The record waits for the transaction of this thread.
  void Ride(AuditEvent event);
  // Forgets what is waiting.
  void Drop();
  ChainEnd NewChain();
  void CompleteFile(soci::session& sql);
  void PutRow(soci::session& sql, const AuditEvent& event, UnixSeconds at);
  std::string SealOf(const std::string& hash) const;

  struct Waiting {
    AuditEvent event;
    UnixSeconds at;
  };

  const std::string home_;  // what the names of chains with lines in this file begin with
  SqlDatabase& database_;
  const ServiceKeys& keys_;
  Random& random_;
  const Clock& clock_;
  std::string actor_;
  Listener listener_;

  mutable std::mutex waiting_mutex_;
  std::map<std::thread::id, std::vector<Waiting>> waiting_;

  // From Board to Alight.
  mutable std::mutex mutex_;
  AuditFile file_;
  ChainEnd end_;   // committed; no chain: none was begun
  ChainEnd next_;  // with what is on board
  std::string lines_;
  std::vector<AuditEvent> on_board_;
  bool in_file_ = false;    // a line of this chain is
  bool unsure_ = false;     // whether the last transaction came to its commit
  bool file_lacks_ = true;  // maybe: lines that the database has
};

}  // namespace sspr::service
