// SPDX-License-Identifier: Apache-2.0
// How the service is watched: health, readiness, metrics, and the audit's way out. Anybody may ask
// whether it lives and is ready, and learns no more than that; reasons and figures are on an
// address of their own.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "service/audit/audit_keeper.h"
#include "service/config/service_config.h"
#include "service/delivery/delivery_queue.h"
#include "service/engine/foundation.h"
#include "service/http/http_message.h"
#include "service/metrics/metrics.h"
#include "service/metrics/metrics_listener.h"

namespace sspr::service {

class Monitor {
 public:
  // What is wrong now; empty where nothing is.
  struct Readiness {
    std::string database;
    std::string audit;
    std::string delivery;
    bool ready() const { return database.empty() && audit.empty() && delivery.empty(); }
  };

  Monitor() = default;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  ~Monitor() { Stop(); }

  // Begins to watch. foundation outlives it; note takes lines for the log. The error names what to
  // do.
  Status Start(const ServiceConfig& config, Foundation& foundation,
               std::function<void(std::string_view)> note);
  // Ends what runs by itself, and lets the audit go out for a moment. Nothing may be recorded
  // behind it.
  void Stop();

  // Safe from several threads at once, from the making on.
  void CountRequest(std::string_view route, int status, std::chrono::milliseconds taken) {
    metrics_.CountRequest(route, status, taken);
  }
  void NoteDelivery(const char* channel, DeliveryOutcome outcome);
  // A message that the queue had no room for.
  void NoteDropped(const char* channel);

  // "/health" and "/ready" at the service's own address.
  HttpReply Health(const HttpRequestView& request) const;
  HttpReply Ready(const HttpRequestView& request);

  // What is asked at most once a second; a check that hangs is a fault after five.
  Readiness ReadinessNow();

 private:
  Readiness Check();
  MetricsAnswer AnswerMonitor(std::string_view path);
  void AddGauges();

  Metrics metrics_;
  Foundation* foundation_ = nullptr;
  std::unique_ptr<AuditKeeper> keeper_;
  std::unique_ptr<MetricsListener> listener_;

  std::mutex delivery_mutex_;
  std::map<std::string, std::string> delivery_faults_;  // by channel

  std::mutex readiness_mutex_;
  bool is_checking_ = false;
  Readiness last_;
  std::chrono::steady_clock::time_point checked_at_{};
};

}  // namespace sspr::service
