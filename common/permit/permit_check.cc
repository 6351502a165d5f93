// SPDX-License-Identifier: Apache-2.0
#include "common/permit/permit_check.h"

namespace sspr {

std::optional<std::string> WhyNotPermitted(const WantedPermit& wanted, std::string_view bytes,
                                           std::span<const VerifyingKey> keys, UnixSeconds now) {
  Result<Permit> permit(Errc::kDenied, "permit: there is no key to check it with");
  for (const VerifyingKey& key : keys) {
    permit = VerifyPermit(key, bytes);
    if (permit) break;
  }
  if (!permit) return permit.error().detail;
  if (permit->operation != wanted.operation) return "for another operation";
  if (permit->device_id != wanted.device) return "for another device";
  if (permit->account != wanted.account) return "for another account";
  if (permit->nonce != wanted.nonce) return "for another nonce";
  if (wanted.transaction && permit->transaction_id != *wanted.transaction) {
    return "for another transaction";
  }
  if (permit->commitment != wanted.commitment) return "for another password";
  if (now < permit->issued_at - kPermitSkewSeconds) return "not valid yet: set the clock";
  if (now > permit->expires_at + kPermitSkewSeconds) return "expired, or the clock is fast";
  return std::nullopt;
}

}  // namespace sspr
