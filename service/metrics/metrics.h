// SPDX-License-Identifier: Apache-2.0
// What the service counts, in the text format of Prometheus (0.0.4). Written by hand: it is a
// page of code, where prometheus-cpp would add a web server and megabytes to a process that starts
// in milliseconds.
//
// Labels are words of ours alone: routes, outcomes, methods. Nothing that a caller chose.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/audit/audit_event.h"
#include "service/metrics/histogram.h"

namespace sspr::service {

class Metrics {
 public:
  // What is looked at when somebody asks.
  struct Gauge {
    std::string name;
    std::string help;
    std::function<double()> value;
  };
  struct Latency {
    std::string labels;  // kind="read"
    const Histogram* histogram;
  };

  Metrics() = default;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Safe from several threads at once.
  void CountRequest(std::string_view route, int status, std::chrono::milliseconds taken);
  // Of the audit: each decision is one there, so what is counted and what is recorded agree.
  void CountEvent(const AuditEvent& event);
  void CountDelivery(std::string_view channel, std::string_view outcome);

  // Before the first Write. What they refer to outlives this.
  void AddGauge(Gauge gauge) { gauges_.push_back(std::move(gauge)); }
  void AddDatabaseLatency(Latency latency) { database_.push_back(std::move(latency)); }

  std::string Write() const;

 private:
  void Count(const char* family, std::string labels);

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> counters_;  // family, labels
  std::map<std::string, std::unique_ptr<Histogram>> requests_;             // by labels
  std::vector<Gauge> gauges_;
  std::vector<Latency> database_;
};

}  // namespace sspr::service
