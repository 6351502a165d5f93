// SPDX-License-Identifier: Apache-2.0
// What an administrator may do: users, their methods, the policy, the clients. ssprctl speaks to
// this interface; every change is audited before it is made. Works beside a running service.
//
// Errors: kPolicy (the value breaks a rule; the detail is a sentence for the administrator and says
// what would be right), kDenied (no such user, method, key or client; it exists already), kInternal
// (database, key or audit file). Safe from several threads at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/audit/audit_verdict.h"
#include "service/flow_service.h"

namespace sspr::service {

// Who administers, for the audit. With ssprctl no name: whoever may open the files of the service.
struct Actor {
  std::string name = {};
  std::string address = {};
};

struct NewUser {
  std::string username;       // canonical: [a-z0-9._@+-], at most 64 bytes
  std::string display_name;   // may be empty
  std::string local_account;  // empty: the part of the user name before '@'
  std::string language;       // of the mails: "en" or "de"; empty means "en"
  std::string groups = {};    // names between spaces
};

struct UserView {
  std::string id;
  std::string username;
  std::string display_name;
  std::string local_account;
  std::string language;
  bool enabled = true;
  bool has_password = false;
  UnixSeconds created_at = 0;
  UnixSeconds password_changed_at = 0;  // 0: never
  std::string groups;                   // names between spaces
};

struct MethodView {
  std::string id;
  MethodKind kind;
  std::string hint;  // masked, as the person sees it
  UnixSeconds added_at = 0;
  UnixSeconds expires_at = 0;  // of a temporary pass; 0: never
};

struct TotpEnrolment {
  std::string method_id;
  SecretBuffer<512> otpauth_uri;    // shown once
  SecretBuffer<128> base32_secret;  // shown once
};

// Shown once.
struct RecoveryCodes {
  std::vector<SecretBuffer<64>> codes;
};

struct QuestionAndAnswer {
  std::string question;
  Secret answer;
};

struct PassRequest {
  std::string username;
  std::string operator_name;  // who issues it
  std::string proof;          // how the caller was proved; one line
  std::string approver;       // a second operator, for administrators; else may be empty
};

struct PhoneLink {
  SecretBuffer<512> link;
  UnixSeconds expires_at = 0;
};

// Shown once, to be read out to the caller. The help desk never learns or chooses a password.
struct TemporaryPass {
  SecretBuffer<64> pass;
  UnixSeconds expires_at = 0;
};

struct PolicyEntry {
  std::string key;
  std::string value;  // in force now
  std::string default_value;
  std::string help;  // one line, with the bounds
};

struct PolicyChange {
  std::int64_t version = 0;
  UnixSeconds at = 0;
  std::string key;
  std::string old_value;
  std::string new_value;
};

// What a change of the policy would do, before it is made.
struct PolicyForecast {
  int users = 0;
  int able_now = 0;  // could reset today
  int able_then = 0;
  std::vector<std::string> stranded;  // could, and no longer can; by name
};

struct CampaignReport {
  int users = 0;                     // enabled
  int in_scope = 0;                  // of those, who may reset
  int registered = 0;                // of those, who can
  int to_confirm = 0;                // of those, whose methods are to be confirmed again
  std::vector<std::string> missing;  // in scope and not registered; by name
};

struct ClientView {
  std::string client_id;
  bool concealment = true;  // unknown users are answered as if they existed
};

struct RiskView {
  std::string username;
  RiskLevel level = RiskLevel::kNone;
  std::string detail;
  UnixSeconds changed_at = 0;
};

class AdminService {
 public:
  AdminService() = default;
  AdminService(const AdminService&) = delete;
  AdminService& operator=(const AdminService&) = delete;
  virtual ~AdminService() = default;

  virtual Result<UserView> AddUser(const NewUser& user) = 0;
  virtual Result<std::vector<UserView>> ListUsers() = 0;
  virtual Result<UserView> ShowUser(std::string_view username) = 0;
  virtual Status DeleteUser(std::string_view username) = 0;
  // Held to the password rules of the policy. Ends the user's flows.
  virtual Status SetPassword(std::string_view username, const Secret& password) = 0;
  virtual Status SetEnabled(std::string_view username, bool enabled) = 0;
  virtual Status SetDisplayName(std::string_view username, std::string_view display_name) = 0;
  virtual Status SetLanguage(std::string_view username, std::string_view language) = 0;
  // Names between spaces; in place of those that the user had.
  virtual Status SetGroups(std::string_view username, std::string_view groups) = 0;
  // The account of a machine that a permit may name for this user.
  virtual Status SetLocalAccount(std::string_view username, std::string_view account) = 0;
  // Under which id Microsoft Entra ID knows the user (never given to another); empty takes it away.
  virtual Status SetExternalId(std::string_view username, std::string_view external_id) = 0;
  // Forgets the failures of the user's methods and of sign-in.
  virtual Status Unlock(std::string_view username) = 0;

  // The administrator vouches for the address: it counts as verified.
  virtual Result<MethodView> AddEmail(std::string_view username, std::string_view address) = 0;
  // kind is kSmsCode or kVoiceCode; the administrator vouches for the number.
  virtual Result<MethodView> AddPhone(std::string_view username, MethodKind kind,
                                      std::string_view number) = 0;
  virtual Result<TotpEnrolment> AddTotp(std::string_view username) = 0;
  // New ones, in place of those that are left.
  virtual Result<RecoveryCodes> MakeRecoveryCodes(std::string_view username) = 0;
  // In place of those that the user had; as many as the policy asks for, or more.
  virtual Status SetQuestions(std::string_view username,
                              const std::vector<QuestionAndAnswer>& questions) = 0;
  // A link that enrols one phone of the user for approvals; shown once. kPolicy: they are off.
  virtual Result<PhoneLink> OfferPhone(std::string_view username) = 0;
  // In place of one that was issued before.
  virtual Result<TemporaryPass> IssuePass(const PassRequest& request) = 0;
  virtual Result<std::vector<MethodView>> ListMethods(std::string_view username) = 0;
  virtual Status RemoveMethod(std::string_view username, std::string_view method_id) = 0;

  virtual Result<std::vector<PolicyEntry>> ListPolicy() = 0;
  virtual Result<PolicyEntry> GetPolicy(std::string_view key) = 0;
  virtual Status SetPolicy(std::string_view key, std::string_view value) = 0;
  // Newest first.
  virtual Result<std::vector<PolicyChange>> PolicyHistory() = 0;
  virtual Result<PolicyForecast> SimulatePolicy(std::string_view key, std::string_view value) = 0;
  virtual Result<CampaignReport> ReportCampaign() = 0;

  // Words that the organisation bans beside those that are shipped, in their normal form.
  virtual Result<std::vector<std::string>> ListBannedTerms() = 0;
  // All or none; at most 1000 in all.
  virtual Status AddBannedTerms(const std::vector<std::string>& terms) = 0;
  virtual Status RemoveBannedTerm(std::string_view term) = 0;

  // Adds the client, or changes the one that exists.
  virtual Status PutClient(const ClientView& client) = 0;
  virtual Result<std::vector<ClientView>> ListClients() = 0;
  // A new secret for a client that reports risks, in place of the one before; shown once.
  virtual Result<SecretBuffer<128>> MakeClientSecret(std::string_view client_id) = 0;
  virtual Status RemoveClient(std::string_view client_id) = 0;

  // Ends the stop after a person reported a reset as not theirs. kDenied: nothing is stopped.
  virtual Status AllowResets(std::string_view username) = 0;
  // kNone takes the risk away.
  virtual Status SetRisk(std::string_view username, RiskLevel level, std::string_view detail) = 0;
  // Of users who are at risk now, the highest first.
  virtual Result<std::vector<RiskView>> ListRisks() = 0;

  virtual Result<AuditVerdict> VerifyAudit() = 0;
};

}  // namespace sspr::service
