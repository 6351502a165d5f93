// SPDX-License-Identifier: Apache-2.0
// Whether what was typed is right: one verdict, after the attempt was counted. Takes as long for
// nobody as for a user.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/secret.h"
#include "service/engine/engine_parts.h"
#include "service/engine/offers.h"
#include "service/engine/sessions.h"

namespace sspr::service {

// The Argon2id hash of an answer, a recovery code or a pass, as it is kept in a record: sealed, so
// that who has the database alone cannot even try answers.
std::string SealHash(const ServiceKeys& keys, Random& random, std::string_view method_id,
                     std::string_view hash);
// What is kept of an answer, a recovery code or a pass. Errors: of the hash.
Result<MethodRecord> HashedMethod(PasswordHasher& hasher, const ServiceKeys& keys, Random& random,
                                  std::string_view user_id, MethodKind kind, const Secret& secret,
                                  UnixSeconds now);
Result<Secret> OpenHash(const ServiceKeys& keys, const MethodRecord& record);

// What is kept of a code that was sent: keyed, and of this challenge of this flow alone.
std::string SentCodeDigest(const EngineParts& parts, const FlowRecord& flow,
                           const ChallengeRecord& challenge, std::string_view code);

// The code as it is compared; nothing when it is none that could be right.
std::optional<Secret> CodeAsTyped(const Secret& typed, const ChallengeRecord& challenge);

// offer is what the challenge was opened for, or null when the person no longer has it. A proof
// that works once is used up when it is right.
bool IsCodeRight(EngineParts& parts, const Session& session, const Offer* offer,
                 const Secret& code);
bool AreAnswersRight(EngineParts& parts, const Offer* offer, std::span<const Secret> answers);

// The keyed digest that finds the record of a recovery code.
std::string RecoveryCodeTag(const ServiceKeys& keys, std::string_view user_id,
                            std::string_view code);

}  // namespace sspr::service
