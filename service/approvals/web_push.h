// SPDX-License-Identifier: Apache-2.0
// What a push service is sent: the payload that only the phone's browser can read (RFC 8291, with
// the coding of RFC 8188), and who sends it (VAPID, RFC 8292).
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/approvals/p256.h"

namespace sspr::service {

inline constexpr std::size_t kPushAuthBytes = 16;
inline constexpr std::size_t kPushSaltBytes = 16;
inline constexpr std::size_t kMostPushPayload = 3000;  // what every push service carries

// The browser's key and secret of one subscription, as bytes.
struct PushKeys {
  std::string point;  // 65 bytes
  std::string auth;   // 16 bytes
};

// One record, "aes128gcm". sender is made for this message alone, salt is 16 random bytes. kDenied
// when the keys are none.
Result<std::string> EncryptPush(const PushKeys& keys, const P256Key& sender, std::string_view salt,
                                std::string_view payload);

// "vapid t=…, k=…" for the origin of the endpoint. contact: mailto: or https:.
Result<std::string> VapidHeader(const P256Key& key, std::string_view endpoint,
                                std::string_view contact, UnixSeconds now);

// "https://host[:port]" of an https URL; empty for anything else.
std::string OriginOf(std::string_view url);

}  // namespace sspr::service
