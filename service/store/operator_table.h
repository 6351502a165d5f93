// SPDX-License-Identifier: Apache-2.0
// The accounts of operators and their sessions. Each call is one transaction and durable when it
// returns; throws StoreFailure as FlowStore does. Safe from several threads and processes at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

enum class OperatorRole { kAuditor = 0, kHelpDesk = 1, kAdmin = 2 };

struct OperatorRecord {
  std::string id = {};
  std::string name = {};
  OperatorRole role = OperatorRole::kAuditor;
  std::string person =
      {};  // the user name of the same person, who must not be served by themselves
  bool enabled = true;
  std::string password_hash = {};  // empty: invited, not enrolled
  std::string sealed_totp = {};    // bound to the id
  std::int64_t last_step = 0;      // the newest time step that was accepted
  std::string invite_digest = {};  // empty: none is open
  UnixSeconds invite_expires = 0;  // of the invitation
  UnixSeconds created_at = 0;
  UnixSeconds signed_in_at = 0;  // 0: never

  bool IsEnrolled() const { return !password_hash.empty(); }
};

enum class OperatorSessionKind { kEnrolling = 0, kSignedIn = 1 };

struct OperatorSessionRecord {
  std::string digest = {};  // SHA-256 of the token
  std::string operator_id = {};
  OperatorSessionKind kind = OperatorSessionKind::kSignedIn;
  std::string sealed_secret = {};  // while enrolling
  UnixSeconds created_at = 0;
  UnixSeconds last_seen = 0;
};

class OperatorTable {
 public:
  // database outlives it.
  explicit OperatorTable(SqlDatabase& database) : database_(database) {}

  // False when the name is taken.
  bool Insert(const OperatorRecord& made);
  std::optional<OperatorRecord> Find(std::string_view name);
  std::optional<OperatorRecord> Get(std::string_view id);
  std::vector<OperatorRecord> List();  // by name

  // Each of these ends the sessions of the operator. False: no such operator.
  bool SetRole(std::string_view id, OperatorRole role);
  bool SetEnabled(std::string_view id, bool enabled);
  bool Remove(std::string_view id);
  // Password and authenticator are forgotten.
  bool Invite(std::string_view id, std::string_view invite_digest, UnixSeconds expires);

  // True for exactly one caller, while the invitation is still that one. Closes the bootstrap.
  bool Enrol(const OperatorRecord& enrolled, std::string_view invite_digest, UnixSeconds now);
  // Of a sign-in. True for exactly one caller per step, and never for one at or before it.
  bool AcceptStep(std::string_view id, std::int64_t step, UnixSeconds now);
  // Whether anybody has ever enrolled.
  bool IsBootstrapClosed();

  void InsertSession(const OperatorSessionRecord& session);
  std::optional<OperatorSessionRecord> FindSession(std::string_view digest);
  void TouchSession(std::string_view digest, UnixSeconds now);
  void EndSession(std::string_view digest);
  void EndSessions(std::string_view operator_id);
  void PruneSessions(UnixSeconds created_before);

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
