// SPDX-License-Identifier: Apache-2.0
// Passkeys (Web Authentication, Level 2): what a browser hands over when one is made or used,
// checked. The signature and the structure of the authenticator's data are libfido2's work; origin,
// challenge, relying party, user verification and counter are checked here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace sspr::service {

inline constexpr std::size_t kPasskeyChallengeBytes = 32;

// Whom passkeys are made for: the host of the public URL, and the origin of its pages.
struct PasskeySite {
  std::string host;
  std::string origin;  // https://host[:port]
};
// Nothing for a numeric address, which can be no relying party.
std::optional<PasskeySite> PasskeySiteOf(std::string_view public_url);

// COSE numbers (RFC 9053).
enum class PasskeyAlgorithm { kEs256 = -7, kEdDsa = -8, kRs256 = -257 };

struct PasskeyPublic {
  std::string credential_id;
  PasskeyAlgorithm algorithm = PasskeyAlgorithm::kEs256;
  std::string key;  // in libfido2's raw form of the algorithm
  std::uint32_t sign_count = 0;
};

// Of navigator.credentials.create() with attestation "none". challenge_digest is SHA-256 of the
// challenge. kDenied, with a detail for the log, when anything is not as it was asked for.
Result<PasskeyPublic> ReadNewPasskey(const PasskeySite& site, std::string_view challenge_digest,
                                     std::string_view client_data,
                                     std::string_view authenticator_data);

// Of navigator.credentials.get(): the new counter. kDenied as above; also when the counter has not
// grown though it counts, which a copied key looks like.
Result<std::uint32_t> CheckPasskey(const PasskeySite& site, std::string_view challenge_digest,
                                   const PasskeyPublic& passkey, std::string_view client_data,
                                   std::string_view authenticator_data, std::string_view signature);

}  // namespace sspr::service
