// SPDX-License-Identifier: Apache-2.0
// Does a permit say exactly what is asked of it, on this machine and in this hour? The one rule of
// all programs that set local passwords.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/permit/permit.h"

namespace sspr {

// The service's clock and ours may differ by this much.
inline constexpr UnixSeconds kPermitSkewSeconds = 300;

// What a permit has to say, to the byte.
struct WantedPermit {
  PermitOperation operation = PermitOperation::kReset;
  std::string_view account = {};
  DeviceId device{};
  Nonce nonce{};
  Commitment commitment{};
  std::optional<TransactionId> transaction = {};  // any, where there is none
};

// Nothing when one of the keys signed it and it says that; else why it is refused, for the log.
std::optional<std::string> WhyNotPermitted(const WantedPermit& wanted, std::string_view permit,
                                           std::span<const VerifyingKey> keys, UnixSeconds now);

}  // namespace sspr
