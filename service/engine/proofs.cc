// SPDX-License-Identifier: Apache-2.0
#include "service/engine/proofs.h"

#include <algorithm>
#include <stdexcept>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/methods/answers.h"
#include "service/methods/authenticator.h"
#include "service/methods/typed_code.h"

namespace sspr::service {
namespace {

// No record stands for nobody's.
bool Matches(EngineParts& parts, const MethodRecord* record, const Secret& typed) {
  std::string hash;
  if (record != nullptr) {
    const Result<Secret> opened = OpenHash(parts.keys, *record);
    if (!opened.ok()) throw std::runtime_error("a proof was not judged: " + opened.error().detail);
    hash = opened->Reveal();
  }
  const Result<bool> right = parts.hasher.Verify(hash, typed);
  if (!right.ok()) throw std::runtime_error("a proof was not judged: " + right.error().detail);
  return *right;
}

bool IsSentCodeRight(EngineParts& parts, const Session& session, const MethodRecord* method,
                     const Secret& code) {
  const ChallengeRecord& challenge = *session.flow.challenge;
  const bool same = SameBytes(SentCodeDigest(parts, session.flow, challenge, code.Reveal()),
                              challenge.code_digest);
  const UnixSeconds left = challenge.expires_at - session.now;
  return same && method != nullptr && left > 0 && left <= session.policy.code_seconds;
}

// Takes the step of the code out of use.
bool IsAppCodeRight(EngineParts& parts, const Session& session, const MethodRecord* method,
                    const Secret& code) {
  const TotpForm form = method != nullptr ? method->totp : TotpForm{};
  const std::string nobody(AuthenticatorSecretBytes(form.algorithm), '\0');
  const std::string sealed = method != nullptr ? method->sealed_secret : std::string();
  const Result<Secret> opened = parts.keys.Open(sealed, method != nullptr ? method->id : "");
  const std::optional<Secret> fallback = Secret::CopyOf(nobody);
  if (method != nullptr && !opened.ok()) parts.log(opened.error().detail);
  const std::optional<std::int64_t> step =
      MatchingStep(opened.ok() ? *opened : *fallback, form, code.Reveal(), session.now);
  if (method == nullptr || !opened.ok() || !step) return false;
  return parts.store.AcceptStep(method->id, *step);
}

bool IsRecoveryCodeRight(EngineParts& parts, const Session& session, const Offer* offer,
                         const Secret& code) {
  const std::string tag = RecoveryCodeTag(parts.keys, session.flow.user_id, code.Reveal());
  const MethodRecord* found = nullptr;
  if (offer != nullptr) {
    for (const MethodRecord& record : offer->records) {
      if (SameBytes(record.detail, tag)) found = &record;
    }
  }
  const bool right = Matches(parts, found, code);
  return right && found != nullptr && parts.store.DeleteMethod(found->user_id, found->id);
}

bool IsPassRight(EngineParts& parts, const Session& session, const MethodRecord* pass,
                 const Secret& code) {
  const bool right = Matches(parts, pass, code);
  return right && pass != nullptr && session.now < pass->expires_at &&
         parts.store.DeleteMethod(pass->user_id, pass->id);
}

}  // namespace

std::string SealHash(const ServiceKeys& keys, Random& random, std::string_view method_id,
                     std::string_view hash) {
  return keys.Seal(random, hash, "hash:" + std::string(method_id));
}

Result<MethodRecord> HashedMethod(PasswordHasher& hasher, const ServiceKeys& keys, Random& random,
                                  std::string_view user_id, MethodKind kind, const Secret& secret,
                                  UnixSeconds now) {
  const std::string id = NewId(random);
  const Result<std::string> hash = hasher.Hash(secret);
  if (!hash.ok()) return hash.error();
  return MethodRecord{.id = id,
                      .user_id = std::string(user_id),
                      .kind = kind,
                      .address = {},
                      .sealed_secret = {},
                      .added_at = now,
                      .secret_hash = SealHash(keys, random, id, *hash)};
}

Result<Secret> OpenHash(const ServiceKeys& keys, const MethodRecord& record) {
  if (record.secret_hash.starts_with('$')) {  // kept before hashes were sealed
    if (auto hash = Secret::CopyOf(record.secret_hash)) return std::move(*hash);
  }
  return keys.Open(record.secret_hash, "hash:" + record.id);
}

std::string SentCodeDigest(const EngineParts& parts, const FlowRecord& flow,
                           const ChallengeRecord& challenge, std::string_view code) {
  SecretBuffer<256> text;
  const bool fits = text.Append(flow.id) && text.Append(":") && text.Append(challenge.id) &&
                    text.Append(":") && text.Append(code);
  return fits ? ToHex(parts.keys.CodeDigest(text.Reveal())) : std::string();
}

std::string RecoveryCodeTag(const ServiceKeys& keys, std::string_view user_id,
                            std::string_view code) {
  SecretBuffer<256> text;
  const bool fits =
      text.Append("recovery:") && text.Append(user_id) && text.Append(":") && text.Append(code);
  return fits ? ToHex(keys.CodeDigest(text.Reveal())) : std::string();
}

std::optional<Secret> CodeAsTyped(const Secret& typed, const ChallengeRecord& challenge) {
  switch (TraitsOf(challenge.kind).form) {
    case ProofForm::kSentDigits:
    case ProofForm::kAppDigits:
      return DigitsOf(typed, challenge.code_length);
    case ProofForm::kBase32:
      return Base32CodeOf(typed, challenge.code_length);
    case ProofForm::kAnswers:
    case ProofForm::kAnsweredElsewhere:
      break;
  }
  return std::nullopt;
}

bool IsCodeRight(EngineParts& parts, const Session& session, const Offer* offer,
                 const Secret& code) {
  const MethodRecord* const first =
      offer != nullptr && !offer->records.empty() ? &offer->records.front() : nullptr;
  switch (session.flow.challenge->kind) {
    case MethodKind::kEmailCode:
    case MethodKind::kSmsCode:
    case MethodKind::kVoiceCode:
      return IsSentCodeRight(parts, session, first, code);
    case MethodKind::kAuthenticatorCode:
      return IsAppCodeRight(parts, session, first, code);
    case MethodKind::kRecoveryCode:
      return IsRecoveryCodeRight(parts, session, offer, code);
    case MethodKind::kTemporaryPass:
      return IsPassRight(parts, session, first, code);
    case MethodKind::kQuestions:
    case MethodKind::kApproval:
    case MethodKind::kPasskey:
      break;
  }
  return false;
}

// All of them are judged, whichever was wrong.
bool AreAnswersRight(EngineParts& parts, const Offer* offer, std::span<const Secret> answers) {
  bool all_right = offer != nullptr && offer->records.size() == answers.size();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const bool has_record = offer != nullptr && i < offer->records.size();
    const std::optional<Secret> answer = NormalAnswer(answers[i]);
    const MethodRecord* const record = has_record && answer ? &offer->records[i] : nullptr;
    const bool right = Matches(parts, record, answer ? *answer : answers[i]);
    all_right = right && all_right;
  }
  return all_right && !answers.empty();
}

}  // namespace sspr::service
