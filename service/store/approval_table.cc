// SPDX-License-Identifier: Apache-2.0
#include "service/store/approval_table.h"

#include "service/store/plain_row.h"
#include "service/store/sql_access.h"

namespace sspr::service {

template <>
struct Columns<ApprovalRequest> {
  static constexpr char kTable[] = "approval_requests";
  template <typename Visitor>
  static void Visit(ApprovalRequest& request, Visitor visit) {
    visit("id", request.id);
    visit("flow_id", request.flow_id);
    visit("subject", request.subject);
    visit("user_id", request.user_id);
    visit("number_digest", request.number_digest);
    visit("state", request.state);
    visit("operation", request.operation);
    visit("machine", request.machine);
    visit("place", request.place);
    visit("created_at", request.created_at);
    visit("expires_at", request.expires_at);
    visit("decided_by", request.decided_by);
    visit("polled_at", request.polled_at);
  }
};

template <>
struct Columns<ApprovalDevice> {
  static constexpr char kTable[] = "approval_devices";
  template <typename Visitor>
  static void Visit(ApprovalDevice& device, Visitor visit) {
    visit("method_id", device.method_id);
    visit("user_id", device.user_id);
    visit("public_key", device.public_key);
    visit("push_endpoint", device.push.endpoint);
    visit("push_key", device.push.key);
    visit("push_auth", device.push.auth);
  }
};

namespace {

using soci::into;
using soci::use;

constexpr UnixSeconds kApprovalKeptSeconds = 2 * 3600;  // as long as flows are

constexpr long long Number(ApprovalState state) { return static_cast<long long>(state); }

}  // namespace

void ApprovalTable::PutEnrolment(std::string_view code_digest, std::string_view user_id,
                                 UnixSeconds expires_at) {
  const std::string digest(code_digest);
  const std::string user(user_id);
  const long long expires = expires_at;
  database_->Write({}, [&](soci::session& sql) {
    // Asking again voids the code before.
    sql << "DELETE FROM approval_enrolments WHERE user_id = :user", use(user, "user");
    sql << "INSERT INTO approval_enrolments (code_digest, user_id, expires_at) VALUES (:digest, "
           ":user, :expires)",
        use(digest, "digest"), use(user, "user"), use(expires, "expires");
  });
}

std::optional<std::string> ApprovalTable::TakeEnrolment(std::string_view code_digest,
                                                        UnixSeconds now) {
  const std::string digest(code_digest);
  const long long at = now;
  return database_->Write({}, [&](soci::session& sql) -> std::optional<std::string> {
    std::string user;
    sql << "SELECT user_id FROM approval_enrolments WHERE code_digest = :digest AND expires_at > "
           ":at",
        into(user), use(digest, "digest"), use(at, "at");
    if (!sql.got_data()) return std::nullopt;
    soci::statement remove =
        (sql.prepare << "DELETE FROM approval_enrolments WHERE code_digest = :digest",
         use(digest, "digest"));
    if (Execute(remove) != 1) return std::nullopt;
    return user;
  });
}

void ApprovalTable::InsertDevice(const ApprovalDevice& device) {
  database_->Write({}, [&](soci::session& sql) { InsertRow(sql, device); });
}

std::optional<ApprovalDevice> ApprovalTable::FindDevice(std::string_view method_id) {
  const std::string id(method_id);
  return database_->Read([&](soci::session& sql) {
    return SelectRow<ApprovalDevice>(sql, "WHERE method_id = :id", use(id, "id"));
  });
}

std::vector<ApprovalDevice> ApprovalTable::ListDevices(std::string_view user_id) {
  const std::string user(user_id);
  return database_->Read([&](soci::session& sql) {
    return SelectRows<ApprovalDevice>(sql, "WHERE user_id = :user ORDER BY method_id",
                                      use(user, "user"));
  });
}

bool ApprovalTable::PutSubscription(std::string_view method_id, const PushSubscription& push) {
  const std::string id(method_id);
  return database_->Write({}, [&](soci::session& sql) {
    soci::statement update =
        (sql.prepare << "UPDATE approval_devices SET push_endpoint = :endpoint, push_key = :key, "
                        "push_auth = :auth WHERE method_id = :id",
         use(push.endpoint, "endpoint"), use(push.key, "key"), use(push.auth, "auth"),
         use(id, "id"));
    return Execute(update) == 1;
  });
}

std::optional<ApprovalRequest> ApprovalTable::FindOutstanding(std::string_view subject,
                                                              UnixSeconds now) {
  const std::string name(subject);
  const long long at = now;
  return database_->Read([&](soci::session& sql) {
    return SelectRow<ApprovalRequest>(sql,
                                      "WHERE subject = :subject AND state = 0 AND expires_at > :at",
                                      use(name, "subject"), use(at, "at"));
  });
}

bool ApprovalTable::InsertRequest(const ApprovalRequest& request) {
  const long long withdrawn = Number(ApprovalState::kWithdrawn);
  const long long at = request.created_at;
  return database_->Write({}, [&](soci::session& sql) {
    sql << "UPDATE approval_requests SET state = :withdrawn WHERE subject = :subject AND state = 0 "
           "AND (flow_id = :flow OR expires_at <= :at)",
        use(withdrawn, "withdrawn"), use(request.subject, "subject"), use(request.flow_id, "flow"),
        use(at, "at");
    return InsertRow(sql, request, " ON CONFLICT DO NOTHING") == 1;
  });
}

std::optional<ApprovalRequest> ApprovalTable::FindRequest(std::string_view request_id) {
  const std::string id(request_id);
  return database_->Read([&](soci::session& sql) {
    return SelectRow<ApprovalRequest>(sql, "WHERE id = :id", use(id, "id"));
  });
}

std::vector<ApprovalRequest> ApprovalTable::ListPending(std::string_view user_id, UnixSeconds now) {
  if (user_id.empty()) return {};
  const std::string user(user_id);
  const long long at = now;
  return database_->Read([&](soci::session& sql) {
    return SelectRows<ApprovalRequest>(
        sql, "WHERE user_id = :user AND state = 0 AND expires_at > :at ORDER BY created_at",
        use(user, "user"), use(at, "at"));
  });
}

std::vector<std::pair<std::string, std::string>> ApprovalTable::ListAsked(UnixSeconds now) {
  const long long at = now;
  return database_->Read([&](soci::session& sql) {
    std::vector<std::pair<std::string, std::string>> asked;
    for (const ApprovalRequest& one : SelectRows<ApprovalRequest>(
             sql, "WHERE state = 0 AND expires_at > :at AND user_id <> '' ORDER BY user_id, id",
             use(at, "at"))) {
      asked.emplace_back(one.user_id, one.id);
    }
    return asked;
  });
}

bool ApprovalTable::Decide(std::string_view request_id, ApprovalState answer,
                           std::string_view method_id, UnixSeconds now) {
  const std::string id(request_id);
  const std::string method(method_id);
  const long long state = Number(answer);
  const long long at = now;
  return database_->Write({}, [&](soci::session& sql) {
    soci::statement update =
        (sql.prepare << "UPDATE approval_requests SET state = :state, decided_by = :method WHERE "
                        "id = :id AND state = 0 AND expires_at > :at",
         use(state, "state"), use(method, "method"), use(id, "id"), use(at, "at"));
    return Execute(update) == 1;
  });
}

bool ApprovalTable::WasReported(std::string_view user_id, std::string_view flow_id) {
  const std::string user(user_id);
  const std::string flow(flow_id);
  const long long reported = Number(ApprovalState::kReported);
  return database_->Read([&](soci::session& sql) {
    long long count = 0;
    sql << "SELECT COUNT(*) FROM approval_requests WHERE user_id = :user AND state = :reported AND "
           "flow_id = :flow",
        into(count), use(user, "user"), use(reported, "reported"), use(flow, "flow");
    return count != 0;
  });
}

bool ApprovalTable::Use(std::string_view request_id) {
  const std::string id(request_id);
  const long long used = Number(ApprovalState::kUsed);
  const long long approved = Number(ApprovalState::kApproved);
  return database_->Write({}, [&](soci::session& sql) {
    soci::statement update =
        (sql.prepare
             << "UPDATE approval_requests SET state = :used WHERE id = :id AND state = :approved",
         use(used, "used"), use(id, "id"), use(approved, "approved"));
    return Execute(update) == 1;
  });
}

bool ApprovalTable::NotePoll(std::string_view request_id, UnixSeconds now, int seconds) {
  const std::string id(request_id);
  const long long at = now;
  const long long latest = now - seconds;
  return database_->Write({}, [&](soci::session& sql) {
    soci::statement update =
        (sql.prepare << "UPDATE approval_requests SET polled_at = :at WHERE id = :id AND polled_at "
                        "<= :latest",
         use(at, "at"), use(id, "id"), use(latest, "latest"));
    return Execute(update) == 1;
  });
}

void ApprovalTable::Stop(std::string_view user_id, UnixSeconds now, UnixSeconds until) {
  const std::string user(user_id);
  const long long at = now;
  const long long end = until;
  database_->Write({}, [&](soci::session& sql) {
    sql << "INSERT INTO reset_stops (user_id, stopped_at, stopped_until) VALUES (:user, :at, :end) "
           "ON CONFLICT (user_id) DO UPDATE SET stopped_at = excluded.stopped_at, stopped_until = "
           "excluded.stopped_until",
        use(user, "user"), use(at, "at"), use(end, "end");
  });
}

UnixSeconds ApprovalTable::StoppedUntil(std::string_view user_id, UnixSeconds now) {
  const std::string user(user_id);
  const long long at = now;
  return database_->ReadBriefly([&](soci::session& sql) -> UnixSeconds {
    long long until = 0;
    sql << "SELECT stopped_until FROM reset_stops WHERE user_id = :user AND stopped_until > :at",
        into(until), use(user, "user"), use(at, "at");
    return sql.got_data() ? until : 0;
  });
}

bool ApprovalTable::LiftStop(std::string_view user_id) {
  const std::string user(user_id);
  return database_->Write({}, [&](soci::session& sql) {
    soci::statement remove =
        (sql.prepare << "DELETE FROM reset_stops WHERE user_id = :user", use(user, "user"));
    return Execute(remove) == 1;
  });
}

void ApprovalTable::Prune(UnixSeconds now) {
  const long long at = now;
  const long long oldest = now - kApprovalKeptSeconds;
  database_->Write({}, [&](soci::session& sql) {
    sql << "DELETE FROM approval_requests WHERE created_at < :oldest", use(oldest, "oldest");
    sql << "DELETE FROM approval_enrolments WHERE expires_at <= :at", use(at, "at");
    sql << "DELETE FROM reset_stops WHERE stopped_until <= :at", use(at, "at");
  });
}

}  // namespace sspr::service
