// SPDX-License-Identifier: Apache-2.0
// Between those who ask something of an agent on the premises and the agents that wait to be asked.
//
// An agent's thread ("lane") asks for work and waits; what it is given it answers with its next
// question. A password that is to be set is in the outbox (JobTable) before an agent has it, and
// stays there until it is answered: whatever dies between, it is given again, or it is found out
// what became of it. A mere question lives in memory where the agent waits at this process, and in
// the outbox, for seconds, where it waits at another.
//
// Safe from several threads at once. What touches the database throws StoreFailure.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "common/base/clock.h"
#include "service/http/later_body.h"
#include "service/writeback/agent_registry.h"
#include "service/writeback/job_table.h"

namespace sspr::service {

struct JobHubSettings {
  // How long somebody waits for what becomes of a password: the client at the prompt waits 15 s.
  std::chrono::milliseconds set_wait{8'000};
  std::chrono::milliseconds ask_wait{5'000};
  std::chrono::milliseconds poll_time{20'000};  // of an agent that nobody asks anything
  UnixSeconds job_seconds = 60;                 // until an agent has it
  UnixSeconds answer_seconds = 30;              // then it is found out what became of it
};

class JobHub {
 public:
  // All outlive it. log: one line, without secrets.
  JobHub(SqlDatabase& database, AgentRegistry& registry, Random& random, const Clock& clock,
         std::function<void(std::string_view)> log, JobHubSettings settings = {});
  JobHub(const JobHub&) = delete;
  JobHub& operator=(const JobHub&) = delete;
  ~JobHub();

  // Agents may come to this process from now on. Without it, it asks through the outbox alone.
  void Start();
  void Stop();

  // The side of those who ask.
  // Whether an agent can be expected to answer now.
  bool HasAgent();
  // A question. id and times are filled in; secret is sealed to each agent. kUnreachable: there is
  // no agent; kTimedOut: it did not answer in time.
  Result<WritebackAnswer> Ask(WritebackJob job, const Secret* secret);
  // Puts a password into the outbox. kDenied: the transaction has another job; kUnreachable: there
  // is no agent, and nothing was written.
  Result<std::string> Queue(WritebackJob job, const Secret& secret);
  // The job when it is over, or as it is when the time has run out; nothing when it is gone.
  std::optional<JobRecord> Wait(std::string_view job_id);

  // The agent's side: takes what it answers to its last job, and gives the body of the reply with
  // the next, as JSON: {"job":{…}}, or {} after a while; to a thread that was not here before, at
  // once.
  std::shared_ptr<LaterBody> Exchange(const JobTaker& taker,
                                      const std::optional<WritebackAnswer>& answer);

  JobTable& jobs() { return jobs_; }
  AgentRegistry& registry() { return registry_; }
  // Threads of agents that are connected to this process.
  std::size_t Connected();

 private:
  class Poll;
  struct Lane;
  struct Question;
  using LaneKey = std::pair<std::string, std::pair<std::string, int>>;

  static LaneKey KeyOf(const JobTaker& taker);
  bool IsAlive(const Lane& lane) const;
  bool HasLocalAgent();  // under the lock
  // Under the lock: a lane that waits is taken from those that do.
  std::shared_ptr<Poll> TakeIdle();
  Result<std::string> SealToAll(const WritebackJob& job, const Secret& secret);
  Result<WritebackAnswer> AskHere(const WritebackJob& job, const std::string& sealed);
  Result<WritebackAnswer> AskThroughOutbox(const WritebackJob& job, const std::string& sealed);
  void TakeAnswer(const JobTaker& taker, const WritebackAnswer& answer);
  void EndJob(const JobTaker& taker, const JobRecord& record, const WritebackAnswer& answer);
  // Under the lock.
  void GiveUnasked();
  void AskAgain(const Lane& lane);
  void AskAgainWhatWasLost(const JobTaker& taker);

  bool GiveTaken(Poll& poll, const JobRecord& record);
  void TakeBackUnsent();
  void Notice(const std::string& job_id);
  void GiveWaiting();
  void Tend();
  void Serve();

  AgentRegistry& registry_;
  Random& random_;
  const Clock& clock_;
  const std::function<void(std::string_view)> log_;
  const JobHubSettings settings_;
  JobTable jobs_;
  const bool is_alone_;  // no other process serves agents

  std::mutex mutex_;
  std::condition_variable changed_;  // for those who ask
  std::condition_variable work_;     // for the thread
  std::map<LaneKey, Lane> lanes_;
  std::deque<std::weak_ptr<Poll>> idle_;
  std::map<std::string, std::shared_ptr<Question>> questions_;  // by job
  std::deque<std::shared_ptr<Question>> unasked_;
  std::set<std::string> noticed_;  // jobs of the outbox that were answered here
  bool has_work_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

// The answer within a job that was answered.
std::optional<WritebackAnswer> AnswerOf(const JobRecord& record);
// The body that gives it to that agent.
std::string BodyFor(const WritebackJob& job, const std::string& sealed, const std::string& agent);

}  // namespace sspr::service
