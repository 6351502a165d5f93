// SPDX-License-Identifier: Apache-2.0
// The caller: proved by a code, served with a pass or an unlock.
#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/engine/engine_parts.h"
#include "service/engine/guarded.h"
#include "service/methods/authenticator.h"
#include "service/methods/email_address.h"
#include "service/methods/phone_number.h"
#include "service/methods/typed_code.h"
#include "service/operators/operator_desk.h"
#include "service/policy/audience.h"
#include "service/policy/limits.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kProofSeconds = 15 * 60;  // a proved caller may be served for so long
constexpr int kCodeDigits = 6;
constexpr int kMostAttempts = 5;
constexpr std::size_t kMaxNoteBytes = 120;

bool CanProve(const MethodRecord& method, const Policy& policy) {
  if (method.kind == MethodKind::kSmsCode) return policy.sms != 0;
  if (method.kind == MethodKind::kVoiceCode) return policy.voice != 0;
  return method.kind == MethodKind::kEmailCode || method.kind == MethodKind::kAuthenticatorCode;
}

std::string HintOf(const MethodRecord& method) {
  if (method.kind == MethodKind::kEmailCode) return EmailHint(MaskedDomain(method.address));
  if (IsPhone(method.kind)) return PhoneHint(LastTwo(method.address));
  return {};
}

std::string DigestOf(const ServiceKeys& keys, const std::string& proof_id, std::string_view code) {
  SecretBuffer<256> text;
  const bool fits =
      text.Append("caller:") && text.Append(proof_id) && text.Append(":") && text.Append(code);
  return fits ? ToHex(keys.CodeDigest(text.Reveal())) : std::string();
}

Channel ChannelOf(MethodKind kind) {
  if (kind == MethodKind::kSmsCode) return Channel::kSms;
  return kind == MethodKind::kVoiceCode ? Channel::kVoice : Channel::kMail;
}

std::string Wait(int seconds) {
  return "too many codes for this person: wait " + std::to_string((seconds + 59) / 60) +
         " minutes, or prove the caller in another way";
}

}  // namespace

Result<std::vector<CallerMethod>> OperatorDesk::CallerMethods(std::string_view username) {
  return Guarded<std::vector<CallerMethod>>([&]() -> Result<std::vector<CallerMethod>> {
    if (Status may = Check(OperatorAction::kServeCaller); !may.ok()) return may.error();
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    const Policy policy = LoadPolicy(*foundation_.store);
    std::vector<CallerMethod> methods;
    for (const MethodRecord& method : foundation_.store->ListMethods(user->id)) {
      if (CanProve(method, policy)) {
        methods.push_back({.id = method.id, .kind = method.kind, .hint = HintOf(method)});
      }
    }
    return methods;
  });
}

Status OperatorDesk::SendCode(const UserRecord& user, const MethodRecord& method,
                              const Policy& policy, CallerProofRecord& proof) {
  const UnixSeconds now = foundation_.clock().Now();
  const std::string subject = SubjectOf(foundation_.keys, user.username, user.username);
  std::vector<LimitRule> rules = EmailRules(policy, subject);
  if (IsPhone(method.kind)) {
    rules = PhoneRules(policy, ToHex(foundation_.keys.NameDigest("phone:" + method.address)),
                       ToHex(foundation_.keys.NameDigest("prefix:" + PrefixOf(method.address))));
    const std::vector<LimitRule> of_all = AllPhonesRules(policy);
    rules.insert(rules.end(), of_all.begin(), of_all.end());
  }
  const LimitVerdict sending = foundation_.store->Reserve(rules, now);
  if (!sending.allowed) return Error{Errc::kDenied, Wait(sending.retry_after_seconds)};
  const Secret code = RandomDigits(foundation_.random, kCodeDigits);
  const std::chrono::seconds life(policy.code_seconds);
  Result<Message> message =
      CallerCodeMessage({.address = method.address,
                         .display_name = user.display_name,
                         .language = MailLanguageOf(user.language),
                         .channel = ChannelOf(method.kind)},
                        code, std::chrono::duration_cast<std::chrono::minutes>(life));
  if (!message.ok()) return message.error();
  proof.code_digest = DigestOf(foundation_.keys, proof.id, code.Reveal());
  proof.expires_at = now + policy.code_seconds;
  const auto& deliver = foundation_.dependencies.deliver;
  if (!deliver || !deliver({.message = std::move(*message),
                            .deadline = foundation_.clock().Monotonic() + life,
                            .reference = proof.id})) {
    return Error{Errc::kDenied, "the code could not be sent: use another method"};
  }
  return Ok();
}

Status OperatorDesk::BeginProof(std::string_view username, std::string_view method_id) {
  return Guarded<Nothing>([&]() -> Status {
    if (Status may = Check(OperatorAction::kServeCaller); !may.ok()) return may;
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    const Policy policy = LoadPolicy(*foundation_.store);
    for (const MethodRecord& method : foundation_.store->ListMethods(user->id)) {
      if (method.id != method_id || !CanProve(method, policy)) continue;
      const UnixSeconds now = foundation_.clock().Now();
      const std::string subject = SubjectOf(foundation_.keys, user->username, user->username);
      const LimitVerdict tries =
          foundation_.store->Peek(MethodRules(policy, subject, method.kind), now);
      if (!tries.allowed) return Error{Errc::kDenied, Wait(tries.retry_after_seconds)};
      CallerProofRecord proof{.id = NewId(foundation_.random),
                              .operator_id = account_.id,
                              .user_id = user->id,
                              .method_id = method.id,
                              .kind = method.kind,
                              .code_digest = {},
                              .expires_at = now + policy.code_seconds};
      Note("operator.caller.code", "opened", &*user, Name(method.kind));
      if (IsSent(method.kind)) {
        if (Status sent = SendCode(*user, method, policy, proof); !sent.ok()) return sent;
      }
      requests_.InsertProof(proof);
      return Ok();
    }
    return Error{Errc::kDenied, "the user has no such method"};
  });
}

bool OperatorDesk::IsCodeRight(const CallerProofRecord& proof, const UserRecord& user,
                               const Secret& code) {
  for (const MethodRecord& method : foundation_.store->ListMethods(user.id)) {
    if (method.id != proof.method_id) continue;
    const bool is_app = method.kind == MethodKind::kAuthenticatorCode;
    const std::optional<Secret> digits = DigitsOf(code, is_app ? method.totp.digits : kCodeDigits);
    if (!digits) return false;
    if (!is_app) {
      return !proof.code_digest.empty() &&
             SameBytes(DigestOf(foundation_.keys, proof.id, digits->Reveal()), proof.code_digest);
    }
    const Result<Secret> secret = foundation_.keys.Open(method.sealed_secret, method.id);
    if (!secret.ok()) return false;
    const auto step =
        MatchingStep(*secret, method.totp, digits->Reveal(), foundation_.clock().Now());
    return step && foundation_.store->AcceptStep(method.id, *step);
  }
  return false;
}

Status OperatorDesk::CheckProof(std::string_view username, const Secret& code) {
  return Guarded<Nothing>([&]() -> Status {
    if (Status may = Check(OperatorAction::kServeCaller); !may.ok()) return may;
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    const auto proof = requests_.FindProof(account_.id, user->id);
    const UnixSeconds now = foundation_.clock().Now();
    if (!proof || !requests_.CountAttempt(proof->id, kMostAttempts, now)) {
      return Error{Errc::kDenied, "no code is open: begin again"};
    }
    const Policy policy = LoadPolicy(*foundation_.store);
    const std::string subject = SubjectOf(foundation_.keys, user->username, user->username);
    const LimitVerdict tries =
        foundation_.store->Reserve(MethodRules(policy, subject, proof->kind), now);
    if (!tries.allowed) return Error{Errc::kDenied, Wait(tries.retry_after_seconds)};
    if (!IsCodeRight(*proof, *user, code)) {
      Note("operator.caller.code", "refused", &*user, Name(proof->kind));
      return Error{Errc::kDenied, "the code is not right: ask the caller to read it again"};
    }
    foundation_.store->Release(tries.reservation);
    Note("operator.caller.code", "done", &*user, Name(proof->kind));
    requests_.MarkProved(proof->id, now);
    return Ok();
  });
}

Result<std::optional<CallerProof>> OperatorDesk::Proof(std::string_view username) {
  return Guarded<std::optional<CallerProof>>([&]() -> Result<std::optional<CallerProof>> {
    if (Status may = Check(OperatorAction::kServeCaller); !may.ok()) return may.error();
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    const auto record = requests_.FindProof(account_.id, user->id);
    if (!record) return std::optional<CallerProof>();
    const bool proved = record->proved_at != 0;
    const UnixSeconds until = proved ? record->proved_at + kProofSeconds : record->expires_at;
    if (until <= foundation_.clock().Now()) return std::optional<CallerProof>();
    return std::optional<CallerProof>(
        {.kind = record->kind, .proved = proved, .expires_at = until});
  });
}

Result<TemporaryPass> OperatorDesk::MakePass(const std::string& username, const std::string& proof,
                                             const std::string& approver) {
  Result<TemporaryPass> pass = Admin()->IssuePass(
      {.username = username, .operator_name = account_.name, .proof = proof, .approver = approver});
  if (!pass.ok()) return pass;
  const auto user = foundation_.store->FindUser(username);
  if (user) Tell(*user, foundation_.store->ListMethods(user->id), ServedChange::kPassIssued);
  return pass;
}

Result<PassAnswer> OperatorDesk::IssuePass(std::string_view username, std::string_view note) {
  return Guarded<PassAnswer>([&]() -> Result<PassAnswer> {
    if (Status may = Check(OperatorAction::kServeCaller); !may.ok()) return may.error();
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    if (note.size() > kMaxNoteBytes || !IsCleanText(note, Lines::kOne)) {
      return Error{Errc::kPolicy, "say in one line of at most 120 characters how you proved them"};
    }
    const auto proof = requests_.FindProof(account_.id, user->id);
    const UnixSeconds now = foundation_.clock().Now();
    const bool proved = proof && proof->proved_at != 0 && now - proof->proved_at < kProofSeconds;
    std::string reason(note);
    if (proved)
      reason = std::string("code by ") + Name(proof->kind) + (note.empty() ? "" : "; ") + reason;
    if (reason.empty()) {
      return Error{Errc::kPolicy,
                   "prove the caller first: with a code, or in another way that you write down"};
    }
    if (proved && !requests_.UseProof(proof->id)) {
      return Error{Errc::kDenied, "this proof was used: prove the caller again"};
    }
    if (IsPrivileged(user->groups)) {
      const auto asked = Ask({.id = {},
                              .kind = OperatorRequestKind::kPass,
                              .target = user->username,
                              .detail = {},
                              .reason = reason});
      if (!asked.ok()) return asked.error();
      return PassAnswer{*asked};
    }
    auto pass = MakePass(user->username, reason, "");
    if (!pass.ok()) return pass.error();
    return PassAnswer{std::move(*pass)};
  });
}

Status OperatorDesk::Unlock(std::string_view username) {
  return Guarded<Nothing>([&]() -> Status {
    if (Status may = Check(OperatorAction::kUnlockUser); !may.ok()) return may;
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    return Admin()->Unlock(user->username);
  });
}

}  // namespace sspr::service
