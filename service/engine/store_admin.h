// SPDX-License-Identifier: Apache-2.0
// The AdminService on the built-in directory. Exceptions of the store end here.
#pragma once

#include <string>

#include "service/audit/audit_log.h"
#include "service/crypto/password_hasher.h"
#include "service/crypto/service_keys.h"
#include "service/engine/admin_service.h"
#include "service/policy/policy.h"
#include "service/store/approval_table.h"
#include "service/store/flow_store.h"
#include "service/store/risk_table.h"

namespace sspr::service {

class StoreAdmin : public AdminService {
 public:
  // All of them outlive it.
  StoreAdmin(FlowStore& store, AuditLog& audit, PasswordHasher& hasher, const ServiceKeys& keys,
             Random& random, const Clock& clock, std::string issuer, std::string public_url,
             ApprovalTable* approvals, Actor actor = {}, RiskTable* risk_table = nullptr)
      : store_(store),
        audit_(audit),
        hasher_(hasher),
        keys_(keys),
        random_(random),
        clock_(clock),
        issuer_(std::move(issuer)),
        public_url_(std::move(public_url)),
        approvals_(approvals),
        actor_(std::move(actor)),
        risk_table_(risk_table) {}

  Result<UserView> AddUser(const NewUser& user) override;
  Result<std::vector<UserView>> ListUsers() override;
  Result<UserView> ShowUser(std::string_view username) override;
  Status DeleteUser(std::string_view username) override;
  Status SetPassword(std::string_view username, const Secret& password) override;
  Status SetEnabled(std::string_view username, bool enabled) override;
  Status SetDisplayName(std::string_view username, std::string_view display_name) override;
  Status SetLanguage(std::string_view username, std::string_view language) override;
  Status SetGroups(std::string_view username, std::string_view groups) override;
  Status SetLocalAccount(std::string_view username, std::string_view account) override;
  Status SetExternalId(std::string_view username, std::string_view external_id) override;
  Status Unlock(std::string_view username) override;
  Status AllowResets(std::string_view username) override;

  Result<MethodView> AddEmail(std::string_view username, std::string_view address) override;
  Result<MethodView> AddPhone(std::string_view username, MethodKind kind,
                              std::string_view number) override;
  Result<TotpEnrolment> AddTotp(std::string_view username) override;
  Result<RecoveryCodes> MakeRecoveryCodes(std::string_view username) override;
  Status SetQuestions(std::string_view username,
                      const std::vector<QuestionAndAnswer>& questions) override;
  Result<PhoneLink> OfferPhone(std::string_view username) override;
  Result<TemporaryPass> IssuePass(const PassRequest& request) override;
  Result<std::vector<MethodView>> ListMethods(std::string_view username) override;
  Status RemoveMethod(std::string_view username, std::string_view method_id) override;

  Result<std::vector<PolicyEntry>> ListPolicy() override;
  Result<PolicyEntry> GetPolicy(std::string_view key) override;
  Status SetPolicy(std::string_view key, std::string_view value) override;
  Result<std::vector<PolicyChange>> PolicyHistory() override;
  Result<PolicyForecast> SimulatePolicy(std::string_view key, std::string_view value) override;
  Result<CampaignReport> ReportCampaign() override;
  Result<std::vector<std::string>> ListBannedTerms() override;
  Status AddBannedTerms(const std::vector<std::string>& terms) override;
  Status RemoveBannedTerm(std::string_view term) override;

  Status PutClient(const ClientView& client) override;
  Result<std::vector<ClientView>> ListClients() override;
  Result<SecretBuffer<128>> MakeClientSecret(std::string_view client_id) override;
  Status RemoveClient(std::string_view client_id) override;
  Status SetRisk(std::string_view username, RiskLevel level, std::string_view detail) override;
  Result<std::vector<RiskView>> ListRisks() override;

  Result<AuditVerdict> VerifyAudit() override;

 private:
  // kDenied when there is none.
  Result<UserRecord> Find(std::string_view username);
  std::string SubjectOfUser(const UserRecord& user) const;
  // Throws std::runtime_error when the line cannot be written.
  void Note(const char* event, const UserRecord* user, std::string reason);
  // Applies change to the profile of a user, after auditing it.
  template <typename Change>
  Status ChangeProfile(std::string_view username, const char* event, Change change);

  FlowStore& store_;
  AuditLog& audit_;
  PasswordHasher& hasher_;
  const ServiceKeys& keys_;
  Random& random_;
  const Clock& clock_;
  const std::string issuer_;
  const std::string public_url_;
  ApprovalTable* const approvals_;
  const Actor actor_;
  RiskTable* const risk_table_;
};

}  // namespace sspr::service
