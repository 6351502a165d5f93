// SPDX-License-Identifier: Apache-2.0
// Counters: attempts in sliding windows, and the lock of sign-in.
#include <algorithm>

#include "common/permit/fixed_bytes.h"
#include "service/store/sign_in_lock.h"
#include "service/store/sliding_window.h"
#include "service/store/sql_access.h"
#include "service/store/sql_store.h"

namespace sspr::service {
namespace {

// Newest first; as many as a rule looks at. Events from the future (the clock went back) are moved
// to now: they count in full and age from here on.
std::vector<UnixSeconds> NewestEvents(soci::session& sql, const LimitRule& rule, UnixSeconds now) {
  const long long limit = rule.max;
  const soci::rowset<long long> rows =
      (sql.prepare << "SELECT at FROM attempts WHERE bucket = :bucket ORDER BY at DESC LIMIT :max",
       soci::use(rule.bucket, "bucket"), soci::use(limit, "max"));
  std::vector<UnixSeconds> events(rows.begin(), rows.end());
  for (UnixSeconds& at : events) at = std::min(at, now);
  return events;
}

LimitVerdict Judge(soci::session& sql, const std::vector<LimitRule>& rules, UnixSeconds now) {
  LimitVerdict verdict;
  verdict.allowed = true;
  for (const LimitRule& rule : rules) {
    const int wait = SecondsUntilAllowed(rule, NewestEvents(sql, rule, now), now);
    if (wait > 0) verdict.allowed = false;
    verdict.retry_after_seconds = std::max(verdict.retry_after_seconds, wait);
  }
  return verdict;
}

void Count(soci::session& sql, const std::vector<LimitRule>& rules, const std::string& reservation,
           UnixSeconds now) {
  const long long at = now;
  std::vector<std::string> buckets;
  for (const LimitRule& rule : rules) {
    if (std::find(buckets.begin(), buckets.end(), rule.bucket) != buckets.end()) continue;
    buckets.push_back(rule.bucket);
    sql << "UPDATE attempts SET at = :at WHERE bucket = :bucket AND at > :now", soci::use(at, "at"),
        soci::use(rule.bucket, "bucket"), soci::use(at, "now");
    sql << "INSERT INTO attempts (reservation, bucket, at) VALUES (:reservation, :bucket, :at)",
        soci::use(reservation, "reservation"), soci::use(rule.bucket, "bucket"),
        soci::use(at, "at");
  }
}

LockKeys KeysOf(const std::vector<LimitRule>& rules) {
  LockKeys keys;
  for (const LimitRule& rule : rules) keys.push_back(BucketKey(rule.bucket));
  return keys;
}

}  // namespace

LimitVerdict SqlStore::Peek(const std::vector<LimitRule>& rules, UnixSeconds now) {
  return ReadBriefly([&](soci::session& sql) { return Judge(sql, rules, now); });
}

LimitVerdict SqlStore::Reserve(const std::vector<LimitRule>& rules, UnixSeconds now) {
  const std::string reservation = ToHex(RandomBytes(random_, 16));
  return Write(KeysOf(rules), [&](soci::session& sql) {
    LimitVerdict verdict = Judge(sql, rules, now);
    if (!verdict.allowed) return verdict;
    Count(sql, rules, reservation, now);
    verdict.reservation = reservation;
    return verdict;
  });
}

AttemptVerdict SqlStore::ReserveAttempt(std::string_view flow_id, std::string_view challenge_id,
                                        int max_attempts, const std::vector<LimitRule>& rules,
                                        UnixSeconds now) {
  const std::string reservation = ToHex(RandomBytes(random_, 16));
  return Write(KeysOf(rules), [&](soci::session& sql) -> AttemptVerdict {
    const LimitVerdict limits = Judge(sql, rules, now);
    if (!limits.allowed) {
      return {.kind = AttemptVerdict::Kind::kLimited,
              .reservation = {},
              .retry_after_seconds = limits.retry_after_seconds};
    }
    const std::string flow(flow_id);
    const std::string challenge(challenge_id);
    const long long at = now;
    const long long most = max_attempts;
    // One statement tests and counts: nothing can come between.
    soci::statement count =
        (sql.prepare << "UPDATE flows SET version = version + 1, challenge_attempts = "
                        "challenge_attempts + 1, last_seen = :at WHERE id = :id AND challenge_id = "
                        ":challenge AND challenge_attempts < :most",
         soci::use(at, "at"), soci::use(flow, "id"), soci::use(challenge, "challenge"),
         soci::use(most, "most"));
    if (Execute(count) != 1) return {.kind = AttemptVerdict::Kind::kSpent, .reservation = {}};
    long long attempts = 0;
    sql << "SELECT challenge_attempts FROM flows WHERE id = :id", soci::into(attempts),
        soci::use(flow, "id");
    Count(sql, rules, reservation, now);
    return {.kind = AttemptVerdict::Kind::kReserved,
            .reservation = reservation,
            .attempts = static_cast<int>(attempts)};
  });
}

void SqlStore::Release(std::string_view reservation) {
  Write({}, [&](soci::session& sql) {
    const std::string key(reservation);
    sql << "DELETE FROM attempts WHERE reservation = :key", soci::use(key, "key");
  });
}

void SqlStore::ClearBuckets(const std::vector<std::string>& buckets) {
  LockKeys keys;
  for (const std::string& bucket : buckets) keys.push_back(BucketKey(bucket));
  Write(keys, [&](soci::session& sql) {
    for (const std::string& bucket : buckets) {
      if (bucket.ends_with('*')) {
        const std::string pattern = bucket.substr(0, bucket.size() - 1) + "%";
        sql << "DELETE FROM attempts WHERE bucket LIKE :pattern", soci::use(pattern, "pattern");
      } else {
        sql << "DELETE FROM attempts WHERE bucket = :bucket", soci::use(bucket, "bucket");
      }
    }
  });
}

LimitVerdict SqlStore::ReserveSignIn(std::string_view subject, UnixSeconds now) {
  return Write({SignInKey(subject)}, [&](soci::session& sql) {
    const std::string key(subject);
    long long failures = 0;
    long long locked_until = 0;
    sql << "SELECT failures, locked_until FROM sign_in_locks WHERE subject = :subject",
        soci::into(failures), soci::into(locked_until), soci::use(key, "subject");
    SignInLock lock{.failures = static_cast<int>(failures), .locked_until = locked_until};
    LimitVerdict verdict = CountSignIn(lock, now);
    failures = lock.failures;
    locked_until = lock.locked_until;
    sql << "DELETE FROM sign_in_locks WHERE subject = :subject", soci::use(key, "subject");
    const long long at = now;
    sql << "INSERT INTO sign_in_locks (subject, failures, locked_until, changed_at) VALUES "
           "(:subject, :failures, :until, :at)",
        soci::use(key, "subject"), soci::use(failures, "failures"),
        soci::use(locked_until, "until"), soci::use(at, "at");
    return verdict;
  });
}

bool SqlStore::IsSignInLocked(std::string_view subject, UnixSeconds now) {
  return ReadBriefly([&](soci::session& sql) {
    const std::string key(subject);
    long long locked_until = 0;
    sql << "SELECT locked_until FROM sign_in_locks WHERE subject = :subject",
        soci::into(locked_until), soci::use(key, "subject");
    SignInLock lock{.failures = 0, .locked_until = locked_until};
    return !CountSignIn(lock, now).allowed;
  });
}

void SqlStore::ClearSignIn(std::string_view subject) {
  Write({SignInKey(subject)}, [&](soci::session& sql) {
    const std::string key(subject);
    sql << "DELETE FROM sign_in_locks WHERE subject = :subject", soci::use(key, "subject");
  });
}

}  // namespace sspr::service
