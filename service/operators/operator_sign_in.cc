// SPDX-License-Identifier: Apache-2.0
#include "service/operators/operator_sign_in.h"

#include <algorithm>
#include <stdexcept>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/engine/guarded.h"
#include "service/methods/authenticator.h"
#include "service/methods/typed_code.h"
#include "service/policy/limits.h"
#include "service/policy/password_rules.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kIdleSeconds = 15 * 60;
constexpr UnixSeconds kSessionSeconds = 8 * 3600;
constexpr UnixSeconds kEnrolmentSeconds = 20 * 60;
constexpr UnixSeconds kTouchSeconds = 20;
constexpr int kTriesOfNetwork = 30;
constexpr int kQuarterHour = 15 * 60;
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenDigits = 2 * kTokenBytes;
constexpr int kShortestPassword = 15;  // code points
constexpr TotpForm kForm{};            // SHA-1 and six digits: every app can

std::string AccountContext(std::string_view id) { return "operator:" + std::string(id); }
std::string EnrolmentContext(std::string_view digest) {
  return "operator-enrolment:" + std::string(digest);
}

std::vector<LimitRule> NetworkRules(const std::string& address) {
  return {{.bucket = "operator-net:" + NetworkOf(address),
           .max = kTriesOfNetwork,
           .window_seconds = kQuarterHour}};
}

}  // namespace

void OperatorSignIn::Note(const char* event, const char* outcome, const OperatorRecord* account,
                          const std::string& address) {
  const Status written =
      foundation_.audit->Write({.event = event,
                                .outcome = outcome,
                                .actor = account != nullptr ? account->name : std::string(),
                                .address = address},
                               AuditLog::Weight::kNormal);
  if (!written.ok()) throw std::runtime_error("audit: " + written.error().detail);
}

std::optional<SignInAnswer> OperatorSignIn::Count(const std::string& subject,
                                                  const std::string& address,
                                                  std::string& reservation) {
  const UnixSeconds now = foundation_.clock().Now();
  const LimitVerdict network = foundation_.store->Reserve(NetworkRules(address), now);
  if (!network.allowed) {
    return SignInAnswer{.verdict = SignInVerdict::kWait,
                        .wait_seconds = network.retry_after_seconds};
  }
  reservation = network.reservation;
  const LimitVerdict name = foundation_.store->ReserveSignIn(subject, now);
  if (name.allowed) return std::nullopt;
  return SignInAnswer{.verdict = SignInVerdict::kWait, .wait_seconds = name.retry_after_seconds};
}

// Takes as long for nobody.
bool OperatorSignIn::IsCodeRight(const OperatorRecord* account, const Secret& typed,
                                 std::int64_t& step) {
  const std::string nobody(AuthenticatorSecretBytes(kForm.algorithm), '\0');
  const Result<Secret> opened =
      foundation_.keys.Open(account != nullptr ? account->sealed_totp : std::string(),
                            AccountContext(account != nullptr ? account->id : ""));
  const std::optional<Secret> fallback = Secret::CopyOf(nobody);
  const std::optional<Secret> digits = DigitsOf(typed, kForm.digits);
  const std::optional<std::int64_t> match =
      MatchingStep(opened.ok() ? *opened : *fallback, kForm,
                   digits ? digits->Reveal() : std::string_view("none"), foundation_.clock().Now());
  if (!opened.ok() || !match) return false;
  step = *match;
  return true;
}

std::string OperatorSignIn::Begin(const OperatorRecord& account, OperatorSessionKind kind,
                                  const Secret* enrolling_secret) {
  const UnixSeconds now = foundation_.clock().Now();
  std::string token = ToHex(RandomBytes(foundation_.random, kTokenBytes));
  const std::string digest = TokenDigest(token);
  table_.PruneSessions(now - kSessionSeconds);
  table_.InsertSession(
      {.digest = digest,
       .operator_id = account.id,
       .kind = kind,
       .sealed_secret = enrolling_secret != nullptr
                            ? foundation_.keys.Seal(foundation_.random, enrolling_secret->Reveal(),
                                                    EnrolmentContext(digest))
                            : std::string(),
       .created_at = now,
       .last_seen = now});
  return token;
}

Result<SignInAnswer> OperatorSignIn::SignIn(const OperatorCredentials& typed,
                                            const std::string& address) {
  return Guarded<SignInAnswer>([&]() -> Result<SignInAnswer> {
    const std::string subject = OperatorSubject(foundation_.keys, typed.name);
    std::optional<OperatorRecord> account = table_.Find(CanonicalUserName(typed.name).value_or(""));
    if (account && (!account->enabled || !account->IsEnrolled())) account.reset();
    const OperatorRecord* const known = account ? &*account : nullptr;
    std::string reservation;
    if (auto wait = Count(subject, address, reservation)) {
      Note("operator.sign_in", "limited", known, address);
      return std::move(*wait);
    }
    const Result<bool> right = foundation_.hasher.Verify(
        known != nullptr ? known->password_hash : std::string(), typed.password);
    if (!right.ok()) return right.error();
    std::int64_t step = 0;
    const bool code_right = IsCodeRight(known, typed.code, step);
    if (!*right || !code_right || known == nullptr ||
        !table_.AcceptStep(known->id, step, foundation_.clock().Now())) {
      Note("operator.sign_in", "refused", known, address);
      return SignInAnswer{.verdict = SignInVerdict::kWrong};
    }
    Note("operator.sign_in", "done", known, address);
    foundation_.store->ClearSignIn(subject);
    foundation_.store->Release(reservation);
    return SignInAnswer{.verdict = SignInVerdict::kIn,
                        .token = Begin(*known, OperatorSessionKind::kSignedIn, nullptr)};
  });
}

Result<SignInAnswer> OperatorSignIn::Redeem(std::string_view name, const Secret& invitation,
                                            const std::string& address) {
  return Guarded<SignInAnswer>([&]() -> Result<SignInAnswer> {
    const std::string subject = OperatorSubject(foundation_.keys, name);
    const std::optional<OperatorRecord> account = table_.Find(CanonicalUserName(name).value_or(""));
    const OperatorRecord* const known = account ? &*account : nullptr;
    std::string reservation;
    if (auto wait = Count(subject, address, reservation)) {
      Note("operator.invitation", "limited", known, address);
      return std::move(*wait);
    }
    const std::optional<Secret> code = Base32CodeOf(invitation, kInvitationLength);
    const std::string digest =
        ToHex(foundation_.keys.CodeDigest(code ? code->Reveal() : std::string_view()));
    const bool right = known != nullptr && code && known->enabled &&
                       known->invite_expires > foundation_.clock().Now() &&
                       SameBytes(digest, known->invite_digest);
    if (!right) {
      Note("operator.invitation", "refused", known, address);
      return SignInAnswer{.verdict = SignInVerdict::kWrong};
    }
    Note("operator.invitation", "done", known, address);
    foundation_.store->ClearSignIn(subject);
    foundation_.store->Release(reservation);
    Secret secret;
    if (!secret.Resize(AuthenticatorSecretBytes(kForm.algorithm))) {
      return Error{Errc::kInternal, "no memory"};
    }
    foundation_.random.Fill(
        {reinterpret_cast<unsigned char*>(secret.Bytes().data()), secret.size()});
    return SignInAnswer{.verdict = SignInVerdict::kIn,
                        .token = Begin(*known, OperatorSessionKind::kEnrolling, &secret)};
  });
}

Result<TotpEnrolment> OperatorSignIn::Enrolment(const OperatorSession& session) {
  return Guarded<TotpEnrolment>([&]() -> Result<TotpEnrolment> {
    const Result<Secret> secret =
        foundation_.keys.Open(session.sealed_secret, EnrolmentContext(session.digest));
    if (!secret.ok()) return secret.error();
    return TotpEnrolment{.method_id = {},
                         .otpauth_uri = OtpauthUri(*secret, kForm, foundation_.settings.issuer,
                                                   session.account.name),
                         .base32_secret = Base32Of(*secret)};
  });
}

Result<std::string> OperatorSignIn::Enrol(const OperatorSession& session, const Secret& password,
                                          const Secret& code, const std::string& address) {
  return Guarded<std::string>([&]() -> Result<std::string> {
    const Result<Secret> secret =
        foundation_.keys.Open(session.sealed_secret, EnrolmentContext(session.digest));
    if (!secret.ok()) return secret.error();
    PasswordPolicyReply rules =
        PasswordPolicyFor(LoadPolicy(*foundation_.store), session.account.name, "");
    rules.min_length = std::max(rules.min_length, kShortestPassword);
    if (JudgePassword(rules, password) || JudgeWords(foundation_.store->BannedTerms(), password)) {
      return Error{Errc::kPolicy, "choose a password of at least " +
                                      std::to_string(rules.min_length) +
                                      " characters that is not common and has no name in it"};
    }
    const std::optional<Secret> digits = DigitsOf(code, kForm.digits);
    const std::optional<std::int64_t> step =
        digits ? MatchingStep(*secret, kForm, digits->Reveal(), foundation_.clock().Now())
               : std::nullopt;
    if (!step) {
      return Error{Errc::kDenied, "the code is not the one that the app shows now"};
    }
    const Result<std::string> hash = foundation_.hasher.Hash(password);
    if (!hash.ok()) return hash.error();
    OperatorRecord enrolled = session.account;
    enrolled.password_hash = *hash;
    enrolled.sealed_totp =
        foundation_.keys.Seal(foundation_.random, secret->Reveal(), AccountContext(enrolled.id));
    enrolled.last_step = *step;
    Note("operator.enrol", "done", &enrolled, address);
    if (!table_.Enrol(enrolled, session.account.invite_digest, foundation_.clock().Now())) {
      return Error{Errc::kDenied, "the invitation is spent or too old: ask for a new one"};
    }
    return Begin(enrolled, OperatorSessionKind::kSignedIn, nullptr);
  });
}

std::optional<OperatorSession> OperatorSignIn::Find(std::string_view token) {
  if (token.size() != kTokenDigits) return std::nullopt;
  const std::optional<OperatorSessionRecord> session = table_.FindSession(TokenDigest(token));
  if (!session) return std::nullopt;
  const UnixSeconds now = foundation_.clock().Now();
  const bool enrolling = session->kind == OperatorSessionKind::kEnrolling;
  const UnixSeconds life = enrolling ? kEnrolmentSeconds : kSessionSeconds;
  // After the clock went back a session is over too.
  const bool over = now - session->created_at >= life || now < session->created_at ||
                    now - session->last_seen >= (enrolling ? life : kIdleSeconds);
  std::optional<OperatorRecord> account = table_.Get(session->operator_id);
  if (over || !account || !account->enabled || account->IsEnrolled() == enrolling) {
    table_.EndSession(session->digest);
    return std::nullopt;
  }
  if (now - session->last_seen >= kTouchSeconds) table_.TouchSession(session->digest, now);
  return OperatorSession{.digest = session->digest,
                         .kind = session->kind,
                         .account = std::move(*account),
                         .sealed_secret = session->sealed_secret};
}

void OperatorSignIn::SignOut(const OperatorSession& session, const std::string& address) {
  Note("operator.sign_out", "done", &session.account, address);
  table_.EndSession(session.digest);
}

}  // namespace sspr::service
