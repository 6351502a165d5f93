// SPDX-License-Identifier: Apache-2.0
// Time-based codes of an authenticator app (RFC 6238): SHA-1 or SHA-256, six or eight digits, 30
// seconds, one step of drift to either side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "service/methods/totp_form.h"

namespace sspr::service {

// RFC 4226, 4 (R6): 160 bits; as long as the hash of the other algorithm where that is used.
constexpr std::size_t AuthenticatorSecretBytes(TotpAlgorithm algorithm) {
  return algorithm == TotpAlgorithm::kSha256 ? 32 : 20;
}

// The step of which this is the code, if it is that of now, the one before or the one after. Takes
// as long whatever the answer is. Whether the step was used before is the store's to say.
std::optional<std::int64_t> MatchingStep(const Secret& secret, TotpForm form, std::string_view code,
                                         UnixSeconds now);

// RFC 4648 Base32, as apps take it; in capitals, without padding.
SecretBuffer<128> Base32Of(const Secret& secret);

// "otpauth://totp/…" for a QR code; label parts are percent-encoded.
SecretBuffer<512> OtpauthUri(const Secret& secret, TotpForm form, std::string_view issuer,
                             std::string_view username);

}  // namespace sspr::service
