// SPDX-License-Identifier: Apache-2.0
// The side of JobHub of those who ask.
#include <json/value.h>

#include <algorithm>

#include "common/permit/fixed_bytes.h"
#include "common/protocol/json_fields.h"
#include "common/writeback/sealing.h"
#include "service/writeback/job_hub_parts.h"

namespace sspr::service {
namespace {

constexpr std::size_t kIdBytes = 16;

std::int64_t Milliseconds(const Clock& clock) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto part = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 1000;
  return clock.Now() * 1000 + part;
}

}  // namespace

Result<std::string> JobHub::SealToAll(const WritebackJob& job, const Secret& secret) {
  Json::Value copies(Json::objectValue);
  for (const AgentRecord& agent : registry_.Active()) {
    const auto key = SealingPublicKeyFromHex(agent.sealing_key);
    if (!key) continue;
    const Result<std::string> sealed =
        Seal(*key, kSealingInfo, SealingContext(job, agent.id), secret);
    if (!sealed.ok()) return sealed.error();
    copies[agent.id] = Base64UrlOf(*sealed);
  }
  if (copies.empty()) return Error{Errc::kUnreachable, "no agent is registered"};
  return CompactJson(copies);
}

Result<WritebackAnswer> JobHub::Ask(WritebackJob job, const Secret* secret) {
  if (!HasAgent()) return Error{Errc::kUnreachable, "no writeback agent is connected"};
  job.id = ToHex(RandomBytes(random_, kIdBytes));
  const auto wait = std::chrono::duration_cast<std::chrono::seconds>(settings_.ask_wait);
  job.expires_at = clock_.Now() + wait.count() + 1;
  std::string sealed;
  if (secret != nullptr) {
    Result<std::string> copies = SealToAll(job, *secret);
    if (!copies.ok()) return copies.error();
    sealed = std::move(*copies);
  }
  bool here = is_alone_;
  if (here) {
    const std::lock_guard lock(mutex_);
    here = thread_.joinable() && unasked_.size() < kMostUnasked;
  }
  return here ? AskHere(job, sealed) : AskThroughOutbox(job, sealed);
}

Result<WritebackAnswer> JobHub::AskHere(const WritebackJob& job, const std::string& sealed) {
  const auto question = std::make_shared<Question>(Question{job, sealed, std::nullopt});
  std::unique_lock lock(mutex_);
  questions_[job.id] = question;
  unasked_.push_back(question);
  GiveUnasked();
  changed_.wait_for(lock, settings_.ask_wait,
                    [&] { return question->answer.has_value() || stopping_; });
  questions_.erase(job.id);
  std::erase(unasked_, question);
  if (!question->answer) return Error{Errc::kTimedOut, "the writeback agent did not answer"};
  return std::move(*question->answer);
}

Result<WritebackAnswer> JobHub::AskThroughOutbox(const WritebackJob& job,
                                                 const std::string& sealed) {
  JobRecord record{.job = job, .sealed = sealed, .queued_ms = Milliseconds(clock_)};
  if (!jobs_.Insert(record, nullptr, clock_.Now())) {
    return Error{Errc::kInternal, "a question was asked before"};
  }
  const auto until = Steady::now() + settings_.ask_wait;
  std::optional<JobRecord> seen;
  do {
    std::unique_lock lock(mutex_);
    has_work_ = true;
    work_.notify_all();
    changed_.wait_for(lock, kLook, [&] { return noticed_.erase(job.id) > 0 || stopping_; });
    if (stopping_) break;
    lock.unlock();
    seen = jobs_.Find(job.id);
  } while (seen && seen->state != JobState::kAnswered && Steady::now() < until);
  jobs_.Remove(job.id);
  const auto answer = seen ? AnswerOf(*seen) : std::nullopt;
  if (!answer) return Error{Errc::kTimedOut, "the writeback agent did not answer"};
  return *answer;
}

Result<std::string> JobHub::Queue(WritebackJob job, const Secret& secret) {
  if (!HasAgent()) return Error{Errc::kUnreachable, "no writeback agent is connected"};
  job.id = ToHex(RandomBytes(random_, kIdBytes));
  job.expires_at = clock_.Now() + settings_.job_seconds;
  const Result<std::string> sealed = SealToAll(job, secret);
  if (!sealed.ok()) return sealed.error();
  JobRecord record{.job = job, .sealed = *sealed, .queued_ms = Milliseconds(clock_)};
  std::shared_ptr<Poll> poll;
  {
    const std::lock_guard lock(mutex_);
    poll = TakeIdle();
    // One of an agent that was revoked since, or that came with a key of now.
    if (poll != nullptr && sealed->find('"' + poll->taker().agent_id + '"') == std::string::npos) {
      idle_.push_back(poll);
      poll = nullptr;
    }
  }
  bool inserted = false;
  try {
    inserted = jobs_.Insert(record, poll != nullptr ? &poll->taker() : nullptr, clock_.Now());
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (poll != nullptr) idle_.push_back(poll);
    throw;
  }
  const bool is_taken = inserted && poll != nullptr && record.state == JobState::kTaken;
  const bool is_given = is_taken && GiveTaken(*poll, record);
  const std::lock_guard lock(mutex_);
  if (!is_taken && poll != nullptr) idle_.push_back(poll);
  if (!inserted) return Error{Errc::kDenied, "the transaction has a job"};
  if (!is_given) {
    has_work_ = true;
    work_.notify_all();
  }
  return job.id;
}

std::optional<JobRecord> JobHub::Wait(std::string_view job_id) {
  const std::string id(job_id);
  const auto until = Steady::now() + settings_.set_wait;
  while (true) {
    std::optional<JobRecord> record = jobs_.Find(id);
    const bool is_over = !record || record->state == JobState::kAnswered ||
                         record->state == JobState::kDead || Steady::now() >= until;
    std::unique_lock lock(mutex_);
    if (is_over || stopping_) {
      noticed_.erase(id);
      return record;
    }
    changed_.wait_for(lock, kLook, [&] { return noticed_.erase(id) > 0 || stopping_; });
  }
}

}  // namespace sspr::service
