// SPDX-License-Identifier: Apache-2.0
// The accounts of operators: invited, enrolled, changed, removed. There is no default account: the
// first administrator is made by a secret that the console shows once, and once somebody has
// enrolled that way is closed for good.
//
// Errors: kPolicy (a value breaks a rule), kDenied (no such operator, exists already, not of
// oneself), kInternal. Every change is audited before it is made and ends the operator's sessions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/engine/foundation.h"
#include "service/operators/operator_rights.h"
#include "service/store/operator_table.h"

namespace sspr::service {

// Shown once, to whoever may pass it on to the operator. It is used up by the enrolment.
struct OperatorInvitation {
  SecretBuffer<64> code;
  UnixSeconds expires_at = 0;
};

struct NewOperator {
  std::string name;  // as a user name
  OperatorRole role = OperatorRole::kAuditor;
  std::string person = {};  // the user name of the same person; may be empty
};

struct OperatorView {
  std::string id;
  std::string name;
  OperatorRole role = OperatorRole::kAuditor;
  std::string person;
  bool enabled = true;
  bool enrolled = false;
  UnixSeconds invited_until = 0;  // 0: no invitation is open
  UnixSeconds created_at = 0;
  UnixSeconds signed_in_at = 0;
};

inline constexpr int kInvitationLength = 26;  // in base 32: 130 bits

class OperatorAccounts {
 public:
  // foundation outlives it. actor: who does it; no name for ssprctl.
  explicit OperatorAccounts(Foundation& foundation, Actor actor = {})
      : foundation_(foundation), table_(*foundation.database), actor_(std::move(actor)) {}

  // The first administrator. kDenied for good once anybody has enrolled. Asked again before that,
  // what was shown earlier is void.
  Result<OperatorInvitation> Bootstrap(std::string_view name);
  Result<OperatorInvitation> Add(const NewOperator& wanted);
  // Password and authenticator are forgotten; the operator enrols anew.
  Result<OperatorInvitation> Reinvite(std::string_view name);
  Status SetRole(std::string_view name, OperatorRole role);
  Status SetEnabled(std::string_view name, bool enabled);
  Status Remove(std::string_view name);
  // Forgets failed sign-ins.
  Status Unlock(std::string_view name);
  Result<std::vector<OperatorView>> List();
  Result<OperatorView> Show(std::string_view name);

 private:
  // kDenied when there is none, or when it is the actor.
  Result<OperatorRecord> FindOther(std::string_view name);
  Result<OperatorInvitation> InviteFor(const OperatorRecord& account, UnixSeconds life);
  void Note(const char* event, const std::string& reason);
  template <typename Change>
  Status ChangeOther(std::string_view name, const char* event, const std::string& reason,
                     Change change);

  Foundation& foundation_;
  OperatorTable table_;
  const Actor actor_;
};

// What the lock of an operator's sign-in is kept under; of a name that is nobody's too.
std::string OperatorSubject(const ServiceKeys& keys, std::string_view typed);

}  // namespace sspr::service
