// SPDX-License-Identifier: Apache-2.0
#include "service/engine/risk.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/engine/offers.h"
#include "service/policy/audience.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMaxDetailBytes = 200;
constexpr std::size_t kMaxReportIdBytes = 128;
constexpr UnixSeconds kReportsRemembered = 30 * kDaySeconds;
// So many resets for a risk in a day, and the next is not forced.
constexpr int kMostRemediationsPerDay = 3;

// Whether the user could reset now, or with a pass of the help desk.
bool HasWayForward(EngineParts& parts, const Policy& policy, const DirectoryUser& user) {
  if (!IsInScope(policy, user.groups)) return false;
  const UnixSeconds now = parts.clock.Now();
  std::vector<MethodRecord> methods = parts.store.ListMethods(user.id);
  if (IsRegistered(methods, policy, kKnowsEverything, now)) return true;
  MethodRecord pass;
  pass.kind = MethodKind::kTemporaryPass;
  pass.expires_at = now + 1;
  methods.push_back(std::move(pass));
  return IsRegistered(methods, policy, kKnowsEverything, now);
}

bool MustReset(EngineParts& parts, const Policy& policy, std::string_view user_id) {
  return policy.risk_reset_from != 0 &&
         static_cast<int>(RiskNow(parts, user_id)) >= policy.risk_reset_from;
}

std::string_view Name(SignalTaken taken) {
  switch (taken) {
    case SignalTaken::kTaken:
      return "taken";
    case SignalTaken::kUnchanged:
      return "unchanged";
    case SignalTaken::kStale:
      return "stale";
    case SignalTaken::kRepeated:
      return "repeated";
    case SignalTaken::kLoop:
      return "loop";
  }
  return "unknown";
}

SignalTaken JudgeSignal(EngineParts& parts, const DirectoryUser& user, const RiskSignal& signal,
                        UnixSeconds at) {
  const std::optional<RiskRecord> before = parts.store.FindRisk(user.id);
  const bool raises = signal.level != RiskLevel::kNone;
  if (parts.risk_table != nullptr && !signal.report_id.empty()) {
    const std::string digest = ToHex(Sha256(signal.source + ":" + signal.report_id));
    const UnixSeconds now = parts.clock.Now();
    if (!parts.risk_table->TakeReport(digest, now, now - kReportsRemembered)) {
      return SignalTaken::kRepeated;
    }
  }
  if (before && signal.occurred_at != 0 && at <= before->changed_at) return SignalTaken::kStale;
  const RiskLevel level =
      before && before->state == RiskState::kAtRisk ? before->level : RiskLevel::kNone;
  if (level == signal.level && (raises || !before)) return SignalTaken::kUnchanged;
  if (raises && level == RiskLevel::kNone && parts.risk_table != nullptr &&
      parts.risk_table->CountRemediations(user.id, parts.clock.Now() - kDaySeconds) >=
          kMostRemediationsPerDay) {
    return SignalTaken::kLoop;
  }
  return SignalTaken::kTaken;
}

}  // namespace

RiskRecord RiskSaid(std::string user_id, RiskLevel level, std::string detail, UnixSeconds at) {
  const bool at_risk = level != RiskLevel::kNone;
  return {.user_id = std::move(user_id),
          .level = level,
          .state = at_risk ? RiskState::kAtRisk : RiskState::kDismissed,
          .detail = std::move(detail),
          .changed_at = at};
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

AccessDemand AccessFor(EngineParts& parts, const Policy& own_policy, const DirectoryUser& user) {
  if (!MustReset(parts, own_policy, user.id)) return AccessDemand::kNone;
  if (HasWayForward(parts, own_policy, user)) return AccessDemand::kReset;
  return own_policy.risk_block_helpless != 0 ? AccessDemand::kBlock : AccessDemand::kWaived;
}

SignalTaken TakeSignal(EngineParts& parts, const DirectoryUser& user, const RiskSignal& signal,
                       const Caller& caller) {
  const UnixSeconds now = parts.clock.Now();
  // Nothing has happened in the future, whatever another clock says.
  const UnixSeconds at = signal.occurred_at == 0 ? now : std::min(signal.occurred_at, now);
  const SignalTaken taken = JudgeSignal(parts, user, signal, at);
  if (taken == SignalTaken::kUnchanged) return taken;
  Record(parts,
         {.event = "risk.report",
          .outcome = std::string(taken == SignalTaken::kTaken ? Name(signal.level) : Name(taken)),
          .reason = signal.detail,
          .user_id = user.id,
          .username = user.username,
          .client_id = signal.source,
          .address = caller.address,
          .correlation_id = caller.correlation_id},
         AuditLog::Weight::kFinal);
  if (taken == SignalTaken::kLoop) parts.log("risk: a user has reset again and again; look at it");
  if (taken != SignalTaken::kTaken) return taken;
  parts.store.PutRisk(RiskSaid(user.id, signal.level, signal.detail, at));
  return taken;
}

void Remediate(EngineParts& parts, const TransactionRecord& transaction) {
  std::optional<RiskRecord> risk = parts.store.FindRisk(transaction.user_id);
  if (!risk || risk->state != RiskState::kAtRisk) return;
  const std::optional<FlowRecord> flow = parts.store.FindByTransaction(transaction.id);
  const std::optional<DirectoryUser> user = parts.directory.Get(transaction.user_id);
  if (!flow || !user) return;
  const bool is_enough =
      flow->completed_gates >= PolicyOf(parts, LoadPolicy(parts.store), *user).required_gates;
  const Status written = parts.audit.Write({.event = "risk.remediated",
                                            .outcome = is_enough ? "done" : "insufficient",
                                            .reason = std::string(Name(risk->level)),
                                            .user_id = transaction.user_id,
                                            .flow_id = transaction.flow_id,
                                            .transaction_id = transaction.id,
                                            .gates = flow->completed_gates},
                                           AuditLog::Weight::kFinal);
  if (!written.ok()) parts.log("audit: " + written.error().detail);
  if (!is_enough) return;
  const UnixSeconds now = parts.clock.Now();
  risk->level = RiskLevel::kNone;
  risk->state = RiskState::kRemediated;
  risk->detail = "userPerformedSecuredPasswordReset";  // Graph's riskDetail
  risk->changed_at = now;
  parts.store.PutRisk(*risk);
  if (parts.risk_table == nullptr) return;
  std::optional<OutboxRecord> report;
  const std::optional<std::string> external =
      parts.reports_back ? parts.risk_table->ExternalIdOf(user->id) : std::nullopt;
  if (external) {
    report = OutboxRecord{.id = NewId(parts.random),
                          .external_id = *external,
                          .user_id = user->id,
                          .transaction_id = transaction.id,
                          .queued_at = now,
                          .not_before = now};
  }
  parts.risk_table->NoteRemediation(transaction.id, user->id, now, report);
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
  if (report.report_id.size() > kMaxReportIdBytes || report.occurred_at < 0) {
    return Refuse(RefusalCode::kInvalidRequest, "a malformed id or time");
  }
  const auto canonical = CanonicalUserName(report.username);
  const std::optional<DirectoryUser> user = parts.directory.Find(canonical.value_or(""));
  if (!user) return RiskReply{.level = report.level};
  (void)TakeSignal(parts, *user,
                   {.level = report.level,
                    .detail = report.detail,
                    .occurred_at = report.occurred_at,
                    .report_id = report.report_id,
                    .source = caller.client_id},
                   caller);
  return RiskReply{.level = report.level};
}

}  // namespace sspr::service
