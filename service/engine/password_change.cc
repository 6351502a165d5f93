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
          .changed_at = session.now,
          .device_id = flow.device_id};
}

Refusal Overtaken() {
  return Refuse(RefusalCode::kInvalidRequest, "another request of this flow is under way");
}

// Zeroes: the machine sets no password, and the permit is to forget failed logins there.
bool CommitsToNone(std::string_view commitment) {
  return commitment.size() == kCommitmentBytes &&
         commitment.find_first_not_of('\0') == std::string_view::npos;
}

bool CommitmentFits(const FlowRecord& flow, std::string_view commitment) {
  if (flow.local_set) return commitment.size() == kCommitmentBytes;
  return commitment.empty() || CommitsToNone(commitment);
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

PasswordChange::PasswordChange(EngineParts& parts)
    : parts_(parts),
      late_(
          parts.store,
          {.write_down =
               [this](const LateConclusion& late) {
                 return WriteDown(late.caller, late.transaction, SetOutcome::kSet, late.polled)
                     .is_first;
               },
           .tell = [this](const LateConclusion& late) { TellOfSuccess(parts_, late.transaction); },
           .log = [this](std::string_view line) { parts_.log(line); }}) {}

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
  // Whose failed logins they are is no reason to keep the person from a new password.
  if (CommitsToNone(commitment) && !AccountFits(parts_, session)) flow.local_set.reset();
  flow.last_seen = session.now;
  if (++flow.submits > kMostSubmits) {
    flow.state = FlowState::kClosed;
    (void)Move(parts_.store, flow, std::nullopt);  // if somebody else moved it: it is refused too
    return Extended(Refuse(RefusalCode::kTooManyAttempts, "too many passwords"), flow);
  }
  auto judged = Objection(caller, session, password);
  if (Refusal* const objection = std::get_if<Refusal>(&judged)) {
    return Object(caller, session, std::move(*objection));
  }
  return Change(caller, session, password, *std::get_if<Proposal>(&judged), commitment);
}

// What was wrong with a password is told only to who could not have asked more often than is
// allowed: the question was counted.
Refusal PasswordChange::Object(const Caller& caller, Session& session, Refusal objection) {
  FlowRecord& flow = session.flow;
  const FlowRecord before = flow;
  bool counted = false;
  parts_.store.Atomically([&] {
    flow = before;
    Record(parts_, EventOf(parts_, caller, flow, "reset.submit", "refused", Name(objection.code)),
           AuditLog::Weight::kNormal);
    counted = Move(parts_.store, flow, std::nullopt);
  });
  return Extended(counted ? std::move(objection) : Overtaken(), flow);
}

std::optional<Refusal> PasswordChange::LostEntitlement(const Caller& caller, Session& session) {
  FlowRecord& flow = session.flow;
  if (!StillEntitled(parts_, session)) {
    Record(parts_, EventOf(parts_, caller, flow, "reset.entitlement", "lost"),
           AuditLog::Weight::kNormal);
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

std::variant<Proposal, Refusal> PasswordChange::Objection(const Caller& caller, Session& session,
                                                          const Secret& password) {
  if (std::optional<Refusal> lost = LostEntitlement(caller, session)) return std::move(*lost);
  const UnixSeconds age = session.now - session.user->password_changed_at;
  if (age >= 0 && age < session.policy.min_age_hours * kHourSeconds) {
    return Refuse(RefusalCode::kPasswordTooYoung, "");
  }
  auto judged = JudgeNew(session, *session.user, password);
  if (const RefusalCode* const code = std::get_if<RefusalCode>(&judged)) {
    Refusal refusal = Refuse(*code, "");
    refusal.continuation_token = session.presented;
    return refusal;
  }
  return std::move(*std::get_if<Proposal>(&judged));
}

std::variant<Proposal, RefusalCode> PasswordChange::JudgeNew(const Session& session,
                                                             const DirectoryUser& user,
                                                             const Secret& password) {
  const PasswordPolicyReply rules =
      PasswordPolicyFor(session.policy, user.username, user.display_name);
  if (const std::optional<RefusalCode> broken = JudgePassword(rules, password)) return *broken;
  if (session.policy.forbid_banned != 0) {
    if (const auto banned = JudgeWords(parts_.store.BannedTerms(), password)) return *banned;
  }
  if (const auto breached = JudgeBreached(session.policy, password)) return *breached;
  Result<Proposal> proposal = parts_.directory.Propose(user.id, password, session.policy.history);
  if (!proposal.ok()) throw std::runtime_error("the directory: " + proposal.error().detail);
  if (proposal->is_used) return RefusalCode::kPasswordRecentlyUsed;
  return std::move(*proposal);
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

// Written down as pending before the directory is asked, so that whatever is interrupted can be
// settled. Where the passwords are in the store itself, all of it is one step.
Reply<SubmitReply> PasswordChange::Change(const Caller& caller, Session& session,
                                          const Secret& password, const Proposal& proposal,
                                          std::string_view commitment) {
  FlowRecord& flow = session.flow;
  const TransactionRecord transaction = PendingTransaction(session, commitment);
  flow.state = FlowState::kSubmitted;
  const NewToken token = MakeToken(parts_.random, flow, TokenKind::kPoll);
  BeginOutcome begun = BeginOutcome::kFlowChanged;
  SetReply set = SetOutcome::kUnknown;
  Conclusion conclusion;
  const auto set_and_conclude = [&] {
    set = parts_.directory.SetPassword(transaction.id, flow.user_id, password, proposal);
    if (set.refusal) return;
    if (!set.detail.empty()) parts_.log("the directory: " + set.detail);
    if (set == SetOutcome::kSet && parts_.conclude_late) {
      conclusion.status = TransactionStatus::kSucceeded;
      late_.Add({.caller = caller, .transaction = transaction, .polled = token.text});
    } else {
      conclusion = WriteDown(caller, transaction, set.outcome, token.text);
    }
  };
  try {
    InOneStep(parts_, [&] {
      Record(parts_, EventOf(parts_, caller, flow, "reset.submit", "begun"),
             AuditLog::Weight::kFinal);
      begun = parts_.store.BeginTransaction(flow, token.record, transaction);
      if (begun != BeginOutcome::kBegun) return;
      parts_.directory.Announce(transaction.id, *session.user);
      if (parts_.directory.IsInStore()) set_and_conclude();
    });
  } catch (const std::exception& error) {
    // Whether the step was taken is known only where something of it can be seen.
    if (begun != BeginOutcome::kBegun || !parts_.store.FindTransaction(transaction.id)) throw;
    parts_.log(std::string("a transaction was left pending: ") + error.what());
    conclusion = {};
  }
  if (begun == BeginOutcome::kTransactionSpent) {
    return Extended(Refuse(RefusalCode::kExpiredToken, "the transaction is over: start again"),
                    flow);
  }
  if (begun != BeginOutcome::kBegun) return Extended(Overtaken(), flow);
  std::string permit;
  try {
    if (!parts_.directory.IsInStore()) set_and_conclude();
    if (set.refusal) {
      ++flow.version;  // BeginTransaction moved it
      return Withdraw(caller, session, transaction, set);
    }
    Tell(transaction, conclusion);
    if (conclusion.status == TransactionStatus::kSucceeded) permit = PermitFor(transaction);
  } catch (const std::exception& error) {
    // The password may be set: a refusal would say that it is not.
    parts_.log(std::string("a transaction was left pending: ") + error.what());
    conclusion.status = TransactionStatus::kPending;
  }
  if (conclusion.status == TransactionStatus::kFailed) {
    return Extended(Refuse(RefusalCode::kInternal, "the password was not set"), flow);
  }
  return SubmitReply{.continuation_token = token.text,
                     .status = conclusion.status,
                     .poll_interval_seconds = kPollSeconds,
                     .permit = std::move(permit),
                     .extended = IsExtended(flow.capabilities)};
}

// The directory said no to this password, for certain: the transaction never was, and the person
// may choose another password in the same flow.
Refusal PasswordChange::Withdraw(const Caller& caller, Session& session,
                                 const TransactionRecord& transaction, const SetReply& set) {
  FlowRecord& flow = session.flow;
  flow.state = FlowState::kProved;
  // It was this flow that changed it: nobody else did.
  if (set.generation) flow.password_generation = *set.generation;
  bool withdrawn = false;
  parts_.store.Atomically([&] {
    Record(parts_, EventOf(parts_, caller, flow, "reset.submit", "refused", Name(*set.refusal)),
           AuditLog::Weight::kNormal);
    withdrawn = parts_.store.WithdrawTransaction(flow, transaction.id);
  });
  parts_.log("the directory refused a password: " + set.detail);
  if (!withdrawn) return Extended(Overtaken(), flow);
  Refusal refusal = Refuse(*set.refusal, "");
  refusal.continuation_token = session.presented;
  return Extended(std::move(refusal), flow);
}

// Writes down what the directory said, once, in one step; the one who does tells the user. polled:
// the token that the client polls with, or empty where it is not known: the token for the sign-in
// after it is then there before the first poll, which has nothing to write any more.
PasswordChange::Conclusion PasswordChange::WriteDown(const Caller& caller,
                                                     const TransactionRecord& transaction,
                                                     SetOutcome outcome, std::string_view polled) {
  if (outcome == SetOutcome::kUnknown) return {};
  const bool set = outcome == SetOutcome::kSet;
  Conclusion conclusion{.status = set ? TransactionStatus::kSucceeded : TransactionStatus::kFailed,
                        .is_first = false};
  const UnixSeconds now = parts_.clock.Now();
  const bool is_reset = transaction.operation == Operation::kReset;
  parts_.store.Atomically([&] {
    conclusion.is_first =
        parts_.store.FinishTransaction(transaction.id, conclusion.status,
                                       BucketsOf(transaction.subject, transaction.device_id), now);
    if (!conclusion.is_first) {
      // Somebody else was faster: what is written down is so.
      const std::optional<TransactionRecord> written = parts_.store.FindTransaction(transaction.id);
      if (written) conclusion.status = written->status;
      return;
    }
    const AuditEvent event{.event = is_reset ? "reset.finish" : "unlock.finish",
                           .outcome = set ? "succeeded" : "failed",
                           .user_id = transaction.user_id,
                           .username = parts_.directory.NameOf(transaction.user_id),
                           .client_id = transaction.client_id,
                           .address = caller.address,
                           .flow_id = transaction.flow_id,
                           .transaction_id = transaction.id,
                           .correlation_id = caller.correlation_id};
    // The password is changed by now, on the strength of the line that said so before.
    const Status written = parts_.audit.Write(event, AuditLog::Weight::kFinal);
    if (!written.ok()) parts_.log("audit: " + written.error().detail);
    if (set && is_reset) Remediate(parts_, transaction);
    if (!set || !is_reset || polled.empty()) return;
    if (auto found = parts_.store.FindByToken(TokenDigest(polled))) {
      (void)Move(parts_.store, found->second, FinishedToken(found->second, polled).record);
    }
  });
  return conclusion;
}

void PasswordChange::Tell(const TransactionRecord& transaction, const Conclusion& conclusion) {
  if (!conclusion.is_first || conclusion.status != TransactionStatus::kSucceeded) return;
  TellOfSuccess(parts_, transaction);
}

TransactionStatus PasswordChange::Conclude(const Caller& caller,
                                           const TransactionRecord& transaction,
                                           SetOutcome outcome) {
  const Conclusion conclusion = WriteDown(caller, transaction, outcome, "");
  Tell(transaction, conclusion);
  return conclusion.status;
}

// Follows from the token that the client polls with, so that every poll gives the same one.
NewToken PasswordChange::FinishedToken(const FlowRecord& flow, std::string_view polled) {
  std::string text = ToHex(parts_.keys.NameDigest("finished:" + std::string(polled)));
  TokenRecord record{.digest = TokenDigest(text),
                     .flow_id = flow.id,
                     .kind = TokenKind::kFinished,
                     .gates = flow.completed_gates};
  return {std::move(text), std::move(record)};
}

bool PasswordChange::IsLocked(const Session& session) {
  const std::string& subject = session.flow.subject;
  if (session.user && session.user->locked) return true;
  if (parts_.store.IsSignInLocked(subject, session.now)) return true;
  return std::ranges::any_of(kMethodTraits, [&](const MethodTraits& traits) {
    const auto is_open = [&](std::string_view device) {
      return parts_.store
          .Peek(MethodRules(session.policy, subject, traits.kind, device), session.now)
          .allowed;
    };
    return !is_open("") || !is_open(session.flow.device_id);
  });
}

Reply<SubmitReply> PasswordChange::Unlock(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kUnlock);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  FlowRecord& flow = session.flow;
  const auto refuse = [&](RefusalCode code, const char* why) {
    Record(parts_, EventOf(parts_, caller, flow, "unlock.submit", "refused", Name(code)),
           AuditLog::Weight::kNormal);
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
  flow.state = FlowState::kSubmitted;
  NewToken next = MakeToken(parts_.random, flow, TokenKind::kPoll);
  BeginOutcome begun = BeginOutcome::kFlowChanged;
  parts_.store.Atomically([&] {
    Record(parts_, EventOf(parts_, caller, flow, "unlock.submit", "begun"),
           AuditLog::Weight::kFinal);
    begun = parts_.store.BeginTransaction(flow, next.record, transaction);
  });
  if (begun != BeginOutcome::kBegun) {
    return refuse(RefusalCode::kInvalidRequest, "another request of this flow is under way");
  }
  // Here, to finish the transaction is to unlock: both happen in one step.
  const Status unlocked = parts_.directory.Unlock(flow.user_id);
  if (!unlocked.ok()) parts_.log("the directory did not unlock: " + unlocked.error().detail);
  const TransactionStatus status =
      Conclude(caller, transaction, unlocked.ok() ? SetOutcome::kSet : SetOutcome::kNotSet);
  if (status == TransactionStatus::kFailed && !unlocked.ok() &&
      unlocked.error().code == Errc::kPolicy) {
    return Extended(Refuse(RefusalCode::kUnlockDisabled, "the directory's side allows none"), flow);
  }
  if (status == TransactionStatus::kFailed) {
    return Extended(Refuse(RefusalCode::kInternal, "the account was not unlocked"), flow);
  }
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
  if (const auto said = Answered(transaction)) return Conclude(caller, transaction, said->outcome);
  const UnixSeconds age = parts_.clock.Now() - transaction.changed_at;
  if (age >= 0 && age <= kPendingGraceSeconds) return TransactionStatus::kPending;
  return Conclude(caller, transaction, SettledOutcome(transaction));
}

std::optional<SetReply> PasswordChange::Answered(const TransactionRecord& transaction) {
  if (transaction.operation != Operation::kReset) return std::nullopt;
  return parts_.directory.Answered(transaction.id);
}

// A password that was refused is taken back like one that was refused at once: the client's token
// for a password is good again. Whoever asks once more is told that a password is wanted.
std::optional<Refusal> PasswordChange::LateRefusal(const Caller& caller, Session& session,
                                                   const TransactionRecord* transaction) {
  if (session.flow.state == FlowState::kProved) {
    return Extended(Refuse(RefusalCode::kPasswordInvalid, ""), session.flow);
  }
  if (transaction == nullptr || transaction->status != TransactionStatus::kPending) {
    return std::nullopt;
  }
  const std::optional<SetReply> said = Answered(*transaction);
  if (!said || !said->refusal) return std::nullopt;
  Refusal refusal = Withdraw(caller, session, *transaction, *said);
  refusal.continuation_token.clear();  // it is of the poll
  return refusal;
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
  // Asked first: what is no longer late is in the store by now.
  const bool is_late = late_.Holds(session.flow.transaction_id);
  const std::optional<TransactionRecord> transaction =
      parts_.store.FindTransaction(session.flow.transaction_id);
  if (auto refused = LateRefusal(caller, session, transaction ? &*transaction : nullptr)) {
    return std::move(*refused);
  }
  if (!transaction) {
    return Extended(Refuse(RefusalCode::kExpiredToken, "the flow is over"), session.flow);
  }
  SubmitReply reply{
      .continuation_token = session.presented,
      .status = is_late ? TransactionStatus::kSucceeded : StatusNow(caller, *transaction),
      .poll_interval_seconds = kPollSeconds,
      .permit = {},
      .extended = IsExtended(session.flow.capabilities)};
  if (reply.status != TransactionStatus::kSucceeded) return reply;
  reply.permit = PermitFor(*transaction);
  // Who unlocked an account has not shown the password, and signs in with it.
  if (transaction->operation == Operation::kUnlock) return reply;
  const NewToken finished = FinishedToken(session.flow, session.presented);
  for (int tries = 0; tries < kMoveTries; ++tries) {
    if (is_late || parts_.store.FindByToken(finished.record.digest) ||
        Move(parts_.store, session.flow, finished.record)) {
      reply.continuation_token = finished.text;
      return reply;
    }
    auto again = OpenSession(parts_, caller, token, Call::kPoll);
    if (Refusal* const refusal = std::get_if<Refusal>(&again)) return std::move(*refusal);
    session = std::move(*std::get_if<Session>(&again));
  }
  return Extended(Overtaken(), session.flow);
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
  const bool is_late = late_.Holds(id);
  std::optional<TransactionRecord> transaction = parts_.store.FindTransaction(id);
  const auto is_of_another_device = [&caller](const std::string& device) {
    return !device.empty() && device != caller.device_id;
  };
  if (!transaction) {
    const std::optional<FlowRecord> flow = parts_.store.FindByTransaction(id);
    if (flow && is_of_another_device(flow->device_id)) {
      return Refuse(RefusalCode::kInvalidProof, "");
    }
    if (!flow || flow->client_id != caller.client_id || flow->purpose != FlowPurpose::kReset) {
      return TransactionReply{.status = TransactionStatus::kNone, .permit = {}};
    }
    Record(parts_, EventOf(parts_, caller, *flow, "reset.transaction", "voided"),
           AuditLog::Weight::kNormal);
    parts_.store.VoidTransaction({.id = id,
                                  .status = TransactionStatus::kFailed,
                                  .operation = flow->operation,
                                  .client_id = flow->client_id,
                                  .flow_id = flow->id,
                                  .subject = flow->subject,
                                  .user_id = flow->user_id,
                                  .local_set = flow->local_set,
                                  .commitment = {},
                                  .changed_at = now,
                                  .device_id = flow->device_id});
    transaction = parts_.store.FindTransaction(id);  // a submit may have been faster
  }
  if (transaction && is_of_another_device(transaction->device_id)) {
    return Refuse(RefusalCode::kInvalidProof, "");
  }
  if (!transaction || transaction->client_id != caller.client_id) {
    return TransactionReply{.status = TransactionStatus::kNone, .permit = {}};
  }
  const TransactionStatus status =
      is_late ? TransactionStatus::kSucceeded : StatusNow(caller, *transaction);
  if (status != TransactionStatus::kPending && now - transaction->changed_at > kAnswerableSeconds) {
    return TransactionReply{.status = TransactionStatus::kNone, .permit = {}};
  }
  const bool succeeded = status == TransactionStatus::kSucceeded;
  return TransactionReply{.status = status,
                          .permit = succeeded ? PermitFor(*transaction) : std::string()};
}

void PasswordChange::SettlePending() {
  ForEachPending([this](const TransactionRecord& transaction) {
    (void)Conclude({}, transaction, SettledOutcome(transaction));
  });
}

// A directory that cannot be asked keeps nobody from a start of the service, or of another reset:
// the transaction stays as it is until it is looked at again.
void PasswordChange::ForEachPending(const std::function<void(const TransactionRecord&)>& work) {
  for (const TransactionRecord& transaction : parts_.store.ListPending()) {
    try {
      work(transaction);
    } catch (const StoreFailure& failure) {
      parts_.log(std::string("a reset that was cut off is not settled yet: ") + failure.what());
    }
  }
}

void PasswordChange::SettleAbandoned() {
  const UnixSeconds now = parts_.clock.Now();
  UnixSeconds last = settled_at_.load();
  if (now - last >= 0 && now - last < kPendingGraceSeconds) return;
  if (!settled_at_.compare_exchange_strong(last, now)) return;
  ForEachPending(
      [this](const TransactionRecord& transaction) { (void)StatusNow({}, transaction); });
}

// Empty for a transaction without a local set. That the account is the user's was seen before the
// password was set.
std::string PasswordChange::PermitFor(const TransactionRecord& transaction) const {
  if (!transaction.local_set || parts_.permit_key == nullptr) return {};
  const auto device = FixedBytesFrom<kDeviceIdBytes>(transaction.local_set->device_id);
  const auto nonce = FixedBytesFrom<kNonceBytes>(transaction.local_set->nonce);
  const bool is_unlock =
      transaction.operation == Operation::kUnlock || CommitsToNone(transaction.commitment);
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
