// SPDX-License-Identifier: Apache-2.0
#include "service/engine/passkey_proof.h"

#include <algorithm>

#include "common/permit/fixed_bytes.h"

namespace sspr::service {

std::string IsPasskeyRight(EngineParts& parts, const Session& session, const Offer* offer,
                           const PasskeyAssertion& assertion) {
  const ChallengeRecord& challenge = *session.flow.challenge;
  if (parts.passkeys == nullptr || offer == nullptr || session.now >= challenge.expires_at) {
    return {};
  }
  const auto found = parts.passkeys->Find(ToHex(assertion.credential_id));
  const bool is_own = found && found->user_id == session.flow.user_id &&
                      std::ranges::any_of(offer->records, [&](const MethodRecord& one) {
                        return one.id == found->method_id;
                      });
  if (!is_own) return {};
  const PasskeyPublic passkey{.credential_id = assertion.credential_id,
                              .algorithm = static_cast<PasskeyAlgorithm>(found->algorithm),
                              .key = FromHex(found->public_key).value_or(""),
                              .sign_count = found->sign_count};
  const Result<std::uint32_t> count =
      CheckPasskey({.host = parts.passkey_host, .origin = parts.passkey_origin},
                   FromHex(challenge.code_digest).value_or(""), passkey, assertion.client_data,
                   assertion.authenticator_data, assertion.signature);
  if (!count.ok()) {
    parts.log("a passkey was refused: " + count.error().detail);
    return {};
  }
  if (!parts.passkeys->Advance(found->method_id, found->sign_count, *count)) return {};
  return found->method_id;
}

}  // namespace sspr::service
