// SPDX-License-Identifier: Apache-2.0
// What happens to the audit behind the back of the requests: the file is synced once a second, and
// this process's records go to the syslog server. Neither ever makes a request wait: the database
// is the spool, and what could not be sent is sent in order when the server is back.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "service/audit/audit_log.h"
#include "service/audit/syslog_sink.h"

namespace sspr::service {

struct AuditExportState {
  bool is_on = false;  // a server is configured
  bool is_up = true;   // the last message was taken
  std::uint64_t sent = 0;
  std::uint64_t waiting = 0;  // records of this process that were not sent yet
};

class AuditKeeper {
 public:
  // log and database outlive it. note is given one line when the server cannot be reached, and when
  // it can again; it is called on a thread of the keeper's.
  AuditKeeper(AuditLog& log, SqlDatabase& database, std::optional<SyslogTarget> target,
              std::function<void(std::string_view)> note);
  AuditKeeper(const AuditKeeper&) = delete;
  AuditKeeper& operator=(const AuditKeeper&) = delete;
  // Gives the server two seconds for what is still waiting.
  ~AuditKeeper();

  // There are new records; for the log's listener.
  void Notice();

  AuditExportState State() const;

 private:
  void Sync();
  void Export();
  // Sends what is waiting until it fails or there is nothing left; false when it failed.
  bool SendWaiting(SyslogSink& sink);
  // Until there is something new, or the time is over, or the end; true at the end.
  bool Rest(std::chrono::milliseconds time, bool for_news);

  AuditLog& log_;
  AuditTable table_;
  const std::optional<SyslogTarget> target_;
  const std::function<void(std::string_view)> note_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool news_ = false;
  bool stop_ = false;
  std::chrono::steady_clock::time_point last_chance_;

  std::atomic<bool> dirty_ = false;
  std::atomic<bool> is_up_ = true;
  std::atomic<std::uint64_t> sent_ = 0;  // number of the last record that was taken
  std::thread syncing_;
  std::thread exporting_;
};

}  // namespace sspr::service
