// SPDX-License-Identifier: Apache-2.0
#include "service/risk/graph_poller.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>

#include "service/engine/risk.h"

namespace sspr::service {
namespace {

constexpr char kSinceSetting[] = "graph.since";
constexpr char kSource[] = "graph";
// Read again each time: changes that Graph shows late, and clocks that differ. What was taken
// already is found to be old.
constexpr UnixSeconds kOverlap = 600;
constexpr UnixSeconds kFirstLook = 90 * 24 * 3600;
constexpr UnixSeconds kLease = 120;
constexpr UnixSeconds kFirstRetry = 60;
constexpr UnixSeconds kLongestRetry = 3600;
constexpr int kMostTries = 50;

// Doubles with each try.
UnixSeconds RetryAfter(int tries) {
  UnixSeconds wait = kFirstRetry;
  for (int i = 1; i < tries && wait < kLongestRetry; ++i) wait *= 2;
  return std::min(wait, kLongestRetry);
}

}  // namespace

GraphPoller::GraphPoller(EngineParts parts, const GraphSettings& settings)
    : parts_(std::move(parts)), poll_seconds_(settings.poll_seconds) {}

Result<std::unique_ptr<GraphPoller>> GraphPoller::Make(EngineParts parts,
                                                       const GraphSettings& settings) {
  auto made = std::unique_ptr<GraphPoller>(new GraphPoller(std::move(parts), settings));
  auto client = GraphClient::Make(settings, made->parts_.clock);
  if (!client.ok()) return client.error();
  made->client_ = std::move(*client);
  return made;
}

GraphPoller::~GraphPoller() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

UnixSeconds GraphPoller::Since() {
  const UnixSeconds now = parts_.clock.Now();
  for (const auto& [name, text] : parts_.store.ListSettings()) {
    if (name != kSinceSetting) continue;
    UnixSeconds since = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), since);
    if (fault == std::errc() && end == text.data() + text.size()) {
      return std::min(since, now) - kOverlap;
    }
  }
  return now - kFirstLook;
}

Status GraphPoller::Read(GraphRound& round) {
  const Result<std::vector<RiskyUser>> users = client_->ChangedSince(Since());
  if (!users.ok()) return users.error();
  UnixSeconds newest = 0;
  for (const RiskyUser& risky : *users) {
    ++round.read;
    newest = std::max(newest, risky.updated_at);
    const auto id = parts_.risk_table->UserOf(risky.id);
    const auto user = id ? parts_.directory.Get(*id) : std::nullopt;
    if (!user) {
      ++round.unknown;
      continue;
    }
    const SignalTaken taken = TakeSignal(parts_, *user,
                                         {.level = risky.level,
                                          .detail = risky.detail,
                                          .occurred_at = risky.updated_at,
                                          .report_id = {},
                                          .source = kSource},
                                         {});
    round.taken += taken == SignalTaken::kTaken ? 1 : 0;
  }
  if (newest != 0) parts_.store.PutSetting(kSinceSetting, std::to_string(newest));
  return Ok();
}

void GraphPoller::Finish(const std::vector<OutboxRecord>& told, const char* outcome) {
  for (const OutboxRecord& one : told) {
    const Status written = parts_.audit.Write({.event = "risk.dismiss",
                                               .outcome = outcome,
                                               .reason = one.external_id,
                                               .user_id = one.user_id,
                                               .client_id = kSource,
                                               .transaction_id = one.transaction_id},
                                              AuditLog::Weight::kFinal);
    if (!written.ok()) parts_.log("audit: " + written.error().detail);
  }
  parts_.risk_table->Forget(told);
}

// One id of many was refused: which, is found by asking for each. The refused are given up.
void GraphPoller::TellOneByOne(const std::vector<OutboxRecord>& due, GraphRound& round) {
  for (const OutboxRecord& one : due) {
    const Status told = client_->Dismiss({one.external_id});
    if (told.ok()) {
      Finish({one}, "done");
      ++round.dismissed;
    } else if (told.error().code == Errc::kPolicy) {
      Finish({one}, "refused");
    } else {
      parts_.risk_table->Defer({one}, parts_.clock.Now() + RetryAfter(one.tries));
      ++round.deferred;
    }
  }
}

Status GraphPoller::TellEnds(GraphRound& round) {
  while (true) {
    const UnixSeconds now = parts_.clock.Now();
    const std::vector<OutboxRecord> due =
        parts_.risk_table->Claim(static_cast<int>(GraphClient::kMostDismissed), now, now + kLease);
    if (due.empty()) return Ok();
    std::vector<std::string> ids;
    for (const OutboxRecord& one : due) {
      if (std::ranges::find(ids, one.external_id) == ids.end()) ids.push_back(one.external_id);
    }
    const Status told = client_->Dismiss(ids);
    if (told.ok()) {
      Finish(due, "done");
      round.dismissed += static_cast<int>(due.size());
      continue;
    }
    if (told.error().code == Errc::kPolicy) {
      TellOneByOne(due, round);
      continue;
    }
    std::vector<OutboxRecord> hopeless;
    for (const OutboxRecord& one : due) {
      if (one.tries >= kMostTries) {
        hopeless.push_back(one);
        continue;
      }
      const UnixSeconds wait = std::max<UnixSeconds>(RetryAfter(one.tries), client_->retry_after());
      parts_.risk_table->Defer({one}, now + wait);
      ++round.deferred;
    }
    Finish(hopeless, "given up");
    return told.error();
  }
}

// The ends first: what is read then already knows of them.
Result<GraphRound> GraphPoller::PollOnce() {
  try {
    GraphRound round;
    if (Status told = TellEnds(round); !told.ok()) return told.error();
    if (Status read = Read(round); !read.ok()) return read.error();
    return round;
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

int GraphPoller::PauseAfter(const Result<GraphRound>& round) {
  if (round.ok()) {
    failures_ = 0;
    return poll_seconds_;
  }
  parts_.log("graph: " + round.error().detail);
  ++failures_;
  const UnixSeconds wait = std::max<UnixSeconds>(RetryAfter(failures_), client_->retry_after());
  return static_cast<int>(std::max<UnixSeconds>(wait, std::min(poll_seconds_, 60)));
}

void GraphPoller::Run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    const int pause = PauseAfter(PollOnce());
    lock.lock();
    stopped_.wait_for(lock, std::chrono::seconds(pause), [this] { return stop_; });
  }
}

void GraphPoller::Start() {
  thread_ = std::thread([this] { Run(); });
}

}  // namespace sspr::service
