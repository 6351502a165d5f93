// SPDX-License-Identifier: Apache-2.0
// The side of JobHub of the agents.
#include <algorithm>
#include <atomic>

#include "common/protocol/json_fields.h"
#include "service/writeback/job_hub_parts.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostLanes = 256;
constexpr UnixSeconds kAgainSeconds = 2;

}  // namespace

void JobHub::Notice(const std::string& job_id) {
  {
    const std::lock_guard lock(mutex_);
    if (noticed_.size() >= kMostUnasked) noticed_.clear();
    noticed_.insert(job_id);
  }
  changed_.notify_all();
}

void JobHub::TakeAnswer(const JobTaker& taker, const WritebackAnswer& answer) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = questions_.find(answer.job_id);
    if (found != questions_.end()) {
      found->second->answer = answer;
      changed_.notify_all();
      return;
    }
  }
  const std::optional<JobRecord> record = jobs_.Find(answer.job_id);
  // Answered before, given up, or of another: an answer is told once.
  if (!record || record->taken_by != taker.agent_id) return;
  EndJob(taker, *record, answer);
  Notice(answer.job_id);
}

void JobHub::EndJob(const JobTaker& taker, const JobRecord& record, const WritebackAnswer& answer) {
  const UnixSeconds now = clock_.Now();
  const std::string& id = record.job.id;
  const std::string text = CompactJson(ToJson(answer));
  const auto end = [&](JobState state, const std::string& reason) {
    (void)jobs_.End(id, taker.agent_id, state, text, reason, now);
  };
  if (record.job.kind != JobKind::kSet) return end(JobState::kAnswered, "");
  switch (answer.kind) {
    case AnswerKind::kDone:
      return end(JobState::kAnswered, "set");
    case AnswerKind::kRefused:
      return end(JobState::kAnswered, "refused");
    case AnswerKind::kNotSet:
    case AnswerKind::kNobody:
    case AnswerKind::kNotAllowed:
      log_("writeback: a password was not set, transaction " + record.job.transaction_id + ": " +
           answer.detail);
      return end(JobState::kDead, answer.detail.empty() ? "it was not set" : answer.detail);
    case AnswerKind::kUnknown:
      (void)jobs_.PutBack(id, taker.agent_id, false, answer.detail, now + kAgainSeconds);
      return;
    case AnswerKind::kUnavailable:
      log_("writeback: the agent's directory cannot be asked: " + answer.detail);
      (void)jobs_.PutBack(id, taker.agent_id, !record.job.settle_only, answer.detail,
                          now + kAgainSeconds);
      return;
  }
}

void JobHub::AskAgain(const Lane& lane) {
  const auto found = questions_.find(lane.job_id);
  if (found != questions_.end() && !found->second->answer) unasked_.push_back(found->second);
}

// What this thread of the agent, or the agent's process before this one, was asked and never
// answered did not reach it. That process is over: nothing more is given to its threads.
void JobHub::AskAgainWhatWasLost(const JobTaker& taker) {
  std::erase_if(lanes_, [&](const auto& entry) {
    const auto& [key, lane] = entry;
    const bool is_of_the_dead = key.first == taker.agent_id && key.second.first != taker.session;
    if (is_of_the_dead || key == KeyOf(taker)) AskAgain(lane);
    return is_of_the_dead;
  });
  std::erase_if(idle_, [&](const std::weak_ptr<Poll>& idle) {
    const std::shared_ptr<Poll> poll = idle.lock();
    return poll == nullptr || !lanes_.contains(KeyOf(poll->taker()));
  });
}

std::shared_ptr<LaterBody> JobHub::Exchange(const JobTaker& taker,
                                            const std::optional<WritebackAnswer>& answer) {
  if (answer) TakeAnswer(taker, *answer);
  jobs_.ReturnLost(taker, clock_.Now());
  const auto sent_at = std::make_shared<std::atomic<Steady::rep>>(0);
  std::unique_lock lock(mutex_);
  // A thread that comes for the first time hears at once that it is known.
  const bool is_new = !lanes_.contains(KeyOf(taker));
  auto poll = std::make_shared<Poll>(
      taker, is_new ? std::chrono::milliseconds(0) : settings_.poll_time, sent_at);
  if (lanes_.size() >= kMostLanes) {
    std::erase_if(lanes_, [this](const auto& lane) { return !IsAlive(lane.second); });
  }
  AskAgainWhatWasLost(taker);
  lanes_[KeyOf(taker)] = {.poll = poll, .sent_at = sent_at, .job_id = {}};
  idle_.push_back(poll);
  GiveUnasked();
  has_work_ = true;
  work_.notify_all();
  return poll;
}

}  // namespace sspr::service
