// SPDX-License-Identifier: Apache-2.0
// The permit: what the service verified, in 256 bytes that sspr-setpw can check without parsing
// anything of variable length (docs/protocol.md, "Permit"). The signature is Ed25519 (RFC 8032)
// over the prefix "SSPR permit v1\0" and the 192 bytes before it.
//
// Whether a permit fits (this device, this nonce, this hour) is the caller's question: here it is
// only proved that the service said it and that it is well formed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/setpw_frames.h"
#include "common/permit/fixed_bytes.h"
#include "common/permit/verifying_key.h"

namespace sspr {

class SigningKey;

enum class PermitOperation : std::uint8_t { kReset = 1, kUnlock = 2 };

inline constexpr std::size_t kMaxPermitAccountBytes = 64;
inline constexpr UnixSeconds kMaxPermitLifetimeSeconds = 600;

struct Permit {
  PermitOperation operation = PermitOperation::kReset;
  std::uint16_t key_id = 0;
  std::string account;  // a carriable user name of 1 to 64 bytes
  DeviceId device_id{};
  Nonce nonce{};
  Commitment commitment{};
  UnixSeconds issued_at = 0;
  UnixSeconds expires_at = 0;
  TransactionId transaction_id{};
};

using PermitBytes = FixedBytes<kPermitBytes>;

// kInternal when a field cannot be said in a permit (name, times) or the key does not sign.
Result<PermitBytes> SignPermit(const SigningKey& key, const Permit& permit);
Result<PermitBytes> SignPermitBy(const Signer& sign, const Permit& permit);

// kDenied when the signature is not by the key, kProtocol when what was signed is no well-formed
// permit: magic, version, operation, zero padding after the account, carriable account, a lifetime
// of 0 to 600 s.
Result<Permit> VerifyPermit(const VerifyingKey& key, std::string_view bytes);

}  // namespace sspr
