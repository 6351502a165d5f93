// SPDX-License-Identifier: Apache-2.0
// Flows and their continuation tokens; transactions.
#include "service/store/sql_access.h"
#include "service/store/sql_records.h"
#include "service/store/sql_store.h"

namespace sspr::service {
namespace {

std::string SubjectKey(std::string_view subject) { return "subject:" + std::string(subject); }
std::string TransactionKey(std::string_view id) { return "transaction:" + std::string(id); }
std::string ChangeKey(std::string_view id) { return "change:" + std::string(id); }

void InsertToken(soci::session& sql, const TokenRecord& token) {
  const auto kind = static_cast<long long>(token.kind);
  const long long gates = token.gates;
  sql << "INSERT INTO tokens (digest, flow_id, kind, gates) VALUES (:digest, :flow, :kind, :gates)",
      soci::use(token.digest, "digest"), soci::use(token.flow_id, "flow"), soci::use(kind, "kind"),
      soci::use(gates, "gates");
}

bool UpdateFlow(soci::session& sql, const FlowRecord& flow) {
  const long long version = flow.version;
  return UpdateRow(sql, flow, "version = version + 1, ", "WHERE id = :id AND version = :version",
                   soci::use(flow.id, "id"), soci::use(version, "version")) == 1;
}

std::optional<FlowRecord> FlowById(soci::session& sql, const std::string& id) {
  return SelectRow<FlowRecord>(sql, "WHERE id = :id", soci::use(id, "id"));
}

std::optional<TransactionRecord> TransactionById(soci::session& sql, const std::string& id) {
  return SelectRow<TransactionRecord>(sql, "WHERE id = :id", soci::use(id, "id"));
}

void CloseOthers(soci::session& sql, const std::string& subject, const std::string& except_id) {
  const auto closed = static_cast<long long>(FlowState::kClosed);
  sql << "UPDATE flows SET version = version + 1, state = :closed, challenge_id = '' "
         "WHERE subject = :subject AND id <> :except",
      soci::use(closed, "closed"), soci::use(subject, "subject"), soci::use(except_id, "except");
}

// Whether another change of this user's password is being made: two at once would both be told that
// theirs is in force. One that is older was left by a process that died, and stands in nobody's
// way.
bool AnotherIsUnderWay(soci::session& sql, const TransactionRecord& transaction) {
  constexpr UnixSeconds kLongestRequestSeconds = 60;
  const auto pending = static_cast<long long>(TransactionStatus::kPending);
  const long long since = transaction.changed_at - kLongestRequestSeconds;
  long long count = 0;
  sql << "SELECT COUNT(*) FROM transactions WHERE user_id = :user AND state = :pending AND "
         "changed_at > :since",
      soci::into(count), soci::use(transaction.user_id, "user"), soci::use(pending, "pending"),
      soci::use(since, "since");
  return count != 0;
}

}  // namespace

void SqlStore::InsertFlow(const FlowRecord& flow, const TokenRecord& token) {
  Write({}, [&](soci::session& sql) {
    InsertRow(sql, flow);
    InsertToken(sql, token);
  });
}

std::optional<std::pair<TokenRecord, FlowRecord>> SqlStore::FindByToken(std::string_view digest) {
  return ReadBriefly([&](soci::session& sql) -> std::optional<std::pair<TokenRecord, FlowRecord>> {
    TokenRecord token{.digest = std::string(digest), .flow_id = {}};
    long long kind = 0;
    long long gates = 0;
    sql << "SELECT flow_id, kind, gates FROM tokens WHERE digest = :digest",
        soci::into(token.flow_id), soci::into(kind), soci::into(gates),
        soci::use(token.digest, "digest");
    if (!sql.got_data()) return std::nullopt;
    token.kind = static_cast<TokenKind>(kind);
    token.gates = static_cast<int>(gates);
    std::optional<FlowRecord> flow = FlowById(sql, token.flow_id);
    if (!flow) return std::nullopt;
    return std::pair{std::move(token), std::move(*flow)};
  });
}

std::optional<FlowRecord> SqlStore::FindResumable(std::string_view resume_digest,
                                                  std::string_view subject,
                                                  std::string_view client_id) {
  return ReadBriefly([&](soci::session& sql) {
    const std::string key(resume_digest);
    const std::string name(subject);
    const std::string client(client_id);
    const auto proving = static_cast<long long>(FlowState::kProving);
    const auto proved = static_cast<long long>(FlowState::kProved);
    return SelectRow<FlowRecord>(
        sql,
        "WHERE resume_digest = :key AND subject = :subject AND client_id = :client AND state IN "
        "(:proving, :proved) ORDER BY created_at DESC, id LIMIT 1",
        soci::use(key, "key"), soci::use(name, "subject"), soci::use(client, "client"),
        soci::use(proving, "proving"), soci::use(proved, "proved"));
  });
}

std::optional<FlowRecord> SqlStore::FindByTransaction(std::string_view transaction_id) {
  return ReadBriefly([&](soci::session& sql) {
    const std::string id(transaction_id);
    return SelectRow<FlowRecord>(sql, "WHERE transaction_id = :id", soci::use(id, "id"));
  });
}

bool SqlStore::ChangeFlow(const FlowRecord& flow, const std::optional<TokenRecord>& token) {
  return Write({}, [&](soci::session& sql) {
    if (!UpdateFlow(sql, flow)) return false;
    if (token) InsertToken(sql, *token);
    return true;
  });
}

bool SqlStore::RestartFlow(const FlowRecord& flow, const TokenRecord& token) {
  return Write({}, [&](soci::session& sql) {
    if (!UpdateFlow(sql, flow)) return false;
    sql << "DELETE FROM tokens WHERE flow_id = :id", soci::use(flow.id, "id");
    InsertToken(sql, token);
    return true;
  });
}

void SqlStore::CloseFlows(std::string_view subject, std::string_view except_id) {
  Write({SubjectKey(subject)}, [&](soci::session& sql) {
    CloseOthers(sql, std::string(subject), std::string(except_id));
  });
}

BeginOutcome SqlStore::BeginTransaction(const FlowRecord& flow, const TokenRecord& token,
                                        const TransactionRecord& transaction) {
  // Of one user's changes one is begun at a time.
  const LockKeys keys{TransactionKey(transaction.id), UserKey(transaction.user_id)};
  return Write(keys, [&](soci::session& sql) {
    if (TransactionById(sql, transaction.id)) return BeginOutcome::kTransactionSpent;
    if (AnotherIsUnderWay(sql, transaction) || !UpdateFlow(sql, flow)) {
      return BeginOutcome::kFlowChanged;
    }
    InsertToken(sql, token);
    InsertRow(sql, transaction);
    return BeginOutcome::kBegun;
  });
}

bool SqlStore::FinishTransaction(std::string_view id, TransactionStatus status,
                                 const std::vector<std::string>& buckets, UnixSeconds now) {
  const std::optional<TransactionRecord> begun = FindTransaction(id);
  if (!begun) return false;
  LockKeys keys{SubjectKey(begun->subject), SignInKey(begun->subject)};
  for (const std::string& bucket : buckets) keys.push_back(BucketKey(bucket));
  return Write(keys, [&](soci::session& sql) {
    const std::string key(id);
    const auto pending = static_cast<long long>(TransactionStatus::kPending);
    const auto final_status = static_cast<long long>(status);
    const long long at = now;
    soci::statement update =
        (sql.prepare << "UPDATE transactions SET state = :state, changed_at = :at WHERE id = :id "
                        "AND state = :pending",
         soci::use(final_status, "state"), soci::use(at, "at"), soci::use(key, "id"),
         soci::use(pending, "pending"));
    if (Execute(update) != 1) return false;
    if (status != TransactionStatus::kSucceeded) return true;
    CloseOthers(sql, begun->subject, begun->flow_id);
    sql << "DELETE FROM sign_in_locks WHERE subject = :subject",
        soci::use(begun->subject, "subject");
    for (const std::string& bucket : buckets) {
      sql << "DELETE FROM attempts WHERE bucket = :bucket", soci::use(bucket, "bucket");
    }
    return true;
  });
}

bool SqlStore::WithdrawTransaction(const FlowRecord& flow, std::string_view id) {
  return Write({TransactionKey(id)}, [&](soci::session& sql) {
    const std::string key(id);
    const std::optional<TransactionRecord> record = TransactionById(sql, key);
    if (!record || record->status != TransactionStatus::kPending || !UpdateFlow(sql, flow)) {
      return false;
    }
    sql << "DELETE FROM transactions WHERE id = :id", soci::use(key, "id");
    return true;
  });
}

std::optional<TransactionRecord> SqlStore::FindTransaction(std::string_view id) {
  return ReadBriefly([&](soci::session& sql) { return TransactionById(sql, std::string(id)); });
}

std::vector<TransactionRecord> SqlStore::ListPending() {
  return Read([](soci::session& sql) {
    const auto pending = static_cast<long long>(TransactionStatus::kPending);
    return SelectRows<TransactionRecord>(sql, "WHERE state = :pending ORDER BY changed_at, id",
                                         soci::use(pending, "pending"));
  });
}

void SqlStore::VoidTransaction(const TransactionRecord& transaction) {
  Write({TransactionKey(transaction.id)}, [&](soci::session& sql) {
    if (TransactionById(sql, transaction.id)) return;
    TransactionRecord voided = transaction;
    voided.status = TransactionStatus::kFailed;
    InsertRow(sql, voided);
  });
}

bool SqlStore::ChangePasswordOnce(std::string_view transaction_id, std::string_view user_id,
                                  std::string_view hash, UnixSeconds now, int keep) {
  return Write({ChangeKey(transaction_id), UserKey(user_id)}, [&](soci::session& sql) {
    const std::string id(transaction_id);
    const std::string user(user_id);
    const long long at = now;
    long long noted = 0;
    sql << "SELECT COUNT(*) FROM directory_changes WHERE transaction_id = :id", soci::into(noted),
        soci::use(id, "id");
    if (noted != 0) return false;
    if (!ReplacePassword(sql, user, std::string(hash), now, keep)) return false;
    sql << "INSERT INTO directory_changes (transaction_id, done, at) VALUES (:id, 1, :at)",
        soci::use(id, "id"), soci::use(at, "at");
    return true;
  });
}

bool SqlStore::SettleChange(std::string_view transaction_id, UnixSeconds now) {
  return Write({ChangeKey(transaction_id)}, [&](soci::session& sql) {
    const std::string id(transaction_id);
    const long long at = now;
    long long done = 0;
    sql << "SELECT done FROM directory_changes WHERE transaction_id = :id", soci::into(done),
        soci::use(id, "id");
    if (sql.got_data()) return done != 0;
    sql << "INSERT INTO directory_changes (transaction_id, done, at) VALUES (:id, 0, :at)",
        soci::use(id, "id"), soci::use(at, "at");
    return false;
  });
}

}  // namespace sspr::service
