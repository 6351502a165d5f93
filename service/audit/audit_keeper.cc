// SPDX-License-Identifier: Apache-2.0
#include "service/audit/audit_keeper.h"

#include <algorithm>

#include "service/audit/syslog_line.h"

namespace sspr::service {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kSyncEvery(1000);
constexpr milliseconds kPatience(3000);
constexpr milliseconds kFirstRest(1000);
constexpr milliseconds kLongestRest(30'000);
constexpr milliseconds kFarewell(2000);
constexpr int kSendBatch = 100;

}  // namespace

AuditKeeper::AuditKeeper(AuditLog& log, SqlDatabase& database, std::optional<SyslogTarget> target,
                         std::function<void(std::string_view)> note)
    : log_(log), table_(database), target_(std::move(target)), note_(std::move(note)) {
  syncing_ = std::thread([this] { Sync(); });
  if (target_) exporting_ = std::thread([this] { Export(); });
}

AuditKeeper::~AuditKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    last_chance_ = std::chrono::steady_clock::now() + kFarewell;
    wake_.notify_all();
  }
  syncing_.join();
  if (exporting_.joinable()) exporting_.join();
}

void AuditKeeper::Notice() {
  dirty_ = true;
  if (!target_) return;
  const std::lock_guard lock(mutex_);
  news_ = true;
  wake_.notify_all();
}

AuditExportState AuditKeeper::State() const {
  const std::uint64_t written = log_.End().number;
  const std::uint64_t sent = sent_;
  return {.is_on = target_.has_value(),
          .is_up = is_up_,
          .sent = sent,
          .waiting = target_ ? written - std::min(sent, written) : 0};
}

bool AuditKeeper::Rest(milliseconds time, bool for_news) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [&] { return stop_ || (for_news && news_); });
  if (for_news) news_ = false;
  return stop_;
}

void AuditKeeper::Sync() {
  while (!Rest(kSyncEvery, false)) {
    if (dirty_.exchange(false)) log_.SyncFile();
  }
}

bool AuditKeeper::SendWaiting(SyslogSink& sink) {
  const std::string chain = log_.End().chain;
  if (chain.empty()) return true;
  static const std::string host = SyslogHost();
  while (true) {
    const auto rows = table_.RowsBehind(chain, static_cast<std::int64_t>(sent_.load()), kSendBatch);
    for (const AuditRow& row : rows) {
      {
        const std::lock_guard lock(mutex_);
        if (stop_ && std::chrono::steady_clock::now() >= last_chance_) return false;
      }
      if (const Status sent = sink.Send(SyslogLine(RecordOf(row), host)); !sent.ok()) {
        if (is_up_.exchange(false) && note_) note_("audit: " + sent.error().detail);
        return false;
      }
      sent_ = static_cast<std::uint64_t>(row.n);
    }
    if (rows.size() < kSendBatch) break;
  }
  if (!is_up_.exchange(true) && note_) note_("audit: the syslog server is back");
  return true;
}

void AuditKeeper::Export() {
  SyslogSink sink(*target_, kPatience);
  milliseconds rest = kFirstRest;
  while (true) {
    bool good = false;
    try {
      good = SendWaiting(sink);
    } catch (const std::exception& error) {
      if (note_) note_(std::string("audit: ") + error.what());
    }
    rest = good ? kFirstRest : std::min(2 * rest, kLongestRest);
    // Behind a failure there is no hurry, whatever is new.
    if (!Rest(good ? kLongestRest : rest, good)) continue;
    if (!good) return;
    try {
      SyslogSink last(*target_, kFarewell);
      SendWaiting(last);
    } catch (const std::exception&) {
      return;  // it is all in the database
    }
    return;
  }
}

}  // namespace sspr::service
