// SPDX-License-Identifier: Apache-2.0
// The FlowStore on an SQL database.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "service/crypto/random.h"
#include "service/store/flow_store.h"
#include "service/store/sql_database.h"

namespace sspr::service {

class SqlStore : public FlowStore {
 public:
  // random outlives the store.
  SqlStore(std::shared_ptr<SqlDatabase> database, Random& random)
      : database_(std::move(database)), random_(random) {}
  // On a database of its own, see SqlDatabase::Open.
  static Result<std::unique_ptr<SqlStore>> Open(const std::string& target, unsigned connections,
                                                Random& random);

  void Atomically(const std::function<void()>& work) override;

  bool InsertUser(const UserRecord& user) override;
  std::optional<UserRecord> FindUser(std::string_view username) override;
  std::optional<UserRecord> GetUser(std::string_view id) override;
  std::vector<UserRecord> ListUsers() override;
  std::vector<UserRecord> ListMembers(const std::vector<std::string>& groups) override;
  bool UpdateProfile(const UserRecord& user) override;
  void NoteMethodsConfirmed(std::string_view user_id, UnixSeconds now) override;
  bool DeleteUser(std::string_view id) override;
  bool SetPasswordHash(std::string_view id, std::string_view hash, UnixSeconds now,
                       int keep = 0) override;
  std::vector<std::string> PasswordHistory(std::string_view id) override;
  std::vector<std::string> BannedTerms() override;
  void ChangeBannedTerms(const std::vector<std::string>& add,
                         const std::vector<std::string>& remove) override;
  void InsertMethod(const MethodRecord& method) override;
  std::vector<MethodRecord> ListMethods(std::string_view user_id) override;
  bool DeleteMethod(std::string_view user_id, std::string_view method_id) override;
  void ReplaceMethods(std::string_view user_id, MethodKind kind,
                      const std::vector<MethodRecord>& methods) override;
  bool PreferMethod(std::string_view user_id, std::string_view method_id) override;
  bool AcceptStep(std::string_view method_id, std::int64_t step) override;
  void AddDomainHint(std::string_view hint) override;
  std::vector<std::string> DomainHints() override;

  void PutClient(const ClientRecord& client) override;
  std::optional<ClientRecord> FindClient(std::string_view client_id) override;
  std::vector<ClientRecord> ListClients() override;
  bool DeleteClient(std::string_view client_id) override;
  void PutSetting(std::string_view name, std::string_view value) override;
  std::vector<std::pair<std::string, std::string>> ListSettings() override;
  std::int64_t ChangePolicy(std::string_view name, std::string_view value,
                            UnixSeconds now) override;
  std::vector<PolicyChangeRecord> PolicyHistory() override;

  void InsertFlow(const FlowRecord& flow, const TokenRecord& token) override;
  std::optional<std::pair<TokenRecord, FlowRecord>> FindByToken(std::string_view digest) override;
  std::optional<FlowRecord> FindResumable(std::string_view resume_digest, std::string_view subject,
                                          std::string_view client_id) override;
  std::optional<FlowRecord> FindByTransaction(std::string_view transaction_id) override;
  bool ChangeFlow(const FlowRecord& flow, const std::optional<TokenRecord>& token) override;
  bool RestartFlow(const FlowRecord& flow, const TokenRecord& token) override;
  void CloseFlows(std::string_view subject, std::string_view except_id) override;

  LimitVerdict Reserve(const std::vector<LimitRule>& rules, UnixSeconds now) override;
  LimitVerdict Peek(const std::vector<LimitRule>& rules, UnixSeconds now) override;
  AttemptVerdict ReserveAttempt(std::string_view flow_id, std::string_view challenge_id,
                                int max_attempts, const std::vector<LimitRule>& rules,
                                UnixSeconds now) override;
  void Release(std::string_view reservation) override;
  void ClearBuckets(const std::vector<std::string>& buckets) override;
  LimitVerdict ReserveSignIn(std::string_view subject, UnixSeconds now) override;
  bool IsSignInLocked(std::string_view subject, UnixSeconds now) override;
  void ClearSignIn(std::string_view subject) override;

  BeginOutcome BeginTransaction(const FlowRecord& flow, const TokenRecord& token,
                                const TransactionRecord& transaction) override;
  bool FinishTransaction(std::string_view id, TransactionStatus status,
                         const std::vector<std::string>& buckets, UnixSeconds now) override;
  bool WithdrawTransaction(const FlowRecord& flow, std::string_view id) override;
  std::optional<TransactionRecord> FindTransaction(std::string_view id) override;
  std::vector<TransactionRecord> ListPending() override;
  void VoidTransaction(const TransactionRecord& transaction) override;
  bool ChangePasswordOnce(std::string_view transaction_id, std::string_view user_id,
                          std::string_view hash, UnixSeconds now, int keep = 0) override;
  bool SettleChange(std::string_view transaction_id, UnixSeconds now) override;
  void InsertRefreshToken(const RefreshTokenRecord& token) override;
  std::optional<RefreshTokenRecord> UseRefreshToken(std::string_view digest,
                                                    std::string_view client_id,
                                                    std::string_view next_digest, UnixSeconds now,
                                                    UnixSeconds next_expires_at) override;
  void PutRisk(const RiskRecord& risk) override;
  std::optional<RiskRecord> FindRisk(std::string_view user_id) override;
  std::vector<RiskRecord> ListRisks() override;
  bool Prune(UnixSeconds now) override;

 private:
  template <typename Work>
  auto Read(Work work) {
    return database_->Read(std::move(work));
  }
  template <typename Work>
  auto ReadBriefly(Work work) {
    return database_->ReadBriefly(std::move(work));
  }
  template <typename Work>
  auto Write(Work work) {
    return database_->Write(std::move(work));
  }
  template <typename Work>
  auto Write(const LockKeys& keys, Work work) {
    return database_->Write(keys, std::move(work));
  }

  std::shared_ptr<SqlDatabase> database_;
  Random& random_;
};

}  // namespace sspr::service
