// SPDX-License-Identifier: Apache-2.0
// The rows of agents on the premises and of the codes that register them. Calls throw StoreFailure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

struct AgentRecord {
  std::string id = {};           // hexadecimal: the SHA-256 thumbprint of its key (RFC 7638)
  std::string public_key = {};   // JWK
  std::string sealing_key = {};  // 64 hexadecimal digits, X25519
  std::string name = {};
  std::string versions = {};
  std::string code = {};  // the id of the code that registered it
  UnixSeconds registered_at = 0;
  UnixSeconds last_seen = 0;
  UnixSeconds revoked_at = 0;  // 0: it is not
};

struct AgentCodeRecord {
  std::string id = {};
  std::string digest = {};  // SHA-256 of the code
  std::string issued_by = {};
  UnixSeconds issued_at = 0;
  UnixSeconds expires_at = 0;
  std::string used_by = {};  // the id of an agent; empty: of none
};

class AgentTable {
 public:
  explicit AgentTable(SqlDatabase& database) : database_(database) {}

  // Forgets codes that are over.
  void InsertCode(const AgentCodeRecord& code);
  enum class Registration { kDone, kBadCode, kRevoked, kTooMany };
  // A code registers one agent; that agent may do so again with it, and is refreshed.
  Registration Register(std::string_view code_digest, const AgentRecord& agent, UnixSeconds now);

  std::optional<AgentRecord> Find(std::string_view id);
  std::vector<AgentRecord> List();
  void Touch(std::string_view id, std::string_view versions, UnixSeconds now);
  // False when there is none.
  bool Revoke(std::string_view id, UnixSeconds now);
  bool Remove(std::string_view id);

 private:
  SqlDatabase& database_;
};

// A password is sealed to each of them.
inline constexpr std::size_t kMostAgents = 16;

}  // namespace sspr::service
