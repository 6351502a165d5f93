// SPDX-License-Identifier: Apache-2.0
// Everything that the service remembers. Each call is one transaction and durable when it returns.
// Implementations: SqlStore, and a store in memory for tests; tests/contract_store holds both to
// what is written here.
//
// Every call throws StoreFailure when the database fails; the engine answers such a request with an
// internal error, so that nothing is evaluated, sent or changed that was not counted. Safe from
// several threads and, on one database, several processes at once.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/store/records.h"

namespace sspr::service {

struct StoreFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct AttemptVerdict {
  enum class Kind {
    kReserved,  // counted: compare now
    kLimited,   // not counted: a limit is reached
    kSpent,     // not counted: the challenge is gone or has had all its attempts
  };
  Kind kind = Kind::kSpent;
  std::string reservation;
  int attempts = 0;  // of the challenge, with this one
  int retry_after_seconds = 0;
};

enum class BeginOutcome {
  kBegun,
  kFlowChanged,       // somebody else moved the flow
  kTransactionSpent,  // the transaction id was used or voided
};

class FlowStore {
 public:
  FlowStore() = default;
  FlowStore(const FlowStore&) = delete;
  FlowStore& operator=(const FlowStore&) = delete;
  virtual ~FlowStore() = default;

  // What work does in the store becomes one step: all of it or, when work throws, nothing, and it
  // is durable when this returns. A call within work joins the step. Work must be quick, must not
  // wait for a lock that is held around a call of the store, and may be done again from its
  // beginning when the database asks for it.
  virtual void Atomically(const std::function<void()>& work) = 0;

  // --- users and their methods
  // False when the user name is taken.
  virtual bool InsertUser(const UserRecord& user) = 0;
  virtual std::optional<UserRecord> FindUser(std::string_view username) = 0;
  virtual std::optional<UserRecord> GetUser(std::string_view id) = 0;
  virtual std::vector<UserRecord> ListUsers() = 0;
  // Those who are in one of the groups, by name.
  virtual std::vector<UserRecord> ListMembers(const std::vector<std::string>& groups) = 0;
  // Changes display_name, local_account, language, enabled, groups and methods_confirmed_at,
  // nothing else. False: no such user.
  virtual bool UpdateProfile(const UserRecord& user) = 0;
  // When the person last said that the methods are right.
  virtual void NoteMethodsConfirmed(std::string_view user_id, UnixSeconds now) = 0;
  // With the methods. False: no such user.
  virtual bool DeleteUser(std::string_view id) = 0;
  // Sets the hash and begins a new generation; of the hashes before it the newest `keep` are
  // remembered. False: no such user.
  virtual bool SetPasswordHash(std::string_view id, std::string_view hash, UnixSeconds now,
                               int keep = 0) = 0;
  // Those that are remembered, newest first.
  virtual std::vector<std::string> PasswordHistory(std::string_view id) = 0;

  // Words that the organisation bans, in their normal form, sorted.
  virtual std::vector<std::string> BannedTerms() = 0;
  // In one step. What is there already, or is not, makes no difference.
  virtual void ChangeBannedTerms(const std::vector<std::string>& add,
                                 const std::vector<std::string>& remove) = 0;

  virtual void InsertMethod(const MethodRecord& method) = 0;
  // Oldest first.
  virtual std::vector<MethodRecord> ListMethods(std::string_view user_id) = 0;
  // True for exactly one caller: what works once is used up by this.
  virtual bool DeleteMethod(std::string_view user_id, std::string_view method_id) = 0;
  // In place of all methods of that kind that the user has.
  virtual void ReplaceMethods(std::string_view user_id, MethodKind kind,
                              const std::vector<MethodRecord>& methods) = 0;
  // Marks it as the one that is asked for first, and no other of the user's. False: no such method.
  virtual bool PreferMethod(std::string_view user_id, std::string_view method_id) = 0;
  // True for exactly one caller per step, and never for a step at or before one that was accepted.
  virtual bool AcceptStep(std::string_view method_id, std::int64_t step) = 0;
  // Masked domains for the hints of users who do not exist; kept for good, each once, sorted.
  virtual void AddDomainHint(std::string_view hint) = 0;
  virtual std::vector<std::string> DomainHints() = 0;

  // --- clients and settings
  virtual void PutClient(const ClientRecord& client) = 0;
  virtual std::optional<ClientRecord> FindClient(std::string_view client_id) = 0;
  virtual std::vector<ClientRecord> ListClients() = 0;
  virtual bool DeleteClient(std::string_view client_id) = 0;
  virtual void PutSetting(std::string_view name, std::string_view value) = 0;
  virtual std::vector<std::pair<std::string, std::string>> ListSettings() = 0;
  // PutSetting, and a line of the history with the version that this makes; gives the version.
  virtual std::int64_t ChangePolicy(std::string_view name, std::string_view value,
                                    UnixSeconds now) = 0;
  // Newest first.
  virtual std::vector<PolicyChangeRecord> PolicyHistory() = 0;

  // --- flows and continuation tokens
  virtual void InsertFlow(const FlowRecord& flow, const TokenRecord& token) = 0;
  virtual std::optional<std::pair<TokenRecord, FlowRecord>> FindByToken(
      std::string_view digest) = 0;
  // The newest flow in kProving or kProved with this key, name and client.
  virtual std::optional<FlowRecord> FindResumable(std::string_view resume_digest,
                                                  std::string_view subject,
                                                  std::string_view client_id) = 0;
  virtual std::optional<FlowRecord> FindByTransaction(std::string_view transaction_id) = 0;
  // Writes the flow if its version is still flow.version, which grows by one, and adds the token if
  // there is one. False, and nothing written, when the version moved on.
  virtual bool ChangeFlow(const FlowRecord& flow, const std::optional<TokenRecord>& token) = 0;
  // As ChangeFlow; the tokens that were issued before die.
  virtual bool RestartFlow(const FlowRecord& flow, const TokenRecord& token) = 0;
  // Closes the user's flows (of that name) but one.
  virtual void CloseFlows(std::string_view subject, std::string_view except_id) = 0;

  // --- limits
  // Counts one event in every bucket of the rules, or in none when a rule forbids it.
  virtual LimitVerdict Reserve(const std::vector<LimitRule>& rules, UnixSeconds now) = 0;
  // What Reserve would say; counts nothing.
  virtual LimitVerdict Peek(const std::vector<LimitRule>& rules, UnixSeconds now) = 0;
  // Reserve, and one more attempt of the flow's challenge, of which there are at most max_attempts:
  // all or nothing.
  virtual AttemptVerdict ReserveAttempt(std::string_view flow_id, std::string_view challenge_id,
                                        int max_attempts, const std::vector<LimitRule>& rules,
                                        UnixSeconds now) = 0;
  // Takes the events of one reservation back.
  virtual void Release(std::string_view reservation) = 0;
  // A name that ends with '*' stands for all that begin so.
  virtual void ClearBuckets(const std::vector<std::string>& buckets) = 0;

  // Counts a sign-in before its password is compared. The tenth failure in a row closes sign-in for
  // a minute, each further one for twice as long, at most an hour.
  virtual LimitVerdict ReserveSignIn(std::string_view subject, UnixSeconds now) = 0;
  // Whether ReserveSignIn would refuse now.
  virtual bool IsSignInLocked(std::string_view subject, UnixSeconds now) = 0;
  virtual void ClearSignIn(std::string_view subject) = 0;

  // --- transactions
  // Moves the flow as ChangeFlow does and inserts the transaction as pending: both or neither.
  virtual BeginOutcome BeginTransaction(const FlowRecord& flow, const TokenRecord& token,
                                        const TransactionRecord& transaction) = 0;
  // From pending to a final status. True for exactly one caller. With kSucceeded the user's other
  // flows are closed and the buckets and the sign-in lock are cleared in the same step.
  virtual bool FinishTransaction(std::string_view id, TransactionStatus status,
                                 const std::vector<std::string>& buckets, UnixSeconds now) = 0;
  // Takes a pending transaction back as if it had never begun, and moves the flow as ChangeFlow
  // does: both or neither. False when either is no longer so.
  virtual bool WithdrawTransaction(const FlowRecord& flow, std::string_view id) = 0;
  virtual std::optional<TransactionRecord> FindTransaction(std::string_view id) = 0;
  virtual std::vector<TransactionRecord> ListPending() = 0;
  // Writes a transaction that was never begun as failed, so that it never can be.
  virtual void VoidTransaction(const TransactionRecord& transaction) = 0;

  // --- the built-in directory's half of a transaction
  // SetPasswordHash, and notes the transaction: both or neither. False when the transaction was
  // noted before (set, or settled as never) or there is no such user.
  virtual bool ChangePasswordOnce(std::string_view transaction_id, std::string_view user_id,
                                  std::string_view hash, UnixSeconds now, int keep = 0) = 0;
  // True: that transaction has set its password. False: it has not, and from now on never will.
  virtual bool SettleChange(std::string_view transaction_id, UnixSeconds now) = 0;

  // --- refresh tokens and risk
  virtual void InsertRefreshToken(const RefreshTokenRecord& token) = 0;
  // The token, which is used by this and gives way to `next` of its family. Nothing when there is
  // no such token, it is too old, or of another client; when it was used before its whole family is
  // forgotten.
  virtual std::optional<RefreshTokenRecord> UseRefreshToken(std::string_view digest,
                                                            std::string_view client_id,
                                                            std::string_view next_digest,
                                                            UnixSeconds now,
                                                            UnixSeconds next_expires_at) = 0;
  // In place of the user's record. Nothing happens when there is no such user.
  virtual void PutRisk(const RiskRecord& risk) = 0;
  virtual std::optional<RiskRecord> FindRisk(std::string_view user_id) = 0;
  // Of users who are at risk, the highest first.
  virtual std::vector<RiskRecord> ListRisks() = 0;

  // Forgets some of what no answer needs any more: flows of two hours ago; transactions, attempts
  // and failed sign-ins of two days ago. True when there is more of it.
  virtual bool Prune(UnixSeconds now) = 0;
};

}  // namespace sspr::service
