// SPDX-License-Identifier: Apache-2.0
#include "service/risk/sign_in_risk.h"

#include <exception>

#include "service/engine/risk.h"
#include "service/policy/user_name.h"

namespace sspr::service {

Result<RiskVerdict> SignInRisk::Judge(std::string_view account, const Caller& caller) {
  using Require = RiskVerdict::Require;
  try {
    const auto user = parts_.directory.Find(CanonicalUserName(account).value_or(""));
    if (!user || !user->enabled) return RiskVerdict{};
    const Policy policy = PolicyOf(parts_, LoadPolicy(parts_.store), *user);
    RiskVerdict verdict;
    switch (AccessFor(parts_, policy, *user)) {
      case AccessDemand::kNone:
        return verdict;
      case AccessDemand::kReset:
        verdict = {.require = Require::kReset, .reason = "user_risk"};
        break;
      case AccessDemand::kWaived:
        verdict = {.require = Require::kNone, .reason = "no_method"};
        break;
      case AccessDemand::kBlock:
        verdict = {.require = Require::kBlock, .reason = "no_method"};
        break;
    }
    // It decides nothing here: whether a line can be written is no reason to keep somebody waiting.
    const Status written =
        parts_.audit.Write({.event = "risk.signin",
                            .outcome = verdict.require == Require::kReset   ? "reset"
                                       : verdict.require == Require::kBlock ? "block"
                                                                            : "waived",
                            .reason = verdict.reason,
                            .user_id = user->id,
                            .username = user->username,
                            .client_id = caller.client_id,
                            .address = caller.address,
                            .device = caller.device_id,
                            .correlation_id = caller.correlation_id},
                           AuditLog::Weight::kNormal);
    if (!written.ok()) parts_.log("audit: " + written.error().detail);
    return verdict;
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

}  // namespace sspr::service
