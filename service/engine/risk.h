// SPDX-License-Identifier: Apache-2.0
// The risk of users: what others report, what follows from it, and that a reset of sufficient
// strength ends it. docs/risk.md has the rules.
#pragma once

#include <string>
#include <string_view>

#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"

namespace sspr::service {

// What is written down when somebody says how much a user is at risk.
RiskRecord RiskSaid(std::string user_id, RiskLevel level, std::string detail, UnixSeconds at);

// kNone unless the user is at risk now.
RiskLevel RiskNow(EngineParts& parts, std::string_view user_id);

// The policy of everybody as it is for this user, by groups and risk; for nobody as it is.
Policy PolicyOf(EngineParts& parts, Policy tenant, const std::optional<DirectoryUser>& user);

// What the user's risk asks for before access.
enum class AccessDemand {
  kNone,
  kReset,   // a reset first
  kWaived,  // a reset, but there is no way to one: access, and a line in the audit
  kBlock,   // the same where the policy keeps such users out until the help desk helps
};
AccessDemand AccessFor(EngineParts& parts, const Policy& own_policy, const DirectoryUser& user);

// One report of a user's risk.
struct RiskSignal {
  RiskLevel level = RiskLevel::kNone;
  std::string detail;
  UnixSeconds occurred_at = 0;  // 0: now
  std::string report_id;        // of the source; empty: it has none
  std::string source;           // who reports it
};
enum class SignalTaken {
  kTaken,
  kUnchanged,  // the risk is that already
  kStale,      // it is of before the last change: before a reset that ended the risk, say
  kRepeated,   // this report was taken before
  kLoop,       // the user has just reset for a risk, several times: a reset is not asked for again
};
SignalTaken TakeSignal(EngineParts& parts, const DirectoryUser& user, const RiskSignal& signal,
                       const Caller& caller);

// After a reset: ends the risk when as many proofs were given as the policy asks for at that risk,
// and has it reported to where it came from.
void Remediate(EngineParts& parts, const TransactionRecord& transaction);

Reply<RiskReply> TakeRiskReport(EngineParts& parts, const Caller& caller,
                                const Secret& client_secret, const RiskReport& report);

}  // namespace sspr::service
