// SPDX-License-Identifier: Apache-2.0
// The end of a reset: the new password is set exactly once, whatever is interrupted, and what
// became of it can be asked for.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "service/engine/engine_parts.h"
#include "service/engine/late_conclusions.h"
#include "service/engine/sessions.h"

namespace sspr::service {

class PasswordChange {
 public:
  explicit PasswordChange(EngineParts& parts);
  Reply<SubmitReply> Submit(const Caller& caller, std::string_view token, const Secret& password,
                            std::string_view commitment);
  // Of a flow that was started to unlock: everything that locks the account is forgotten.
  Reply<SubmitReply> Unlock(const Caller& caller, std::string_view token);
  Reply<SubmitReply> Poll(const Caller& caller, std::string_view token);
  Reply<TransactionReply> Transaction(const Caller& caller, std::string_view transaction_id);

  // Asks the directory about every transaction that was left pending. For the start of a service
  // that is alone on its database.
  void SettlePending();
  // The same, at most once a minute, with those that are older than any request lives: what a
  // process left that died, and not what another one has under way.
  void SettleAbandoned();

  // What succeeded and is not written down yet.
  LateConclusions& late() { return late_; }

 private:
  // Why the flow may go on to no end at all.
  std::optional<Refusal> LostEntitlement(const Caller& caller, Session& session);
  std::variant<Proposal, Refusal> Objection(const Caller& caller, Session& session,
                                            const Secret& password);
  Refusal Object(const Caller& caller, Session& session, Refusal objection);
  std::variant<Proposal, RefusalCode> JudgeNew(const Session& session, const DirectoryUser& user,
                                               const Secret& password);
  std::optional<RefusalCode> JudgeBreached(const Policy& policy, const Secret& password);
  Reply<SubmitReply> Change(const Caller& caller, Session& session, const Secret& password,
                            const Proposal& proposal, std::string_view commitment);
  Refusal Withdraw(const Caller& caller, Session& session, const TransactionRecord& transaction,
                   const SetReply& set);
  // What the directory said behind the submit.
  std::optional<SetReply> Answered(const TransactionRecord& transaction);
  // As the answer to a poll, when it was a refusal. transaction: null when there is none (any
  // more).
  std::optional<Refusal> LateRefusal(const Caller& caller, Session& session,
                                     const TransactionRecord* transaction);
  // is_first: this call has written it down.
  struct Conclusion {
    TransactionStatus status = TransactionStatus::kPending;
    bool is_first = false;
  };
  Conclusion WriteDown(const Caller& caller, const TransactionRecord& transaction,
                       SetOutcome outcome, std::string_view polled);
  void Tell(const TransactionRecord& transaction, const Conclusion& conclusion);
  TransactionStatus Conclude(const Caller& caller, const TransactionRecord& transaction,
                             SetOutcome outcome);
  NewToken FinishedToken(const FlowRecord& flow, std::string_view polled);
  SetOutcome SettledOutcome(const TransactionRecord& transaction);
  void ForEachPending(const std::function<void(const TransactionRecord&)>& work);
  TransactionStatus StatusNow(const Caller& caller, const TransactionRecord& transaction);
  bool IsLocked(const Session& session);
  std::string PermitFor(const TransactionRecord& transaction) const;

  EngineParts& parts_;
  std::atomic<UnixSeconds> settled_at_{0};
  LateConclusions late_;
};

}  // namespace sspr::service
