// SPDX-License-Identifier: Apache-2.0
#include "service/writeback/job_table.h"

#include <json/value.h>

#include "common/protocol/json_fields.h"
#include "service/store/plain_row.h"
#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

constexpr int kMostLookedAt = 64;

// A row of writeback_jobs: the job as JSON, and beside it what statements look for.
struct StoredJob {
  std::string id;
  std::string kind;
  std::string transaction_id;
  std::string user_id;
  std::string payload;
  UnixSeconds expires_at = 0;
  JobRecord rest;  // without its job
};

StoredJob StoredFrom(const JobRecord& record) {
  const WritebackJob& job = record.job;
  return {.id = job.id,
          .kind = Name(job.kind),
          .transaction_id = job.transaction_id,
          .user_id = job.user_id,
          .payload = CompactJson(ToJson(job)),
          .expires_at = job.expires_at,
          .rest = record};
}

JobRecord RecordFrom(StoredJob stored) {
  const auto payload = ParseStrictJson(stored.payload);
  auto job = payload.ok() ? JobFromJson(*payload) : Result<WritebackJob>(payload.error());
  if (!job.ok()) throw StoreFailure("a damaged job of an agent");
  stored.rest.job = std::move(*job);
  return std::move(stored.rest);
}

}  // namespace

template <>
struct Columns<StoredJob> {
  static constexpr char kTable[] = "writeback_jobs";
  template <typename Visitor>
  static void Visit(StoredJob& stored, Visitor visit) {
    JobRecord& rest = stored.rest;
    visit("id", stored.id);
    visit("kind", stored.kind);
    visit("transaction_id", stored.transaction_id);
    visit("user_id", stored.user_id);
    visit("payload", stored.payload);
    visit("sealed", rest.sealed);
    visit("state", rest.state);
    visit("queued_ms", rest.queued_ms);
    visit("not_before", rest.not_before);
    visit("expires_at", stored.expires_at);
    visit("tries", rest.tries);
    visit("taken_by", rest.taken_by);
    visit("taken_session", rest.taken_session);
    visit("taken_lane", rest.taken_lane);
    visit("taken_at", rest.taken_at);
    visit("answer", rest.answer);
    visit("reason", rest.reason);
    visit("ended_at", rest.ended_at);
  }
};

namespace {

// Keeps two steps of one user's jobs apart.
LockKeys KeysOf(const WritebackJob& job) {
  return job.user_id.empty() ? LockKeys{} : LockKeys{"writeback:" + job.user_id};
}

// where: one condition, on :key.
std::optional<JobRecord> RecordBy(soci::session& sql, std::string_view where,
                                  const std::string& key) {
  std::optional<StoredJob> stored = SelectRow<StoredJob>(sql, where, soci::use(key, "key"));
  if (!stored) return std::nullopt;
  return RecordFrom(std::move(*stored));
}

// Whether a password of this user is still to be set that was asked for before.
bool HasEarlier(soci::session& sql, const JobRecord& record) {
  const long long queued = record.queued_ms;
  long long count = 0;
  sql << "SELECT COUNT(*) FROM writeback_jobs WHERE user_id = :user AND kind = 'set' AND state IN "
         "(0, 1) AND id <> :id AND (queued_ms < :queued OR (queued_ms = :queued2 AND id < :id2))",
      soci::into(count), soci::use(record.job.user_id, "user"), soci::use(record.job.id, "id"),
      soci::use(queued, "queued"), soci::use(queued, "queued2"), soci::use(record.job.id, "id2");
  return count > 0;
}

void Give(JobRecord& record, const JobTaker& taker, UnixSeconds now) {
  record.state = JobState::kTaken;
  ++record.tries;
  if (record.taken_at == 0) record.taken_at = now;
  record.taken_by = taker.agent_id;
  record.taken_session = taker.session;
  record.taken_lane = taker.lane;
}

bool IsSealedTo(const JobRecord& record, const std::string& agent_id) {
  return record.sealed.empty() || record.sealed.find('"' + agent_id + '"') != std::string::npos;
}

}  // namespace

const char* Name(JobState state) {
  switch (state) {
    case JobState::kWaiting:
      return "waiting";
    case JobState::kTaken:
      return "taken";
    case JobState::kAnswered:
      return "answered";
    case JobState::kDead:
      return "dead";
  }
  return "";
}

bool JobTable::Insert(JobRecord& record, const JobTaker* taker, UnixSeconds now) {
  const JobRecord wanted = record;
  return database_.Write(KeysOf(record.job), [&](soci::session& sql) {
    record = wanted;
    const std::string& transaction = record.job.transaction_id;
    if (!transaction.empty()) {
      sql << "DELETE FROM writeback_jobs WHERE transaction_id = :t AND state = 2 AND reason = "
             "'refused'",
          soci::use(transaction, "t");
      long long others = 0;
      sql << "SELECT COUNT(*) FROM writeback_jobs WHERE transaction_id = :t", soci::into(others),
          soci::use(transaction, "t");
      if (others > 0) return false;
    }
    if (taker != nullptr && (record.job.kind != JobKind::kSet || !HasEarlier(sql, record))) {
      Give(record, *taker, now);
    }
    InsertRow(sql, StoredFrom(record));
    return true;
  });
}

std::optional<JobRecord> JobTable::Find(std::string_view id) {
  return database_.Read(
      [&](soci::session& sql) { return RecordBy(sql, "WHERE id = :key", std::string(id)); });
}

std::optional<JobRecord> JobTable::FindByTransaction(std::string_view transaction_id) {
  return database_.Read([&](soci::session& sql) {
    return RecordBy(sql, "WHERE transaction_id = :key", std::string(transaction_id));
  });
}

std::vector<JobRecord> JobTable::List(JobState state, std::size_t most) {
  return database_.Read([&](soci::session& sql) {
    const auto number = static_cast<long long>(state);
    const auto limit = static_cast<long long>(most);
    std::vector<JobRecord> records;
    for (StoredJob& stored :
         SelectRows<StoredJob>(sql, "WHERE state = :s ORDER BY queued_ms, id LIMIT :n",
                               soci::use(number, "s"), soci::use(limit, "n"))) {
      records.push_back(RecordFrom(std::move(stored)));
    }
    return records;
  });
}

JobCount JobTable::Count() {
  return database_.Read([&](soci::session& sql) {
    JobCount count;
    sql << "SELECT COUNT(*) FROM writeback_jobs WHERE state = 0", soci::into(count.waiting);
    sql << "SELECT COUNT(*) FROM writeback_jobs WHERE state = 1", soci::into(count.taken);
    sql << "SELECT COUNT(*) FROM writeback_jobs WHERE state = 3", soci::into(count.dead);
    return count;
  });
}

bool JobTable::HasWaiting() {
  return database_.Read([&](soci::session& sql) {
    long long count = 0;
    sql << "SELECT COUNT(*) FROM writeback_jobs WHERE state = 0", soci::into(count);
    return count > 0;
  });
}

std::optional<JobRecord> JobTable::Take(const JobTaker& taker, UnixSeconds now) {
  for (JobRecord& record : List(JobState::kWaiting, kMostLookedAt)) {
    const bool is_over = record.taken_by.empty() && record.job.expires_at <= now;
    if (record.not_before > now || is_over) continue;
    if (!IsSealedTo(record, taker.agent_id)) continue;
    const std::string before = record.taken_by;
    // What may have been done by another is not done again, whoever has it after that; nor what is
    // too old by now.
    if (record.job.kind == JobKind::kSet && !before.empty() && !record.job.settle_only &&
        (before != taker.agent_id || record.job.expires_at <= now)) {
      record.job.settle_only = true;
      record.job.given_at = record.taken_at;
    }
    const std::string payload = CompactJson(ToJson(record.job));
    const bool taken = database_.Write(KeysOf(record.job), [&](soci::session& sql) {
      if (record.job.kind == JobKind::kSet && HasEarlier(sql, record)) return false;
      JobRecord given = record;
      Give(given, taker, now);
      const long long lane = given.taken_lane;
      const long long tries = given.tries;
      const long long at = given.taken_at;
      soci::statement update =
          (sql.prepare
               << "UPDATE writeback_jobs SET state = 1, payload = :payload, tries = :tries, "
                  "taken_by = :agent, taken_session = :session, taken_lane = :lane, taken_at = :at "
                  "WHERE id = "
                  ":id AND state = 0 AND taken_by = :before",
           soci::use(payload, "payload"), soci::use(tries, "tries"),
           soci::use(given.taken_by, "agent"), soci::use(given.taken_session, "session"),
           soci::use(lane, "lane"), soci::use(at, "at"), soci::use(record.job.id, "id"),
           soci::use(before, "before"));
      return Execute(update) == 1;
    });
    if (!taken) continue;
    Give(record, taker, now);
    return std::move(record);
  }
  return std::nullopt;
}

void JobTable::ReturnLost(const JobTaker& asker, UnixSeconds now) {
  const long long lane = asker.lane;
  const long long at = now;
  const bool any = database_.Read([&](soci::session& sql) {
    long long count = 0;
    sql << "SELECT COUNT(*) FROM writeback_jobs WHERE state = 1 AND taken_by = :agent AND "
           "(taken_session <> :session OR taken_lane = :lane)",
        soci::into(count), soci::use(asker.agent_id, "agent"), soci::use(asker.session, "session"),
        soci::use(lane, "lane");
    return count > 0;
  });
  if (!any) return;
  database_.Write({}, [&](soci::session& sql) {
    sql << "UPDATE writeback_jobs SET state = 0, not_before = :t, reason = 'the agent lost it' "
           "WHERE state = 1 AND taken_by = :agent AND (taken_session <> :session OR taken_lane = "
           ":lane)",
        soci::use(at, "t"), soci::use(asker.agent_id, "agent"), soci::use(asker.session, "session"),
        soci::use(lane, "lane");
  });
}

void JobTable::ReturnUnsent(const JobRecord& taken, UnixSeconds now) {
  const bool was_first = taken.tries == 1;
  const std::string again = was_first ? std::string() : taken.taken_by;
  const long long taken_at = was_first ? 0 : taken.taken_at;
  const long long tries = taken.tries;
  const long long at = now;
  database_.Write({}, [&](soci::session& sql) {
    // The number of tries tells this taking from one after it.
    sql << "UPDATE writeback_jobs SET state = 0, not_before = :now, taken_by = :again, taken_at = "
           ":taken_at, reason = 'the agent hung up' WHERE id = :id AND state = 1 AND tries = "
           ":tries",
        soci::use(at, "now"), soci::use(again, "again"), soci::use(taken_at, "taken_at"),
        soci::use(taken.job.id, "id"), soci::use(tries, "tries");
  });
}

void JobTable::ReturnUnanswered(UnixSeconds given_before, UnixSeconds now) {
  const long long before = given_before;
  const long long at = now;
  const bool any = database_.Read([&](soci::session& sql) {
    long long count = 0;
    sql << "SELECT COUNT(*) FROM writeback_jobs WHERE state = 1 AND taken_at < :t AND not_before < "
           ":t2",
        soci::into(count), soci::use(before, "t"), soci::use(before, "t2");
    return count > 0;
  });
  if (!any) return;
  database_.Write({}, [&](soci::session& sql) {
    sql << "UPDATE writeback_jobs SET state = 0, not_before = :now, reason = 'the agent did not "
           "answer' WHERE state = 1 AND taken_at < :t AND not_before < :t2",
        soci::use(at, "now"), soci::use(before, "t"), soci::use(before, "t2");
  });
}

bool JobTable::End(std::string_view id, const std::string& agent_id, JobState state,
                   const std::string& answer, const std::string& reason, UnixSeconds now) {
  return database_.Write({}, [&](soci::session& sql) {
    const std::string job(id);
    const auto to = static_cast<long long>(state);
    const long long at = now;
    soci::statement update =
        (sql.prepare
             << "UPDATE writeback_jobs SET state = :to, answer = :answer, reason = :reason, "
                "sealed = '', ended_at = :t WHERE id = :id AND state IN (0, 1) AND "
                "taken_by = :agent",
         soci::use(to, "to"), soci::use(answer, "answer"), soci::use(reason, "reason"),
         soci::use(at, "t"), soci::use(job, "id"), soci::use(agent_id, "agent"));
    return Execute(update) == 1;
  });
}

bool JobTable::PutBack(std::string_view id, const std::string& agent_id, bool untouched,
                       const std::string& reason, UnixSeconds not_before) {
  return database_.Write({}, [&](soci::session& sql) {
    const std::string job(id);
    const long long from = not_before;
    const std::string again = untouched ? std::string() : agent_id;
    const long long never = untouched ? 1 : 0;
    soci::statement update =
        (sql.prepare << "UPDATE writeback_jobs SET state = 0, reason = :reason, not_before = :t, "
                        "taken_by = :again, taken_at = CASE WHEN :never = 1 THEN 0 ELSE taken_at "
                        "END WHERE id = :id AND state = 1 AND taken_by = :agent",
         soci::use(reason, "reason"), soci::use(from, "t"), soci::use(again, "again"),
         soci::use(never, "never"), soci::use(job, "id"), soci::use(agent_id, "agent"));
    return Execute(update) == 1;
  });
}

long long JobTable::BuryExpired(UnixSeconds now) {
  const long long at = now;
  const long long due = database_.Read([&](soci::session& sql) {
    long long count = 0;
    sql << "SELECT COUNT(*) FROM writeback_jobs WHERE state = 0 AND taken_by = '' AND expires_at "
           "<= :t",
        soci::into(count), soci::use(at, "t");
    return count;
  });
  if (due == 0) return 0;
  return database_.Write({}, [&](soci::session& sql) {
    soci::statement update =
        (sql.prepare << "UPDATE writeback_jobs SET state = 3, sealed = '', reason = 'no agent took "
                        "it in time', ended_at = :t WHERE state = 0 AND taken_by = '' AND "
                        "expires_at <= :t2",
         soci::use(at, "t"), soci::use(at, "t2"));
    return Execute(update);
  });
}

bool JobTable::BuryUntaken(std::string_view id, const std::string& reason, UnixSeconds now) {
  return database_.Write({}, [&](soci::session& sql) {
    const std::string job(id);
    const long long at = now;
    soci::statement update =
        (sql.prepare << "UPDATE writeback_jobs SET state = 3, sealed = '', reason = :reason, "
                        "ended_at = :t WHERE id = :id AND state = 0 AND taken_by = ''",
         soci::use(reason, "reason"), soci::use(at, "t"), soci::use(job, "id"));
    return Execute(update) == 1;
  });
}

bool JobTable::Bury(std::string_view id, const std::string& reason, UnixSeconds now) {
  return database_.Write({}, [&](soci::session& sql) {
    const std::string job(id);
    const long long at = now;
    soci::statement update =
        (sql.prepare << "UPDATE writeback_jobs SET state = 3, sealed = '', reason = :reason, "
                        "ended_at = :t WHERE id = :id AND state IN (0, 1)",
         soci::use(reason, "reason"), soci::use(at, "t"), soci::use(job, "id"));
    return Execute(update) == 1;
  });
}

bool JobTable::Hurry(std::string_view id, UnixSeconds now) {
  return database_.Write({}, [&](soci::session& sql) {
    const std::string job(id);
    const long long at = now;
    soci::statement update = (sql.prepare << "UPDATE writeback_jobs SET state = 0, not_before = :t "
                                             "WHERE id = :id AND state IN (0, 1)",
                              soci::use(at, "t"), soci::use(job, "id"));
    return Execute(update) == 1;
  });
}

void JobTable::Remove(std::string_view id) {
  database_.Write({}, [&](soci::session& sql) {
    const std::string job(id);
    sql << "DELETE FROM writeback_jobs WHERE id = :id", soci::use(job, "id");
  });
}

void JobTable::Forget(UnixSeconds ended_before) {
  database_.Write({}, [&](soci::session& sql) {
    const long long before = ended_before;
    sql << "DELETE FROM writeback_jobs WHERE state IN (2, 3) AND ended_at < :t",
        soci::use(before, "t");
  });
}

}  // namespace sspr::service
