// SPDX-License-Identifier: Apache-2.0
// What a signed-in operator may do, and the rules between operators: a caller is proved before a
// pass is issued, nobody serves themselves, and what would give power over an administrator's
// account is asked by one operator and approved by another. No call shows or sets a password.
//
// Errors: kDenied (the role may not, of oneself, no such thing), kPolicy (a value), kInternal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/engine/foundation.h"
#include "service/operators/caller_texts.h"
#include "service/operators/operator_accounts.h"
#include "service/operators/operator_rights.h"
#include "service/policy/policy.h"
#include "service/store/operator_request_table.h"

namespace sspr::service {

// A method by which a caller can be proved.
struct CallerMethod {
  std::string id;
  MethodKind kind = MethodKind::kEmailCode;
  std::string hint;  // masked
};

struct CallerProof {
  MethodKind kind = MethodKind::kEmailCode;
  bool proved = false;
  UnixSeconds expires_at = 0;  // of the code, or of the proof
};

// It waits for another operator. See Requests.
struct AskedFor {
  std::string request_id;
};

using PassAnswer = std::variant<TemporaryPass, AskedFor>;
using ChangeAnswer = std::variant<Nothing, AskedFor>;
using AdmissionAnswer = std::variant<OperatorInvitation, AskedFor>;

// In which a request is to be approved and carried out.
inline constexpr UnixSeconds kRequestLifeSeconds = kHourSeconds;

class OperatorDesk {
 public:
  // foundation outlives it; account: who is signed in.
  OperatorDesk(Foundation& foundation, OperatorRecord account, std::string address)
      : foundation_(foundation),
        requests_(*foundation.database),
        account_(std::move(account)),
        address_(std::move(address)) {}

  const OperatorRecord& account() const { return account_; }
  bool MayDo(OperatorAction action) const { return May(account_.role, action); }
  // kDenied, which is audited, when the role may not.
  Status Check(OperatorAction action);
  // What there is to administer, with this operator as the actor; behind Check.
  Result<std::unique_ptr<AdminService>> For(OperatorAction action);
  Result<std::unique_ptr<OperatorAccounts>> Accounts(OperatorAction action);

  // --- the caller
  Result<std::vector<CallerMethod>> CallerMethods(std::string_view username);
  // Sends a code, or gets ready for one that the caller's app shows.
  Status BeginProof(std::string_view username, std::string_view method_id);
  // kDenied when it is not right. Wrong ones count against the method as the person's own do.
  Status CheckProof(std::string_view username, const Secret& code);
  Result<std::optional<CallerProof>> Proof(std::string_view username);
  // note: how the caller was proved, beside a code or instead of one; one line.
  Result<PassAnswer> IssuePass(std::string_view username, std::string_view note);
  Status Unlock(std::string_view username);

  // --- users
  Status SetEnabled(std::string_view username, bool enabled);
  Status SetRisk(std::string_view username, RiskLevel level, std::string_view detail);
  Result<ChangeAnswer> AddEmail(std::string_view username, std::string_view address);
  Result<ChangeAnswer> AddPhone(std::string_view username, MethodKind kind,
                                std::string_view number);
  Status RemoveMethod(std::string_view username, std::string_view method_id);
  Result<ChangeAnswer> SetGroups(std::string_view username, std::string_view groups);

  // --- operators. A new administrator needs another one's approval.
  Result<AdmissionAnswer> AddOperator(const NewOperator& wanted);
  // Roles below administrator.
  Status SetRole(std::string_view name, OperatorRole role);
  // Of an operator who is no administrator.
  Result<OperatorInvitation> Reinvite(std::string_view name);

  // --- what waits for a second operator
  Result<std::vector<OperatorRequestRecord>> Requests();
  Status Decide(std::string_view id, bool approve);
  // By the operator who asked, once, after the approval.
  Result<std::variant<Nothing, TemporaryPass, OperatorInvitation>> CarryOut(std::string_view id);

 private:
  Result<UserRecord> FindOther(std::string_view username);
  bool IsSelf(const UserRecord& user) const;
  bool IsPrivileged(const std::vector<std::string>& groups);
  std::unique_ptr<AdminService> Admin();
  Result<AskedFor> Ask(OperatorRequestRecord request);
  Result<TemporaryPass> MakePass(const std::string& username, const std::string& proof,
                                 const std::string& approver);
  Status SendCode(const UserRecord& user, const MethodRecord& method, const Policy& policy,
                  CallerProofRecord& proof);
  bool IsCodeRight(const CallerProofRecord& proof, const UserRecord& user, const Secret& code);
  // Tells the person at every address; at those of `methods`, which may be gone by now.
  void Tell(const UserRecord& user, const std::vector<MethodRecord>& methods, ServedChange change);
  void Note(const char* event, const char* outcome, const UserRecord* user,
            const std::string& reason);
  template <typename Change>
  Status ChangeMethods(std::string_view username, ServedChange told, Change change);

  Foundation& foundation_;
  OperatorRequestTable requests_;
  const OperatorRecord account_;
  const std::string address_;
};

}  // namespace sspr::service
