// SPDX-License-Identifier: Apache-2.0
// What the help desk's rules need to remember: callers who prove themselves, and what one operator
// asks and another approves. Throws StoreFailure; each call is one transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/flow_service.h"
#include "service/store/sql_database.h"

namespace sspr::service {

// A code that was sent to a caller, or that the caller's app shows.
struct CallerProofRecord {
  std::string id = {};
  std::string operator_id = {};
  std::string user_id = {};
  std::string method_id = {};
  MethodKind kind = MethodKind::kEmailCode;
  std::string code_digest = {};  // keyed; empty for an app
  int attempts = 0;
  UnixSeconds expires_at = 0;
  UnixSeconds proved_at = 0;  // 0: not yet
};

enum class OperatorRequestKind { kPass = 0, kEmail = 1, kPhone = 2, kGroups = 3, kAdmin = 4 };

enum class OperatorRequestState { kOpen = 0, kApproved = 1, kRefused = 2, kDone = 3 };

struct OperatorRequestRecord {
  std::string id = {};
  OperatorRequestKind kind = OperatorRequestKind::kPass;
  std::string target = {};  // the user's or the new operator's name
  std::string detail = {};  // address, number, groups
  std::string reason = {};  // of a pass: how the caller was proved
  std::string asked_by_id = {};
  std::string asked_by = {};
  UnixSeconds asked_at = 0;
  OperatorRequestState state = OperatorRequestState::kOpen;
  std::string decided_by = {};
  UnixSeconds decided_at = 0;
};

class OperatorRequestTable {
 public:
  // database outlives it.
  explicit OperatorRequestTable(SqlDatabase& database) : database_(database) {}

  // In place of what this operator had begun with this user.
  void InsertProof(const CallerProofRecord& proof);
  std::optional<CallerProofRecord> FindProof(std::string_view operator_id,
                                             std::string_view user_id);
  // One more attempt, if there were fewer than most of them and it is neither proved nor too old.
  bool CountAttempt(std::string_view id, int most, UnixSeconds now);
  void MarkProved(std::string_view id, UnixSeconds now);
  // True for exactly one caller: a proof serves once.
  bool UseProof(std::string_view id);

  void InsertRequest(const OperatorRequestRecord& request);
  std::optional<OperatorRequestRecord> FindRequest(std::string_view id);
  // Of that time or later, newest first.
  std::vector<OperatorRequestRecord> ListRequests(UnixSeconds asked_from);
  // From open to approved or refused. True for exactly one caller.
  bool Decide(std::string_view id, OperatorRequestState state, std::string_view by,
              UnixSeconds now);
  // From approved to done. True for exactly one caller.
  bool CarryOut(std::string_view id);
  void Prune(UnixSeconds before);

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
