// SPDX-License-Identifier: Apache-2.0
// The risk of users: what others report, what follows from it, and that a reset of sufficient
// strength ends it.
#pragma once

#include <string_view>

#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"

namespace sspr::service {

// kNone unless the user is at risk now.
RiskLevel RiskNow(EngineParts& parts, std::string_view user_id);

// The policy of everybody as it is for this user, by groups and risk; for nobody as it is.
Policy PolicyOf(EngineParts& parts, Policy tenant, const std::optional<DirectoryUser>& user);

// Whether the user must reset before access.
bool MustReset(EngineParts& parts, const Policy& policy, std::string_view user_id);

// After a reset that the policy, which asks for more at risk, let through.
void Remediate(EngineParts& parts, const TransactionRecord& transaction);

Reply<RiskReply> TakeRiskReport(EngineParts& parts, const Caller& caller,
                                const Secret& client_secret, const RiskReport& report);

const char* Name(RiskLevel level);

}  // namespace sspr::service
