// SPDX-License-Identifier: Apache-2.0
#include "service/metrics/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sspr::service {
namespace {

constexpr std::size_t kMostSeries = 2000;
constexpr double kMicrosPerSecond = 1e6;

constexpr char kRequests[] = "sspr_http_requests_total";
constexpr char kEvents[] = "sspr_events_total";
constexpr char kResets[] = "sspr_resets_total";
constexpr char kUnlocks[] = "sspr_unlocks_total";
constexpr char kChallenges[] = "sspr_challenges_total";
constexpr char kProofs[] = "sspr_proofs_total";
constexpr char kLimits[] = "sspr_limits_hit_total";
constexpr char kDeliveries[] = "sspr_deliveries_total";

const std::pair<const char*, const char*> kCounterHelp[] = {
    {kChallenges, "Challenges by method and outcome."},
    {kDeliveries, "Messages by channel and what became of them."},
    {kEvents, "Records of the audit by event and outcome."},
    {kRequests, "Requests by route and status."},
    {kLimits, "Decisions that a limit refused, by event."},
    {kProofs, "Proofs by method and outcome."},
    {kResets, "Resets by how far they came."},
    {kUnlocks, "Unlocks by how far they came."},
};

std::string Label(const char* name, std::string_view value) {
  std::string text = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

std::string Number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, value == std::floor(value) ? "%.0f" : "%.6g", value);
  return text;
}

void WriteHead(std::string& out, const std::string& name, const char* help, const char* type) {
  out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void WriteHistogram(std::string& out, const std::string& name, const std::string& labels,
                    const Histogram& histogram) {
  const std::string before = labels.empty() ? "" : labels + ",";
  // The total is read first: a request that ends meanwhile must not make a step larger than it.
  const std::uint64_t count = histogram.Count();
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    so_far = std::min(count, so_far + histogram.Step(i));
    out += name + "_bucket{" + before + "le=\"" +
           Number(static_cast<double>(Histogram::kBounds[i]) / kMicrosPerSecond) + "\"} " +
           std::to_string(so_far) + "\n";
  }
  const std::string end = labels.empty() ? " " : "{" + labels + "} ";
  out += name + "_bucket{" + before + "le=\"+Inf\"} " + std::to_string(count) + "\n";
  out += name + "_sum" + end +
         Number(static_cast<double>(histogram.Sum().count()) / kMicrosPerSecond) + "\n";
  out += name + "_count" + end + std::to_string(count) + "\n";
}

// The word of the method that an event is about.
std::string MethodOf(const AuditEvent& event) {
  if (!event.reason.empty()) return event.reason;
  return event.methods.empty() ? "none" : event.methods.back();
}

}  // namespace

void Metrics::Count(const char* family, std::string labels) {
  const std::lock_guard lock(mutex_);
  const auto key = std::pair(std::string(family), std::move(labels));
  if (const auto found = counters_.find(key); found != counters_.end()) {
    ++found->second;
  } else if (counters_.size() < kMostSeries) {
    counters_[key] = 1;
  }
}

void Metrics::CountRequest(std::string_view route, int status, std::chrono::milliseconds taken) {
  const std::string label = Label("route", route);
  Count(kRequests, label + "," + Label("status", std::to_string(status)));
  Histogram* histogram = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (requests_.size() >= kMostSeries && !requests_.contains(label)) return;
    auto& slot = requests_[label];
    if (!slot) slot = std::make_unique<Histogram>();
    histogram = slot.get();
  }
  histogram->Add(taken);
}

void Metrics::CountEvent(const AuditEvent& event) {
  Count(kEvents, Label("event", event.event) + "," + Label("outcome", event.outcome));
  if (event.outcome == "limited") Count(kLimits, Label("event", event.event));
  const std::string by_method =
      Label("method", MethodOf(event)) + "," + Label("outcome", event.outcome);
  if (event.event == "reset.start" || event.event == "reset.finish") {
    Count(kResets, Label("outcome", event.outcome));
  } else if (event.event == "unlock.finish") {
    Count(kUnlocks, Label("outcome", event.outcome));
  } else if (event.event == "reset.challenge") {
    Count(kChallenges, by_method);
  } else if (event.event == "reset.gate") {
    Count(kProofs, by_method);
  }
}

void Metrics::CountDelivery(std::string_view channel, std::string_view outcome) {
  Count(kDeliveries, Label("channel", channel) + "," + Label("outcome", outcome));
}

std::string Metrics::Write() const {
  std::string out;
  for (const auto& [name, help] : kCounterHelp) {
    WriteHead(out, name, help, "counter");
    const std::lock_guard lock(mutex_);
    for (auto one = counters_.lower_bound({name, ""});
         one != counters_.end() && one->first.first == name; ++one) {
      out +=
          std::string(name) + "{" + one->first.second + "} " + std::to_string(one->second) + "\n";
    }
  }
  WriteHead(out, "sspr_http_request_seconds", "Time to the answer, by route.", "histogram");
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [labels, histogram] : requests_) {
      WriteHistogram(out, "sspr_http_request_seconds", labels, *histogram);
    }
  }
  if (!database_.empty()) {
    WriteHead(out, "sspr_database_seconds", "Time of a call of the database.", "histogram");
    for (const Latency& latency : database_) {
      WriteHistogram(out, "sspr_database_seconds", latency.labels, *latency.histogram);
    }
  }
  for (const Gauge& gauge : gauges_) {
    WriteHead(out, gauge.name, gauge.help.c_str(), "gauge");
    out += gauge.name + " " + Number(gauge.value()) + "\n";
  }
  return out;
}

}  // namespace sspr::service
