// SPDX-License-Identifier: Apache-2.0
#include "service/writeback/agent_table.h"

#include "service/store/plain_row.h"
#include "service/store/sql_access.h"

namespace sspr::service {

template <>
struct Columns<AgentRecord> {
  static constexpr char kTable[] = "writeback_agents";
  template <typename Visitor>
  static void Visit(AgentRecord& agent, Visitor visit) {
    visit("id", agent.id);
    visit("public_key", agent.public_key);
    visit("sealing_key", agent.sealing_key);
    visit("name", agent.name);
    visit("versions", agent.versions);
    visit("code", agent.code);
    visit("registered_at", agent.registered_at);
    visit("last_seen", agent.last_seen);
    visit("revoked_at", agent.revoked_at);
  }
};

namespace {

const LockKeys kAgentsKey = {"writeback:agents"};

std::optional<AgentRecord> AgentById(soci::session& sql, const std::string& id) {
  return SelectRow<AgentRecord>(sql, "WHERE id = :id", soci::use(id, "id"));
}

}  // namespace

void AgentTable::InsertCode(const AgentCodeRecord& code) {
  database_.Write(kAgentsKey, [&](soci::session& sql) {
    const long long issued = code.issued_at;
    const long long expires = code.expires_at;
    sql << "DELETE FROM writeback_codes WHERE expires_at < :t", soci::use(issued, "t");
    sql << "INSERT INTO writeback_codes (id, digest, issued_by, issued_at, expires_at, used_by) "
           "VALUES (:id, :digest, :by, :issued, :expires, '')",
        soci::use(code.id, "id"), soci::use(code.digest, "digest"), soci::use(code.issued_by, "by"),
        soci::use(issued, "issued"), soci::use(expires, "expires");
  });
}

AgentTable::Registration AgentTable::Register(std::string_view code_digest,
                                              const AgentRecord& agent, UnixSeconds now) {
  return database_.Write(kAgentsKey, [&](soci::session& sql) {
    const std::string digest(code_digest);
    const long long at = now;
    std::string code;
    std::string used_by;
    sql << "SELECT id, used_by FROM writeback_codes WHERE digest = :digest AND expires_at > :t",
        soci::into(code), soci::into(used_by), soci::use(digest, "digest"), soci::use(at, "t");
    if (!sql.got_data() || (!used_by.empty() && used_by != agent.id)) {
      return Registration::kBadCode;
    }
    const std::optional<AgentRecord> known = AgentById(sql, agent.id);
    if (known && known->revoked_at != 0) return Registration::kRevoked;
    long long count = 0;
    sql << "SELECT COUNT(*) FROM writeback_agents WHERE revoked_at = 0", soci::into(count);
    if (!known && count >= static_cast<long long>(kMostAgents)) return Registration::kTooMany;
    AgentRecord row = agent;
    row.code = code;
    row.registered_at = now;
    row.last_seen = now;
    sql << "DELETE FROM writeback_agents WHERE id = :id", soci::use(agent.id, "id");
    InsertRow(sql, row);
    sql << "UPDATE writeback_codes SET used_by = :agent WHERE id = :id",
        soci::use(agent.id, "agent"), soci::use(code, "id");
    return Registration::kDone;
  });
}

std::optional<AgentRecord> AgentTable::Find(std::string_view id) {
  return database_.Read([&](soci::session& sql) { return AgentById(sql, std::string(id)); });
}

std::vector<AgentRecord> AgentTable::List() {
  return database_.Read([](soci::session& sql) {
    return SelectRows<AgentRecord>(sql, "ORDER BY registered_at, id");
  });
}

void AgentTable::Touch(std::string_view id, std::string_view versions, UnixSeconds now) {
  database_.Write({}, [&](soci::session& sql) {
    const std::string agent(id);
    const std::string text(versions);
    const long long at = now;
    sql << "UPDATE writeback_agents SET last_seen = :t, versions = :v WHERE id = :id",
        soci::use(at, "t"), soci::use(text, "v"), soci::use(agent, "id");
  });
}

bool AgentTable::Revoke(std::string_view id, UnixSeconds now) {
  return database_.Write(kAgentsKey, [&](soci::session& sql) {
    const std::string agent(id);
    const long long at = now;
    soci::statement update = (sql.prepare << "UPDATE writeback_agents SET revoked_at = :t WHERE id "
                                             "= :id AND revoked_at = 0",
                              soci::use(at, "t"), soci::use(agent, "id"));
    return Execute(update) == 1;
  });
}

bool AgentTable::Remove(std::string_view id) {
  return database_.Write(kAgentsKey, [&](soci::session& sql) {
    const std::string agent(id);
    soci::statement gone =
        (sql.prepare << "DELETE FROM writeback_agents WHERE id = :id", soci::use(agent, "id"));
    return Execute(gone) == 1;
  });
}

}  // namespace sspr::service
