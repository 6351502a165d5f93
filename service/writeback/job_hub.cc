// SPDX-License-Identifier: Apache-2.0
#include "service/writeback/job_hub.h"

#include <json/value.h>

#include <algorithm>
#include <vector>

#include "common/protocol/json_fields.h"
#include "service/store/flow_store.h"
#include "service/writeback/job_hub_parts.h"

namespace sspr::service {
namespace {

constexpr std::chrono::milliseconds kIdleLook{1'000};
constexpr std::chrono::milliseconds kTurn{3'000};  // from an answer to the next question
constexpr UnixSeconds kSeenSeconds = 45;
constexpr UnixSeconds kKeptSeconds = 30 * 24 * 3600;

}  // namespace

std::string BodyFor(const WritebackJob& job, const std::string& sealed, const std::string& agent) {
  WritebackJob given = job;
  if (!sealed.empty()) {
    const Result<Json::Value> copies = ParseStrictJson(sealed);
    if (copies.ok() && (*copies)[agent].isString()) given.sealed = (*copies)[agent].asString();
  }
  Json::Value body(Json::objectValue);
  body["job"] = ToJson(given);
  return CompactJson(body);
}

std::optional<WritebackAnswer> AnswerOf(const JobRecord& record) {
  const Result<Json::Value> value = ParseStrictJson(record.answer);
  if (!value.ok()) return std::nullopt;
  Result<WritebackAnswer> answer = AnswerFromJson(*value);
  if (!answer.ok()) return std::nullopt;
  return std::move(*answer);
}

JobHub::JobHub(SqlDatabase& database, AgentRegistry& registry, Random& random, const Clock& clock,
               std::function<void(std::string_view)> log, JobHubSettings settings)
    : registry_(registry),
      random_(random),
      clock_(clock),
      log_(std::move(log)),
      settings_(settings),
      jobs_(database),
      is_alone_(database.dialect() == Dialect::kSqlite) {}

JobHub::~JobHub() { Stop(); }

void JobHub::Start() {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { Serve(); });
}

void JobHub::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

JobHub::LaneKey JobHub::KeyOf(const JobTaker& taker) {
  return {taker.agent_id, {taker.session, taker.lane}};
}

// One that was given something works; one that was told that there is nothing comes again.
bool JobHub::IsAlive(const Lane& lane) const {
  if (!lane.poll.expired()) return true;
  const Steady::time_point sent_at{Steady::duration(lane.sent_at->load())};
  const auto patience =
      lane.job_id.empty() ? kTurn : std::chrono::milliseconds(settings_.answer_seconds * 1000);
  return sent_at != Steady::time_point{} && Steady::now() - sent_at < patience;
}

bool JobHub::HasLocalAgent() {
  return std::ranges::any_of(lanes_, [this](const auto& lane) { return IsAlive(lane.second); });
}

std::size_t JobHub::Connected() {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(lanes_, [this](const auto& lane) { return IsAlive(lane.second); }));
}

bool JobHub::HasAgent() {
  {
    const std::lock_guard lock(mutex_);
    if (HasLocalAgent()) return true;
    // The only process that serves agents knows.
    if (is_alone_ && thread_.joinable()) return false;
  }
  const UnixSeconds now = clock_.Now();
  return std::ranges::any_of(registry_.Active(), [now](const AgentRecord& agent) {
    return agent.last_seen > now - kSeenSeconds;
  });
}

std::shared_ptr<JobHub::Poll> JobHub::TakeIdle() {
  while (!idle_.empty()) {
    std::shared_ptr<Poll> poll = idle_.front().lock();
    idle_.pop_front();
    if (poll != nullptr) return poll;
  }
  return nullptr;
}

void JobHub::GiveUnasked() {
  while (!unasked_.empty()) {
    const std::shared_ptr<Poll> poll = TakeIdle();
    if (poll == nullptr) return;
    const Question& question = *unasked_.front();
    if (!poll->Give(BodyFor(question.job, question.sealed, poll->taker().agent_id))) continue;
    const auto lane = lanes_.find(KeyOf(poll->taker()));
    if (lane != lanes_.end()) lane->second.job_id = question.job.id;
    unasked_.pop_front();
  }
}

// False when that thread waits no more: it may have come again already, so the job must not stay
// with it.
bool JobHub::GiveTaken(Poll& poll, const JobRecord& record) {
  const JobTaker& taker = poll.taker();
  {
    const std::lock_guard lock(mutex_);
    if (poll.Give(BodyFor(record.job, record.sealed, taker.agent_id))) {
      const auto lane = lanes_.find(KeyOf(taker));
      if (lane != lanes_.end()) {
        lane->second.job_id = record.job.id;
        lane->second.taken = record;
      }
      return true;
    }
  }
  jobs_.ReturnUnsent(record, clock_.Now());
  return false;
}

// What was given to threads that hung up before it was sent to them.
void JobHub::TakeBackUnsent() {
  std::vector<JobRecord> unsent;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [key, lane] : lanes_) {
      if (!lane.poll.expired() || lane.sent_at->load() != 0) continue;
      AskAgain(lane);
      if (lane.taken) unsent.push_back(*std::exchange(lane.taken, std::nullopt));
      lane.job_id.clear();
    }
    GiveUnasked();
  }
  for (const JobRecord& record : unsent) jobs_.ReturnUnsent(record, clock_.Now());
}

// What waits in the outbox, to those who wait for work.
void JobHub::GiveWaiting() {
  std::set<std::shared_ptr<Poll>> without;  // there is nothing for them now
  while (true) {
    std::shared_ptr<Poll> poll;
    {
      const std::lock_guard lock(mutex_);
      poll = stopping_ ? nullptr : TakeIdle();
    }
    if (poll == nullptr) break;
    if (without.contains(poll)) {
      const std::lock_guard lock(mutex_);
      idle_.push_back(poll);
      break;
    }
    const std::optional<JobRecord> record = jobs_.Take(poll->taker(), clock_.Now());
    if (record) {
      GiveTaken(*poll, *record);
      continue;
    }
    const std::lock_guard lock(mutex_);
    idle_.push_back(poll);
    without.insert(poll);
  }
}

void JobHub::Tend() {
  const UnixSeconds now = clock_.Now();
  if (jobs_.BuryExpired(now) > 0) log_("writeback: no agent took a password in time");
  jobs_.ReturnUnanswered(now - settings_.answer_seconds, now);
}

void JobHub::Serve() {
  Steady::time_point tended{};
  Steady::time_point forgot{};
  while (true) {
    bool has_idle = false;
    {
      std::unique_lock lock(mutex_);
      std::erase_if(idle_, [](const auto& poll) { return poll.expired(); });
      has_idle = !idle_.empty();
      // Others put jobs into the outbox as well.
      work_.wait_for(lock, has_idle ? kLook : kIdleLook, [this] { return has_work_ || stopping_; });
      if (stopping_) return;
      has_work_ = false;
      has_idle = !idle_.empty();
    }
    try {
      if (Steady::now() - tended > kIdleLook) {
        tended = Steady::now();
        Tend();
      }
      TakeBackUnsent();
      if (Steady::now() - forgot > std::chrono::hours(1)) {
        forgot = Steady::now();
        jobs_.Forget(clock_.Now() - kKeptSeconds);
      }
      if (has_idle && jobs_.HasWaiting()) GiveWaiting();
    } catch (const std::exception& error) {
      log_(std::string("writeback: ") + error.what());
      std::unique_lock lock(mutex_);
      work_.wait_for(lock, kIdleLook, [this] { return stopping_; });
    }
  }
}

}  // namespace sspr::service
