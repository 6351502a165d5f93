// SPDX-License-Identifier: Apache-2.0
#include "service/engine/password_change.h"

#include <algorithm>
#include <stdexcept>

#include "common/permit/permit.h"
#include "service/engine/notices.h"
#include "service/engine/risk.h"
#include "service/policy/audience.h"
#include "service/policy/limits.h"
#include "service/policy/password_rules.h"

namespace sspr::service {
namespace {

constexpr int kPollSeconds = 1;
constexpr int kMoveTries = 16;
// A flow that keeps proposing passwords is not a person: each costs a password hash, and tells
// whether it is the current one.
constexpr int kMostSubmits = 30;
// A transaction that is pending longer than any request lives was left by one that died.
constexpr UnixSeconds kPendingGraceSeconds = 60;
constexpr UnixSeconds kHourSeconds = 3600;
constexpr UnixSeconds kAnswerableSeconds = 24 * 3600;

Refusal Extended(Refusal refusal, const FlowRecord& flow) {
  refusal.extended = IsExtended(flow.capabilities);
  return refusal;
}

// The account of the machine that a permit would name is the user's.
bool AccountFits(const EngineParts& parts, const Session& session) {
  const FlowRecord& flow = session.flow;
  return !flow.local_set ||
         (session.user && flow.local_set->account == session.user->local_account &&
          parts.permit_key != nullptr);
}

TransactionRecord PendingTransaction(const Session& session, std::string_view commitment) {
  const FlowRecord& flow = session.flow;
  return {.id = flow.transaction_id,
          .status = TransactionStatus::kPending,
          .operation = flow.operation,
          .client_id = flow.client_id,
          .flow_id = flow.id,
          .subject = flow.subject,
          .user_id = flow.user_id,
          .local_set = flow.local_set,
          .commitment = std::string(commitment),
          .changed_at = session.now};
}

bool CommitmentFits(const FlowRecord& flow, std::string_view commitment) {
  return flow.local_set ? commitment.size() == kCommitmentBytes : commitment.empty();
}

// Whether the gates that were passed are enough under the policy and the methods of now.
bool StillEntitled(EngineParts& parts, const Session& session) {
  const FlowRecord& flow = session.flow;
  const std::optional<DirectoryUser>& user = session.user;
  if (!user || !user->enabled || user->password_generation != flow.password_generation) {
    return false;
  }
  if (flow.completed_gates < session.policy.required_gates) return false;
  if (!IsInScope(session.policy, user->groups) ||
      !std::ranges::all_of(flow.passed_kinds,
                           [&session](MethodKind kind) { return session.policy.Enables(kind); })) {
    return false;
  }
  const std::vector<MethodRecord> methods = parts.store.ListMethods(user->id);
  return std::all_of(
      flow.passed_methods.begin(), flow.passed_methods.end(), [&](const std::string& id) {
        return std::any_of(methods.begin(), methods.end(),
                           [&](const MethodRecord& method) { return method.id == id; });
      });
}

}  // namespace

Reply<SubmitReply> PasswordChange::Submit(const Caller& caller, std::string_view token,
                                          const Secret& password, std::string_view commitment) {
  auto opened = OpenSession(parts_, caller, token, Call::kSubmit);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  FlowRecord& flow = session.flow;
  if (flow.operation != Operation::kReset) {
    return Extended(Refuse(RefusalCode::kInvalidRequest, "this flow was started to unlock"), flow);
  }
  if (!CommitmentFits(flow, commitment)) {
    return Extended(Refuse(RefusalCode::kInvalidRequest, "password_commitment does not fit"), flow);
  }
  flow.last_seen = session.now;
  if (++flow.submits > kMostSubmits) flow.state = FlowState::kClosed;
  if (!Move(parts_.store, flow, std::nullopt)) {
    return Extended(
        Refuse(RefusalCode::kInvalidRequest, "another request of this flow is under way"), flow);
  }
  if (flow.state == FlowState::kClosed) {
    return Extended(Refuse(RefusalCode::kTooManyAttempts, "too many passwords"), flow);
  }
  if (std::optional<Refusal> objection = Objection(caller, session, password)) {
    RecordWithNext(parts_,
                   EventOf(parts_, caller, flow, "reset.submit", "refused", Name(objection->code)));
    return Extended(std::move(*objection), flow);
  }
  return Change(caller, session, password, commitment);
}

std::optional<Refusal> PasswordChange::LostEntitlement(const Caller& caller, Session& session) {
  FlowRecord& flow = session.flow;
  if (!StillEntitled(parts_, session)) {
    RecordWithNext(parts_, EventOf(parts_, caller, flow, "reset.entitlement", "lost"));
    flow.state = FlowState::kClosed;
    (void)Move(parts_.store, flow, std::nullopt);  // if somebody else moved it: it is refused too
    return Refuse(RefusalCode::kExpiredToken, "the policy or the account changed: start again");
  }
  if (!AccountFits(parts_, session)) {
    return Refuse(RefusalCode::kInvalidRequest,
                  "the account of the machine is not one of this user's");
  }
  return std::nullopt;
}

std::optional<Refusal> PasswordChange::Objection(const Caller& caller, Session& session,
                                                 const Secret& password) {
  if (std::optional<Refusal> lost = LostEntitlement(caller, session)) return lost;
  const UnixSeconds age = session.now - session.user->password_changed_at;
  if (age >= 0 && age < session.policy.min_age_hours * kHourSeconds) {
    return Refuse(RefusalCode::kPasswordTooYoung, "");
  }
  if (const std::optional<RefusalCode> code = JudgeNew(session, *session.user, password)) {
    Refusal refusal = Refuse(*code, "");
    refusal.continuation_token = session.presented;
    return refusal;
  }
  return std::nullopt;
}

std::optional<RefusalCode> PasswordChange::JudgeNew(const Session& session,
                                                    const DirectoryUser& user,
                                                    const Secret& password) {
  const PasswordPolicyReply rules =
      PasswordPolicyFor(session.policy, user.username, user.display_name);
  if (const std::optional<RefusalCode> broken = JudgePassword(rules, password)) return broken;
  if (session.policy.forbid_banned != 0) {
    if (const auto banned = JudgeWords(parts_.store.BannedTerms(), password)) return banned;
  }
  if (const auto breached = JudgeBreached(session.policy, password)) return breached;
  const Result<bool> same = parts_.directory.Verify(user.id, password);
  if (!same.ok()) throw std::runtime_error("the directory: " + same.error().detail);
  if (*same) return RefusalCode::kPasswordRecentlyUsed;
  const Result<bool> used = parts_.directory.WasUsed(user.id, password, session.policy.history);
  if (!used.ok()) throw std::runtime_error("the directory: " + used.error().detail);
  if (*used) return RefusalCode::kPasswordRecentlyUsed;
  return std::nullopt;
}

// What cannot be asked is logged, and decides only where the policy says so.
std::optional<RefusalCode> PasswordChange::JudgeBreached(const Policy& policy,
                                                         const Secret& password) {
  for (BreachCheck* const check : parts_.breach_checks) {
    const Result<bool> breached = check->IsBreached(password);
    if (breached.ok() && *breached) return RefusalCode::kPasswordBreached;
    if (breached.ok()) continue;
    parts_.log("a list of leaked passwords could not be asked: " + breached.error().detail);
    if (policy.breached_required != 0) {
      throw std::runtime_error("no password is taken without the lists of leaked ones");
    }
  }
  return std::nullopt;
}

Reply<SubmitReply> PasswordChange::Change(const Caller& caller, Session& session,
                                          const Secret& password, std::string_view commitment) {
  FlowRecord& flow = session.flow;
  const TransactionRecord transaction = PendingTransaction(session, commitment);
  RecordWithNext(parts_, EventOf(parts_, caller, flow, "reset.submit", "begun"));
  flow.state = FlowState::kSubmitted;
  NewToken token = MakeToken(parts_.random, flow, TokenKind::kPoll);
  switch (parts_.store.BeginTransaction(flow, token.record, transaction)) {
    case BeginOutcome::kBegun:
      break;
    case BeginOutcome::kFlowChanged:
      return Extended(
          Refuse(RefusalCode::kInvalidRequest, "another request of this flow is under way"), flow);
    case BeginOutcome::kTransactionSpent:
      return Extended(Refuse(RefusalCode::kExpiredToken, "the transaction is over: start again"),
                      flow);
  }
  TransactionStatus status = TransactionStatus::kPending;
  std::string permit;
  try {
    const SetOutcome outcome = parts_.directory.SetPassword(transaction.id, flow.user_id, password);
    status = Conclude(caller, transaction, outcome);
    if (status == TransactionStatus::kSucceeded) permit = PermitFor(transaction);
  } catch (const std::exception& error) {
    // The password may be set: a refusal would say that it is not.
    parts_.log(std::string("a transaction was left pending: ") + error.what());
    status = TransactionStatus::kPending;
  }
  if (status == TransactionStatus::kFailed) {
    return Extended(Refuse(RefusalCode::kInternal, "the password was not set"), flow);
  }
  return SubmitReply{.continuation_token = std::move(token.text),
                     .status = status,
                     .poll_interval_seconds = kPollSeconds,
                     .permit = std::move(permit),
                     .extended = IsExtended(flow.capabilities)};
}

// Writes down what the directory said, once; the one who does tells the user.
TransactionStatus PasswordChange::Conclude(const Caller& caller,
                                           const TransactionRecord& transaction,
                                           SetOutcome outcome) {
  if (outcome == SetOutcome::kUnknown) return TransactionStatus::kPending;
  const bool set = outcome == SetOutcome::kSet;
  const TransactionStatus status = set ? TransactionStatus::kSucceeded : TransactionStatus::kFailed;
  const UnixSeconds now = parts_.clock.Now();
  const std::optional<DirectoryUser> user = parts_.directory.Get(transaction.user_id);
  const bool is_reset = transaction.operation == Operation::kReset;
  AuditEvent event{.event = is_reset ? "reset.finish" : "unlock.finish",
                   .outcome = set ? "succeeded" : "failed",
                   .user_id = transaction.user_id,
                   .username = user ? user->username : std::string(),
                   .client_id = transaction.client_id,
                   .address = caller.address,
                   .flow_id = transaction.flow_id,
                   .transaction_id = transaction.id,
                   .correlation_id = caller.correlation_id};
  // The password is changed by now, on the strength of the line that said so before.
  const auto finish = [&] {
    return parts_.store.FinishTransaction(transaction.id, status, BucketsOf(transaction.subject),
                                          now);
  };
  RecordWithNext(parts_, std::move(event));
  bool finished = false;
  try {
    finished = finish();
  } catch (const std::exception& error) {
    parts_.log(std::string("the end of a reset was not recorded: ") + error.what());
    parts_.audit.Drop();
    finished = finish();
  }
  if (!finished) {
    // Somebody else was faster: what is written down is so, here and in the audit.
    parts_.audit.Drop();
    const std::optional<TransactionRecord> written = parts_.store.FindTransaction(transaction.id);
    return written ? written->status : status;
  }
  if (set && is_reset) Remediate(parts_, transaction);
  if (set) TellOfSuccess(parts_, transaction);
  return status;
}

bool PasswordChange::IsLocked(const Session& session) {
  const std::string& subject = session.flow.subject;
  if (parts_.store.IsSignInLocked(subject, session.now)) return true;
  return std::ranges::any_of(kMethodTraits, [&](const MethodTraits& traits) {
    return !parts_.store.Peek(MethodRules(session.policy, subject, traits.kind), session.now)
                .allowed;
  });
}

Reply<SubmitReply> PasswordChange::Unlock(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kUnlock);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  FlowRecord& flow = session.flow;
  const auto refuse = [&](RefusalCode code, const char* why) {
    RecordWithNext(parts_, EventOf(parts_, caller, flow, "unlock.submit", "refused", Name(code)));
    Refusal refusal = Extended(Refuse(code, why), flow);
    refusal.continuation_token = session.presented;
    return refusal;
  };
  if (flow.operation != Operation::kUnlock) {
    return refuse(RefusalCode::kInvalidRequest, "this flow was started to reset");
  }
  if (session.policy.unlock_enabled == 0) {
    return refuse(RefusalCode::kUnlockDisabled, "an account is unlocked by a reset only");
  }
  if (std::optional<Refusal> lost = LostEntitlement(caller, session)) {
    return Extended(std::move(*lost), flow);
  }
  // Whether an account of a machine is locked is the machine's to know.
  if (!flow.local_set && !IsLocked(session)) {
    return refuse(RefusalCode::kAccountNotLocked, "the account is not locked");
  }
  const TransactionRecord transaction = PendingTransaction(session, "");
  RecordWithNext(parts_, EventOf(parts_, caller, flow, "unlock.submit", "begun"));
  flow.state = FlowState::kSubmitted;
  NewToken next = MakeToken(parts_.random, flow, TokenKind::kPoll);
  if (parts_.store.BeginTransaction(flow, next.record, transaction) != BeginOutcome::kBegun) {
    return refuse(RefusalCode::kInvalidRequest, "another request of this flow is under way");
  }
  // To finish the transaction is to unlock: both happen in one step.
  const TransactionStatus status = Conclude(caller, transaction, SetOutcome::kSet);
  return SubmitReply{
      .continuation_token = std::move(next.text),
      .status = status,
      .poll_interval_seconds = kPollSeconds,
      .permit = status == TransactionStatus::kSucceeded ? PermitFor(transaction) : std::string(),
      .extended = IsExtended(flow.capabilities)};
}

TransactionStatus PasswordChange::StatusNow(const Caller& caller,
                                            const TransactionRecord& transaction) {
  if (transaction.status != TransactionStatus::kPending) return transaction.status;
  const UnixSeconds age = parts_.clock.Now() - transaction.changed_at;
  if (age >= 0 && age <= kPendingGraceSeconds) return TransactionStatus::kPending;
  return Conclude(caller, transaction, SettledOutcome(transaction));
}

// An unlock that was cut off has not happened.
SetOutcome PasswordChange::SettledOutcome(const TransactionRecord& transaction) {
  if (transaction.operation == Operation::kUnlock) return SetOutcome::kNotSet;
  return parts_.directory.Settle(transaction.id);
}

Reply<SubmitReply> PasswordChange::Poll(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kPoll);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const std::optional<TransactionRecord> transaction =
      parts_.store.FindTransaction(session.flow.transaction_id);
  if (!transaction) {
    return Extended(Refuse(RefusalCode::kExpiredToken, "the flow is over"), session.flow);
  }
  SubmitReply reply{.continuation_token = session.presented,
                    .status = StatusNow(caller, *transaction),
                    .poll_interval_seconds = kPollSeconds,
                    .permit = {},
                    .extended = IsExtended(session.flow.capabilities)};
  if (reply.status != TransactionStatus::kSucceeded) return reply;
  reply.permit = PermitFor(*transaction);
  // Who unlocked an account has not shown the password, and signs in with it.
  if (transaction->operation == Operation::kUnlock) return reply;
  for (int tries = 0; tries < kMoveTries; ++tries) {
    const NewToken finished = MakeToken(parts_.random, session.flow, TokenKind::kFinished);
    if (Move(parts_.store, session.flow, finished.record)) {
      reply.continuation_token = finished.text;
      return reply;
    }
    auto again = OpenSession(parts_, caller, token, Call::kPoll);
    if (Refusal* const refusal = std::get_if<Refusal>(&again)) return std::move(*refusal);
    session = std::move(*std::get_if<Session>(&again));
  }
  return Extended(Refuse(RefusalCode::kInvalidRequest, "another request of this flow is under way"),
                  session.flow);
}

// A transaction that was not begun yet is voided by the question: who is told "failed" gives up for
// good, so a submit that is still on its way must not succeed.
Reply<TransactionReply> PasswordChange::Transaction(const Caller& caller,
                                                    std::string_view transaction_id) {
  if (!parts_.store.FindClient(caller.client_id)) {
    return Refuse(RefusalCode::kInvalidClient, "the client is not registered");
  }
  const std::string id = ToHex(transaction_id);
  const UnixSeconds now = parts_.clock.Now();
  std::optional<TransactionRecord> transaction = parts_.store.FindTransaction(id);
  if (!transaction) {
    const std::optional<FlowRecord> flow = parts_.store.FindByTransaction(id);
    if (!flow || flow->client_id != caller.client_id || flow->purpose != FlowPurpose::kReset) {
      return TransactionReply{.status = TransactionStatus::kNone, .permit = {}};
    }
    RecordWithNext(parts_, EventOf(parts_, caller, *flow, "reset.transaction", "voided"));
    parts_.store.VoidTransaction({.id = id,
                                  .status = TransactionStatus::kFailed,
                                  .operation = flow->operation,
                                  .client_id = flow->client_id,
                                  .flow_id = flow->id,
                                  .subject = flow->subject,
                                  .user_id = flow->user_id,
                                  .local_set = flow->local_set,
                                  .commitment = {},
                                  .changed_at = now});
    transaction = parts_.store.FindTransaction(id);  // a submit may have been faster
  }
  if (!transaction || transaction->client_id != caller.client_id) {
    return TransactionReply{.status = TransactionStatus::kNone, .permit = {}};
  }
  const TransactionStatus status = StatusNow(caller, *transaction);
  if (status != TransactionStatus::kPending && now - transaction->changed_at > kAnswerableSeconds) {
    return TransactionReply{.status = TransactionStatus::kNone, .permit = {}};
  }
  const bool succeeded = status == TransactionStatus::kSucceeded;
  return TransactionReply{.status = status,
                          .permit = succeeded ? PermitFor(*transaction) : std::string()};
}

void PasswordChange::SettlePending() {
  for (const TransactionRecord& transaction : parts_.store.ListPending()) {
    (void)Conclude({}, transaction, SettledOutcome(transaction));
  }
}

void PasswordChange::SettleAbandoned() {
  const UnixSeconds now = parts_.clock.Now();
  UnixSeconds last = settled_at_.load();
  if (now - last >= 0 && now - last < kPendingGraceSeconds) return;
  if (!settled_at_.compare_exchange_strong(last, now)) return;
  for (const TransactionRecord& transaction : parts_.store.ListPending()) {
    (void)StatusNow({}, transaction);
  }
}

// Empty for a transaction without a local set. That the account is the user's was seen before the
// password was set.
std::string PasswordChange::PermitFor(const TransactionRecord& transaction) const {
  if (!transaction.local_set || parts_.permit_key == nullptr) return {};
  const auto device = FixedBytesFrom<kDeviceIdBytes>(transaction.local_set->device_id);
  const auto nonce = FixedBytesFrom<kNonceBytes>(transaction.local_set->nonce);
  const bool is_unlock = transaction.operation == Operation::kUnlock;
  const auto commitment = FixedBytesFrom<kCommitmentBytes>(
      is_unlock ? std::string(kCommitmentBytes, '\0') : transaction.commitment);
  const auto id =
      FixedBytesFrom<kTransactionIdBytes>(FromHex(transaction.id).value_or(std::string()));
  if (!device || !nonce || !commitment || !id) throw std::runtime_error("a damaged transaction");
  const UnixSeconds now = parts_.clock.Now();
  const Result<PermitBytes> permit =
      SignPermit(*parts_.permit_key,
                 {.operation = is_unlock ? PermitOperation::kUnlock : PermitOperation::kReset,
                  .key_id = parts_.permit_key_id,
                  .account = transaction.local_set->account,
                  .device_id = *device,
                  .nonce = *nonce,
                  .commitment = *commitment,
                  .issued_at = now,
                  .expires_at = now + kMaxPermitLifetimeSeconds,
                  .transaction_id = *id});
  if (!permit.ok()) throw std::runtime_error("permit: " + permit.error().detail);
  return std::string(View(*permit));
}

}  // namespace sspr::service
