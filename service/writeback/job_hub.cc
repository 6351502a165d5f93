// SPDX-License-Identifier: Apache-2.0
#include "service/writeback/job_hub.h"

#include <json/value.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "common/permit/fixed_bytes.h"
#include "common/protocol/json_fields.h"
#include "common/writeback/sealing.h"
#include "service/store/flow_store.h"

namespace sspr::service {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMostLanes = 256;
constexpr std::size_t kMostUnasked = 256;
constexpr std::chrono::milliseconds kLook{150};  // into the outbox, for what others answered
constexpr std::chrono::milliseconds kIdleLook{1'000};
constexpr std::chrono::milliseconds kTurn{3'000};  // from an answer to the next question
constexpr UnixSeconds kSeenSeconds = 45;
constexpr UnixSeconds kAgainSeconds = 2;
constexpr UnixSeconds kKeptSeconds = 30 * 24 * 3600;
constexpr char kNothing[] = "{}";

std::int64_t Milliseconds(const Clock& clock) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto part = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 1000;
  return clock.Now() * 1000 + part;
}

}  // namespace

// Where an agent's thread waits.
class JobHub::Poll final : public LaterBody {
 public:
  using SentAt = std::shared_ptr<std::atomic<Steady::rep>>;

  // sent_at: when the agent was answered; 0 until then.
  Poll(JobTaker taker, std::chrono::milliseconds time, SentAt sent_at)
      : taker_(std::move(taker)), until_(Steady::now() + time), sent_at_(std::move(sent_at)) {}

  // False when it does not wait any more.
  bool Give(std::string body) {
    const std::lock_guard lock(mutex_);
    if (is_over_ || body_) return false;
    body_ = std::move(body);
    if (waker_) waker_();
    return true;
  }
  std::optional<std::string> TakeBody() override {
    const std::lock_guard lock(mutex_);
    if (!body_ && Steady::now() >= until_) body_ = kNothing;
    if (!body_ || is_over_) return std::nullopt;
    is_over_ = true;
    *sent_at_ = Steady::now().time_since_epoch().count();
    return std::exchange(body_, std::nullopt);
  }
  void SetWaker(std::function<void()> waker) override {
    const std::lock_guard lock(mutex_);
    waker_ = std::move(waker);
    if (waker_ && body_) waker_();
  }
  const JobTaker& taker() const { return taker_; }

 private:
  const JobTaker taker_;
  const Steady::time_point until_;
  const SentAt sent_at_;
  std::mutex mutex_;
  std::function<void()> waker_;
  std::optional<std::string> body_;
  bool is_over_ = false;
};

struct JobHub::Lane {
  std::weak_ptr<Poll> poll;
  Poll::SentAt sent_at;
  std::string job_id;                   // that it is at
  std::optional<JobRecord> taken = {};  // that job, if it is of the outbox
};

struct JobHub::Question {
  WritebackJob job;
  std::string sealed;
  std::optional<WritebackAnswer> answer;
};

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
