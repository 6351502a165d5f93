// SPDX-License-Identifier: Apache-2.0
#include "service/store/approval_table.h"

#include "service/store/sql_access.h"
#include "service/store/sql_records.h"

namespace soci {

using sspr::service::AsInt;
using sspr::service::AsLong;
using sspr::service::AsText;
using sspr::service::Put;

template <>
struct type_conversion<sspr::service::ApprovalRequest> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::ApprovalRequest& request) {
    request.id = AsText(row, "id");
    request.flow_id = AsText(row, "flow_id");
    request.subject = AsText(row, "subject");
    request.user_id = AsText(row, "user_id");
    request.number_digest = AsText(row, "number_digest");
    request.state = static_cast<sspr::service::ApprovalState>(AsInt(row, "state"));
    request.operation = static_cast<sspr::service::Operation>(AsInt(row, "operation"));
    request.machine = AsText(row, "machine");
    request.place = AsText(row, "place");
    request.created_at = AsLong(row, "created_at");
    request.expires_at = AsLong(row, "expires_at");
    request.decided_by = AsText(row, "decided_by");
    request.polled_at = AsLong(row, "polled_at");
  }
  static void to_base(const sspr::service::ApprovalRequest& request, values& row,
                      indicator& state) {
    Put(row, "id", request.id);
    Put(row, "flow_id", request.flow_id);
    Put(row, "subject", request.subject);
    Put(row, "user_id", request.user_id);
    Put(row, "number_digest", request.number_digest);
    Put(row, "state", static_cast<long long>(request.state));
    Put(row, "operation", static_cast<long long>(request.operation));
    Put(row, "machine", request.machine);
    Put(row, "place", request.place);
    Put(row, "created_at", request.created_at);
    Put(row, "expires_at", request.expires_at);
    Put(row, "decided_by", request.decided_by);
    Put(row, "polled_at", request.polled_at);
    state = i_ok;
  }
};

template <>
struct type_conversion<sspr::service::ApprovalDevice> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::ApprovalDevice& device) {
    device.method_id = AsText(row, "method_id");
    device.user_id = AsText(row, "user_id");
    device.public_key = AsText(row, "public_key");
    device.push = {AsText(row, "push_endpoint"), AsText(row, "push_key"), AsText(row, "push_auth")};
  }
  static void to_base(const sspr::service::ApprovalDevice& device, values& row, indicator& state) {
    Put(row, "method_id", device.method_id);
    Put(row, "user_id", device.user_id);
    Put(row, "public_key", device.public_key);
    Put(row, "push_endpoint", device.push.endpoint);
    Put(row, "push_key", device.push.key);
    Put(row, "push_auth", device.push.auth);
    state = i_ok;
  }
};

}  // namespace soci

namespace sspr::service {
namespace {

using soci::into;
using soci::use;

constexpr UnixSeconds kApprovalKeptSeconds = 2 * 3600;  // as long as flows are

constexpr long long Number(ApprovalState state) { return static_cast<long long>(state); }

template <typename Row>
std::vector<Row> All(soci::rowset<Row>& rows) {
  return {rows.begin(), rows.end()};
}

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
  database_->Write({}, [&](soci::session& sql) {
    sql << "INSERT INTO approval_devices (method_id, user_id, public_key, push_endpoint, push_key, "
           "push_auth) VALUES (:method_id, :user_id, :public_key, :push_endpoint, :push_key, "
           ":push_auth)",
        use(device);
  });
}

std::optional<ApprovalDevice> ApprovalTable::FindDevice(std::string_view method_id) {
  const std::string id(method_id);
  return database_->Read([&](soci::session& sql) -> std::optional<ApprovalDevice> {
    ApprovalDevice device;
    sql << "SELECT * FROM approval_devices WHERE method_id = :id", into(device), use(id, "id");
    if (!sql.got_data()) return std::nullopt;
    return device;
  });
}

std::vector<ApprovalDevice> ApprovalTable::ListDevices(std::string_view user_id) {
  const std::string user(user_id);
  return database_->Read([&](soci::session& sql) {
    soci::rowset<ApprovalDevice> rows =
        (sql.prepare << "SELECT * FROM approval_devices WHERE user_id = :user ORDER BY method_id",
         use(user, "user"));
    return All(rows);
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
  return database_->Read([&](soci::session& sql) -> std::optional<ApprovalRequest> {
    ApprovalRequest request;
    sql << "SELECT * FROM approval_requests WHERE subject = :subject AND state = 0 AND expires_at "
           "> :at",
        into(request), use(name, "subject"), use(at, "at");
    if (!sql.got_data()) return std::nullopt;
    return request;
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
    soci::statement insert =
        (sql.prepare
             << "INSERT INTO approval_requests (id, flow_id, subject, user_id, number_digest, "
                "state, operation, machine, place, created_at, expires_at, decided_by, polled_at) "
                "VALUES (:id, :flow_id, :subject, :user_id, :number_digest, :state, :operation, "
                ":machine, :place, :created_at, :expires_at, :decided_by, :polled_at) ON CONFLICT "
                "DO NOTHING",
         use(request));
    return Execute(insert) == 1;
  });
}

std::optional<ApprovalRequest> ApprovalTable::FindRequest(std::string_view request_id) {
  const std::string id(request_id);
  return database_->Read([&](soci::session& sql) -> std::optional<ApprovalRequest> {
    ApprovalRequest request;
    sql << "SELECT * FROM approval_requests WHERE id = :id", into(request), use(id, "id");
    if (!sql.got_data()) return std::nullopt;
    return request;
  });
}

std::vector<ApprovalRequest> ApprovalTable::ListPending(std::string_view user_id, UnixSeconds now) {
  if (user_id.empty()) return {};
  const std::string user(user_id);
  const long long at = now;
  return database_->Read([&](soci::session& sql) {
    soci::rowset<ApprovalRequest> rows =
        (sql.prepare << "SELECT * FROM approval_requests WHERE user_id = :user AND state = 0 AND "
                        "expires_at > :at ORDER BY created_at",
         use(user, "user"), use(at, "at"));
    return All(rows);
  });
}

std::vector<std::pair<std::string, std::string>> ApprovalTable::ListAsked(UnixSeconds now) {
  const long long at = now;
  return database_->Read([&](soci::session& sql) {
    soci::rowset<ApprovalRequest> rows =
        (sql.prepare << "SELECT * FROM approval_requests WHERE state = 0 AND expires_at > :at AND "
                        "user_id <> '' ORDER BY user_id, id",
         use(at, "at"));
    std::vector<std::pair<std::string, std::string>> asked;
    for (const ApprovalRequest& one : rows) asked.emplace_back(one.user_id, one.id);
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
  return database_->Read([&](soci::session& sql) -> UnixSeconds {
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
