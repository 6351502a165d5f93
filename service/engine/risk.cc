// SPDX-License-Identifier: Apache-2.0
#include "service/engine/risk.h"

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/policy/audience.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMaxDetailBytes = 200;

}  // namespace

const char* Name(RiskLevel level) {
  switch (level) {
    case RiskLevel::kNone:
      return "none";
    case RiskLevel::kLow:
      return "low";
    case RiskLevel::kMedium:
      return "medium";
    case RiskLevel::kHigh:
      return "high";
  }
  return "none";
}

RiskLevel RiskNow(EngineParts& parts, std::string_view user_id) {
  const std::optional<RiskRecord> risk = parts.store.FindRisk(user_id);
  return risk && risk->state == RiskState::kAtRisk ? risk->level : RiskLevel::kNone;
}

// Everything is read and made for nobody as well, so that it takes as long.
Policy PolicyOf(EngineParts& parts, Policy tenant, const std::optional<DirectoryUser>& user) {
  const RiskLevel risk = RiskNow(parts, user ? user->id : std::string());
  Policy own = PolicyFor(tenant, user ? user->groups : std::vector<std::string>(), risk);
  return user ? std::move(own) : std::move(tenant);
}

bool MustReset(EngineParts& parts, const Policy& policy, std::string_view user_id) {
  return policy.risk_reset_from != 0 &&
         static_cast<int>(RiskNow(parts, user_id)) >= policy.risk_reset_from;
}

void Remediate(EngineParts& parts, const TransactionRecord& transaction) {
  std::optional<RiskRecord> risk = parts.store.FindRisk(transaction.user_id);
  if (!risk || risk->state != RiskState::kAtRisk) return;
  const RiskLevel before = risk->level;
  risk->level = RiskLevel::kNone;
  risk->state = RiskState::kRemediated;
  risk->detail = "userPerformedSecuredPasswordReset";  // Graph's riskDetail
  risk->changed_at = parts.clock.Now();
  const Status written = parts.audit.Write({.event = "risk.remediated",
                                            .outcome = "done",
                                            .reason = Name(before),
                                            .user_id = transaction.user_id,
                                            .flow_id = transaction.flow_id,
                                            .transaction_id = transaction.id},
                                           AuditLog::Weight::kFinal);
  if (!written.ok()) parts.log("audit: " + written.error().detail);
  parts.store.PutRisk(*risk);
}

// Says the same of users that do not exist.
Reply<RiskReply> TakeRiskReport(EngineParts& parts, const Caller& caller,
                                const Secret& client_secret, const RiskReport& report) {
  const std::optional<ClientRecord> client = parts.store.FindClient(caller.client_id);
  const std::string digest = ToHex(Sha256(client_secret.Reveal()));
  if (!client || client->secret_digest.empty() || !SameBytes(client->secret_digest, digest)) {
    return Refuse(RefusalCode::kInvalidClient, "the client is not one that reports risks");
  }
  if (report.detail.size() > kMaxDetailBytes || !IsCleanText(report.detail, Lines::kOne)) {
    return Refuse(RefusalCode::kInvalidRequest, "a malformed detail");
  }
  const auto canonical = CanonicalUserName(report.username);
  const std::optional<DirectoryUser> user = parts.directory.Find(canonical.value_or(""));
  if (!user) return RiskReply{.level = report.level};
  Record(parts,
         {.event = "risk.report",
          .outcome = Name(report.level),
          .reason = report.detail,
          .user_id = user->id,
          .username = user->username,
          .client_id = caller.client_id,
          .address = caller.address,
          .correlation_id = caller.correlation_id},
         AuditLog::Weight::kFinal);
  const bool at_risk = report.level != RiskLevel::kNone;
  parts.store.PutRisk({.user_id = user->id,
                       .level = report.level,
                       .state = at_risk ? RiskState::kAtRisk : RiskState::kDismissed,
                       .detail = report.detail,
                       .changed_at = parts.clock.Now()});
  return RiskReply{.level = report.level};
}

}  // namespace sspr::service
