// SPDX-License-Identifier: Apache-2.0
#include "service/daemon/monitor.h"

#include <json/json.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

#include "service/store/flow_count.h"
#include "service/writeback/agent_directory.h"

namespace sspr::service {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kFresh(1);
constexpr std::chrono::seconds kHangs(5);

HttpReply TextReply(const HttpRequestView& request, const char* path, bool good, const char* word) {
  HttpReply reply{.status = good ? 200 : 503,
                  .headers = {{"Content-Type", "application/json"}},
                  .body = std::string("{\"status\":\"") + word + "\"}"};
  if (request.path != path) {
    reply = {.status = 404, .headers = {}, .body = {}};
  } else if (request.method != "GET" && request.method != "HEAD") {
    reply = {.status = 405, .headers = {{"Allow", "GET, HEAD"}}, .body = {}};
  }
  return reply;
}

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

Status Monitor::Start(const ServiceConfig& config, Foundation& foundation,
                      std::function<void(std::string_view)> note) {
  foundation_ = &foundation;
  std::string token;
  if (!config.metrics_token_file.empty()) {
    Result<std::string> read = ReadMetricsToken(config.metrics_token_file);
    if (!read.ok()) return read.error();
    token = std::move(*read);
  }
  keeper_ = std::make_unique<AuditKeeper>(*foundation.audit, *foundation.database, config.syslog,
                                          std::move(note));
  foundation.audit->SetListener([this](const std::vector<AuditEvent>& events) {
    for (const AuditEvent& event : events) metrics_.CountEvent(event);
    keeper_->Notice();
  });
  AddGauges();
  if (config.metrics_listen.address.empty()) return Ok();
  auto listener =
      MetricsListener::Start(config.metrics_listen.address, config.metrics_listen.port, token,
                             [this](std::string_view path) { return AnswerMonitor(path); });
  if (!listener.ok()) return listener.error();
  listener_ = std::move(*listener);
  return Ok();
}

void Monitor::Stop() {
  listener_.reset();
  if (foundation_ != nullptr) foundation_->audit->SetListener({});
  keeper_.reset();
  foundation_ = nullptr;
}

void Monitor::NoteDelivery(const char* channel, DeliveryOutcome outcome) {
  metrics_.CountDelivery(channel, Name(outcome));
  const std::lock_guard lock(delivery_mutex_);
  if (outcome == DeliveryOutcome::kSent) delivery_faults_.erase(channel);
  if (outcome == DeliveryOutcome::kExpired) {
    delivery_faults_[channel] = "the last message was not taken in time";
  }
}

void Monitor::NoteDropped(const char* channel) {
  metrics_.CountDelivery(channel, "dropped");
  const std::lock_guard lock(delivery_mutex_);
  delivery_faults_[channel] = "messages are dropped: the queue is full";
}

HttpReply Monitor::Health(const HttpRequestView& request) const {
  return TextReply(request, "/health", true, "alive");
}

HttpReply Monitor::Ready(const HttpRequestView& request) {
  const bool ready = ReadinessNow().ready();
  return TextReply(request, "/ready", ready, ready ? "ready" : "not ready");
}

Monitor::Readiness Monitor::Check() {
  Readiness found;
  try {
    CountOpenFlows(*foundation_->database, 0);
  } catch (const std::exception& error) {
    found.database = error.what();
  }
  if (const Status probed = foundation_->audit->Probe(); !probed.ok()) {
    found.audit = probed.error().detail;
  }
  const std::lock_guard lock(delivery_mutex_);
  for (const auto& [channel, fault] : delivery_faults_) {
    found.delivery += (found.delivery.empty() ? "" : "; ") + channel + ": " + fault;
  }
  return found;
}

Monitor::Readiness Monitor::ReadinessNow() {
  {
    const std::lock_guard lock(readiness_mutex_);
    const auto age = Steady::now() - checked_at_;
    const bool is_first = checked_at_ == Steady::time_point{};
    if (is_checking_) {
      if (is_first || age < kHangs) return last_;
      Readiness hung = last_;
      hung.database = "it does not answer";
      return hung;
    }
    if (!is_first && age < kFresh) return last_;
    is_checking_ = true;
  }
  Readiness found = Check();
  const std::lock_guard lock(readiness_mutex_);
  is_checking_ = false;
  checked_at_ = Steady::now();
  last_ = found;
  return found;
}

MetricsAnswer Monitor::AnswerMonitor(std::string_view path) {
  if (path == "/metrics") {
    return {.status = 200,
            .content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = metrics_.Write()};
  }
  if (path == "/health") {
    return {.status = 200, .content_type = "application/json", .body = "{\"status\":\"alive\"}"};
  }
  if (path != "/ready") {
    return {.status = 404, .content_type = "text/plain", .body = "/metrics, /health or /ready\n"};
  }
  const Readiness readiness = ReadinessNow();
  Json::Value object(Json::objectValue);
  object["status"] = readiness.ready() ? "ready" : "not ready";
  object["database"] = readiness.database.empty() ? "ok" : readiness.database;
  object["audit"] = readiness.audit.empty() ? "ok" : readiness.audit;
  object["delivery"] = readiness.delivery.empty() ? "ok" : readiness.delivery;
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  return {.status = readiness.ready() ? 200 : 503,
          .content_type = "application/json",
          .body = Json::writeString(builder, object)};
}

void Monitor::AddGauges() {
  Foundation& foundation = *foundation_;
  const auto yes = [](bool value) { return value ? 1.0 : 0.0; };
  metrics_.AddDatabaseLatency({"kind=\"read\"", &foundation.database->reads()});
  metrics_.AddDatabaseLatency({"kind=\"write\"", &foundation.database->writes()});
  metrics_.AddGauge({"sspr_ready", "1 when database, audit and delivery work.",
                     [this, yes] { return yes(ReadinessNow().ready()); }});
  metrics_.AddGauge({"sspr_flows_open", "Resets and sign-ins under way.", [&foundation] {
                       return static_cast<double>(
                           CountOpenFlows(*foundation.database, foundation.clock().Now()));
                     }});
  metrics_.AddGauge({"sspr_audit_writable", "1 when a decision can be recorded.",
                     [&foundation, yes] { return yes(foundation.audit->Probe().ok()); }});
  metrics_.AddGauge({"sspr_audit_syslog_up",
                     "1 when the syslog server takes records, or none is set.",
                     [this, yes] { return yes(keeper_->State().is_up); }});
  metrics_.AddGauge({"sspr_audit_syslog_waiting",
                     "Records that the syslog server did not take yet.",
                     [this] { return static_cast<double>(keeper_->State().waiting); }});
  if (WritebackDesk* const desk = WritebackDeskOf(*foundation.directory)) {
    JobHub& hub = desk->hub;
    metrics_.AddGauge({"sspr_writeback_connected", "Threads of agents that wait or work here.",
                       [&hub] { return static_cast<double>(hub.Connected()); }});
    metrics_.AddGauge({"sspr_writeback_open", "Passwords that agents are to set.", [&hub] {
                         const JobCount count = hub.jobs().Count();
                         return static_cast<double>(count.waiting + count.taken);
                       }});
    metrics_.AddGauge({"sspr_writeback_dead", "Passwords of the last 30 days that were not set.",
                       [&hub] { return static_cast<double>(hub.jobs().Count().dead); }});
  }
  metrics_.AddGauge({"process_resident_memory_bytes", "Memory in use.", ResidentBytes});
  metrics_.AddGauge({"process_start_time_seconds", "When the process began, in Unix seconds.",
                     [begun = static_cast<double>(std::time(nullptr))] { return begun; }});
}

}  // namespace sspr::service
