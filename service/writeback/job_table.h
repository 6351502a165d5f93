// SPDX-License-Identifier: Apache-2.0
// The outbox: what agents on the premises are asked to do, until they have answered, and what ended
// without being done. Calls throw StoreFailure.
//
// A job goes from waiting to taken by one agent, and from there to answered or dead, or back to
// waiting; each step is taken by exactly one caller, in whichever process of the service.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/sql_database.h"
#include "service/writeback/messages.h"

namespace sspr::service {

enum class JobState { kWaiting = 0, kTaken = 1, kAnswered = 2, kDead = 3 };
const char* Name(JobState state);

struct JobRecord {
  WritebackJob job = {};    // without what is sealed
  std::string sealed = {};  // JSON: by agent, base64url; empty once the job is over
  JobState state = JobState::kWaiting;
  std::int64_t queued_ms = 0;  // Unix milliseconds; the order of a user's jobs
  UnixSeconds not_before = 0;
  int tries = 0;              // how often it was given to an agent
  std::string taken_by = {};  // also when it waits again: to whom it was given last
  std::string taken_session = {};
  int taken_lane = 0;
  UnixSeconds taken_at = 0;  // first
  std::string answer = {};   // JSON
  std::string reason = {};   // of its end, or of the last try that came to nothing
  UnixSeconds ended_at = 0;
};

struct JobTaker {
  std::string agent_id;
  std::string session;  // of the agent's process
  int lane = 0;         // of its threads
};

struct JobCount {
  long long waiting = 0;
  long long taken = 0;
  long long dead = 0;
};

class JobTable {
 public:
  explicit JobTable(SqlDatabase& database) : database_(database) {}

  // taker: to whom it goes at once, unless an earlier job of its user is not over; the record then
  // says kTaken. With a transaction, its earlier jobs that were refused are forgotten. False, and
  // nothing done, when that transaction has another job.
  bool Insert(JobRecord& record, const JobTaker* taker, UnixSeconds now);
  std::optional<JobRecord> Find(std::string_view id);
  std::optional<JobRecord> FindByTransaction(std::string_view transaction_id);
  std::vector<JobRecord> List(JobState state, std::size_t most);
  JobCount Count();

  // The next one for that agent: of users whose earlier jobs are over, and sealed to it.
  std::optional<JobRecord> Take(const JobTaker& taker, UnixSeconds now);
  // Whether something waits, ready or not.
  bool HasWaiting();
  // What is with this agent, though the asker cannot be at it: it waits again.
  void ReturnLost(const JobTaker& asker, UnixSeconds now);
  // One that was taken, but did not leave the service: it waits again, as before it was taken.
  void ReturnUnsent(const JobRecord& taken, UnixSeconds now);
  // What was given before that time and not answered waits again, and may go to another agent.
  void ReturnUnanswered(UnixSeconds given_before, UnixSeconds now);

  // Of the agent that has it; false when it has not. back: it waits again, from not_before on.
  bool End(std::string_view id, const std::string& agent_id, JobState state,
           const std::string& answer, const std::string& reason, UnixSeconds now);
  // untouched: nothing was done for it, and any agent may.
  bool PutBack(std::string_view id, const std::string& agent_id, bool untouched,
               const std::string& reason, UnixSeconds not_before);
  // Of those that no agent ever had: what is too old dies. Their number.
  long long BuryExpired(UnixSeconds now);
  // Of one that waits and that no agent ever had.
  bool BuryUntaken(std::string_view id, const std::string& reason, UnixSeconds now);
  // Whatever its state was; for an administrator.
  bool Bury(std::string_view id, const std::string& reason, UnixSeconds now);
  // May go at once, if it waits.
  bool Hurry(std::string_view id, UnixSeconds now);
  void Remove(std::string_view id);
  // Those that ended before that time.
  void Forget(UnixSeconds ended_before);

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
