// SPDX-License-Identifier: Apache-2.0
#include "service/store/operator_request_table.h"

#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

constexpr char kRequestColumns[] =
    "id, kind, target, detail, reason, asked_by_id, asked_by, asked_at, state, decided_by, "
    "decided_at";

OperatorRequestRecord RequestOf(const soci::row& row) {
  return {.id = row.get<std::string>(0),
          .kind = static_cast<OperatorRequestKind>(row.get<long long>(1)),
          .target = row.get<std::string>(2),
          .detail = row.get<std::string>(3),
          .reason = row.get<std::string>(4),
          .asked_by_id = row.get<std::string>(5),
          .asked_by = row.get<std::string>(6),
          .asked_at = row.get<long long>(7),
          .state = static_cast<OperatorRequestState>(row.get<long long>(8)),
          .decided_by = row.get<std::string>(9),
          .decided_at = row.get<long long>(10)};
}

bool MoveRequest(soci::session& sql, std::string_view id, OperatorRequestState from,
                 OperatorRequestState to) {
  const std::string key(id);
  const auto before = static_cast<long long>(from);
  const auto after = static_cast<long long>(to);
  soci::statement update =
      (sql.prepare << "UPDATE operator_requests SET state = :after WHERE id = :id AND state = "
                      ":before",
       soci::use(after, "after"), soci::use(key, "id"), soci::use(before, "before"));
  return Execute(update) == 1;
}

}  // namespace

void OperatorRequestTable::InsertProof(const CallerProofRecord& proof) {
  database_.Write([&](soci::session& sql) {
    const auto kind = static_cast<long long>(proof.kind);
    const long long expires = proof.expires_at;
    const long long proved = proof.proved_at;
    sql << "DELETE FROM operator_proofs WHERE operator_id = :operator AND user_id = :user",
        soci::use(proof.operator_id, "operator"), soci::use(proof.user_id, "user");
    sql << "INSERT INTO operator_proofs (id, operator_id, user_id, method_id, method_kind, "
           "code_digest, attempts, expires_at, proved_at) VALUES (:id, :operator, :user, :method, "
           ":kind, :digest, 0, :expires, :proved)",
        soci::use(proof.id, "id"), soci::use(proof.operator_id, "operator"),
        soci::use(proof.user_id, "user"), soci::use(proof.method_id, "method"),
        soci::use(kind, "kind"), soci::use(proof.code_digest, "digest"),
        soci::use(expires, "expires"), soci::use(proved, "proved");
  });
}

std::optional<CallerProofRecord> OperatorRequestTable::FindProof(std::string_view operator_id,
                                                                 std::string_view user_id) {
  return database_.Read([&](soci::session& sql) -> std::optional<CallerProofRecord> {
    const std::string by(operator_id);
    const std::string of(user_id);
    const soci::rowset<soci::row> rows =
        (sql.prepare << "SELECT id, operator_id, user_id, method_id, method_kind, code_digest, "
                        "attempts, expires_at, proved_at FROM operator_proofs WHERE operator_id = "
                        ":operator AND user_id = :user",
         soci::use(by, "operator"), soci::use(of, "user"));
    for (const soci::row& row : rows) {
      return CallerProofRecord{.id = row.get<std::string>(0),
                               .operator_id = row.get<std::string>(1),
                               .user_id = row.get<std::string>(2),
                               .method_id = row.get<std::string>(3),
                               .kind = static_cast<MethodKind>(row.get<long long>(4)),
                               .code_digest = row.get<std::string>(5),
                               .attempts = static_cast<int>(row.get<long long>(6)),
                               .expires_at = row.get<long long>(7),
                               .proved_at = row.get<long long>(8)};
    }
    return std::nullopt;
  });
}

bool OperatorRequestTable::CountAttempt(std::string_view id, int most, UnixSeconds now) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    const long long limit = most;
    const long long at = now;
    soci::statement update =
        (sql.prepare << "UPDATE operator_proofs SET attempts = attempts + 1 WHERE id = :id AND "
                        "attempts < :most AND proved_at = 0 AND expires_at > :now",
         soci::use(key, "id"), soci::use(limit, "most"), soci::use(at, "now"));
    return Execute(update) == 1;
  });
}

void OperatorRequestTable::MarkProved(std::string_view id, UnixSeconds now) {
  database_.Write([&](soci::session& sql) {
    const std::string key(id);
    const long long at = now;
    sql << "UPDATE operator_proofs SET proved_at = :at, code_digest = '' WHERE id = :id",
        soci::use(at, "at"), soci::use(key, "id");
  });
}

bool OperatorRequestTable::UseProof(std::string_view id) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    soci::statement remove =
        (sql.prepare << "DELETE FROM operator_proofs WHERE id = :id AND proved_at > 0",
         soci::use(key, "id"));
    return Execute(remove) == 1;
  });
}

void OperatorRequestTable::InsertRequest(const OperatorRequestRecord& request) {
  database_.Write([&](soci::session& sql) {
    const auto kind = static_cast<long long>(request.kind);
    const long long asked = request.asked_at;
    sql << "INSERT INTO operator_requests (id, kind, target, detail, reason, asked_by_id, "
           "asked_by, asked_at, state, decided_by, decided_at) VALUES (:id, :kind, :target, "
           ":detail, :reason, :by_id, :by, :asked, 0, '', 0)",
        soci::use(request.id, "id"), soci::use(kind, "kind"), soci::use(request.target, "target"),
        soci::use(request.detail, "detail"), soci::use(request.reason, "reason"),
        soci::use(request.asked_by_id, "by_id"), soci::use(request.asked_by, "by"),
        soci::use(asked, "asked");
  });
}

std::optional<OperatorRequestRecord> OperatorRequestTable::FindRequest(std::string_view id) {
  return database_.Read([&](soci::session& sql) -> std::optional<OperatorRequestRecord> {
    const std::string key(id);
    const soci::rowset<soci::row> rows =
        (sql.prepare << "SELECT " << kRequestColumns << " FROM operator_requests WHERE id = :id",
         soci::use(key, "id"));
    for (const soci::row& row : rows) return RequestOf(row);
    return std::nullopt;
  });
}

std::vector<OperatorRequestRecord> OperatorRequestTable::ListRequests(UnixSeconds asked_from) {
  return database_.Read([&](soci::session& sql) {
    const long long from = asked_from;
    const soci::rowset<soci::row> rows =
        (sql.prepare
             << "SELECT " << kRequestColumns
             << " FROM operator_requests WHERE asked_at >= :from ORDER BY asked_at DESC, id "
                "LIMIT 200",
         soci::use(from, "from"));
    std::vector<OperatorRequestRecord> requests;
    for (const soci::row& row : rows) requests.push_back(RequestOf(row));
    return requests;
  });
}

bool OperatorRequestTable::Decide(std::string_view id, OperatorRequestState state,
                                  std::string_view by, UnixSeconds now) {
  return database_.Write([&](soci::session& sql) {
    if (!MoveRequest(sql, id, OperatorRequestState::kOpen, state)) return false;
    const std::string key(id);
    const std::string name(by);
    const long long at = now;
    sql << "UPDATE operator_requests SET decided_by = :by, decided_at = :at WHERE id = :id",
        soci::use(name, "by"), soci::use(at, "at"), soci::use(key, "id");
    return true;
  });
}

bool OperatorRequestTable::CarryOut(std::string_view id) {
  return database_.Write([&](soci::session& sql) {
    return MoveRequest(sql, id, OperatorRequestState::kApproved, OperatorRequestState::kDone);
  });
}

void OperatorRequestTable::Prune(UnixSeconds before) {
  database_.Write([&](soci::session& sql) {
    const long long at = before;
    sql << "DELETE FROM operator_requests WHERE asked_at < :at", soci::use(at, "at");
    sql << "DELETE FROM operator_proofs WHERE expires_at < :at", soci::use(at, "at");
  });
}

}  // namespace sspr::service
