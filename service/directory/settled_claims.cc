// SPDX-License-Identifier: Apache-2.0
#include "service/directory/settled_claims.h"

#include "service/store/flow_store.h"

namespace sspr::service {
namespace {

// Longer than a request that asked the directory can still be waiting for it.
constexpr int kTimeoutsUntilSettled = 3;

bool MayBeUnderWay(const DirectoryClaim& claim, const Clock& clock,
                   std::chrono::milliseconds timeout) {
  const UnixSeconds age = clock.Now() - claim.at;
  const auto patience = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  return age >= 0 && age <= kTimeoutsUntilSettled * patience.count();
}

}  // namespace

bool VoidClaim(DirectoryClaims& claims, const std::string& transaction_id, UnixSeconds now) {
  return claims.Insert({.transaction_id = transaction_id,
                        .user_id = {},
                        .state = ClaimState::kNever,
                        .state_before = {},
                        .at = now});
}

SetOutcome SettleClaim(DirectoryClaims& claims, const DirectoryClaim& claim, const Clock& clock,
                       std::chrono::milliseconds timeout, const std::function<bool()>& was_set) {
  if (claim.state == ClaimState::kDone) return SetOutcome::kSet;
  if (claim.state == ClaimState::kNever) return SetOutcome::kNotSet;
  if (MayBeUnderWay(claim, clock, timeout)) return SetOutcome::kUnknown;
  bool is_set = false;
  try {
    is_set = was_set();
  } catch (const StoreFailure&) {
    return SetOutcome::kUnknown;
  }
  is_set = is_set && !claims.HasLater(claim);
  if (!claims.Conclude(claim.transaction_id, is_set ? ClaimState::kDone : ClaimState::kNever)) {
    return SetOutcome::kUnknown;  // another process settles it as well
  }
  return is_set ? SetOutcome::kSet : SetOutcome::kNotSet;
}

}  // namespace sspr::service
