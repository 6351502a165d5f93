// SPDX-License-Identifier: Apache-2.0
#include "service/engine/gates.h"

#include <algorithm>
#include <chrono>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/delivery/mail_texts.h"
#include "service/methods/authenticator.h"
#include "service/methods/typed_code.h"
#include "service/policy/limits.h"
#include "service/policy/password_rules.h"

namespace sspr::service {
namespace {

constexpr int kResendSeconds = 60;
// Parallel requests may move a flow between reading and writing it; more often than this means that
// somebody works at it.
constexpr int kMoveTries = 16;

Refusal TooMany(const FlowRecord& flow, int retry_after_seconds) {
  Refusal refusal = Refuse(RefusalCode::kTooManyAttempts, "too many attempts");
  refusal.retry_after_seconds = retry_after_seconds;
  refusal.extended = IsExtended(flow.capabilities);
  return refusal;
}

Refusal WrongStep(const FlowRecord& flow, std::string detail) {
  Refusal refusal = Refuse(RefusalCode::kInvalidRequest, std::move(detail));
  refusal.extended = IsExtended(flow.capabilities);
  return refusal;
}

Refusal WrongCode(const Session& session, int attempts) {
  Refusal refusal = Refuse(RefusalCode::kWrongCode, "the code is not right");
  refusal.continuation_token = session.presented;
  refusal.attempts_left = std::max(0, session.policy.code_attempts - attempts);
  refusal.extended = IsExtended(session.flow.capabilities);
  return refusal;
}

std::string DeviceOf(const FlowRecord& flow) {
  return flow.local_set ? ToHex(flow.local_set->device_id) : std::string();
}

}  // namespace

Reply<IntrospectReply> Gates::Introspect(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kIntrospect);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  const Session& session = *std::get_if<Session>(&opened);
  return IntrospectReply{.continuation_token = session.presented,
                         .gates = GatesOf(OffersFor(parts_, session.flow, session.policy),
                                          session.flow, session.policy)};
}

Reply<PasswordPolicyReply> Gates::Policy(const Caller& caller, std::string_view token) {
  if (token.empty()) {
    if (!parts_.store.FindClient(caller.client_id)) {
      return Refuse(RefusalCode::kInvalidClient, "the client is not registered");
    }
    return DefaultPasswordPolicy(LoadPolicy(parts_.store));
  }
  auto opened = OpenSession(parts_, caller, token, Call::kPolicy);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  const Session& session = *std::get_if<Session>(&opened);
  const std::optional<DirectoryUser> user = parts_.directory.Get(session.flow.user_id);
  if (session.flow.state != FlowState::kProved || !user) {
    return DefaultPasswordPolicy(session.policy);
  }
  return PasswordPolicyFor(session.policy, user->username, user->display_name);
}

Reply<ChallengeReply> Gates::Challenge(const Caller& caller, std::string_view token,
                                       std::string_view method_id) {
  auto opened = OpenSession(parts_, caller, token, Call::kChallenge);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const FlowRecord& flow = session.flow;
  const std::vector<Offer> offers = OffersFor(parts_, flow, session.policy);
  if (offers.empty()) return Redirect{"This client knows none of the methods that are needed."};
  const Offer* const offer = Chosen(offers, method_id);
  if (offer == nullptr) return WrongStep(flow, "no such method");

  const MethodKind kind = offer->offer.kind;
  LimitVerdict limit =
      parts_.store.Peek(MethodRules(session.policy, flow.subject, kind), session.now);
  if (limit.allowed && kind == MethodKind::kEmailCode) {
    limit = parts_.store.Reserve(EmailRules(session.policy, flow.subject), session.now);
  }
  if (!limit.allowed) {
    Record(parts_, EventOf(parts_, caller, flow, "reset.challenge", "limited", Name(kind)),
           AuditLog::Weight::kNormal);
    return TooMany(flow, limit.retry_after_seconds);
  }
  return Open(caller, session, *offer);
}

// For nobody everything is done as for a user, but that the digest is of no code and nothing is
// sent.
Reply<ChallengeReply> Gates::Open(const Caller& caller, Session& session, const Offer& offer) {
  FlowRecord& flow = session.flow;
  const MethodKind kind = offer.offer.kind;
  ChallengeRecord challenge{.id = NewId(parts_.random),
                            .method_id = offer.offer.id,
                            .kind = kind,
                            .code_digest = {},
                            .code_length = CodeLength(session.policy, kind),
                            .expires_at = session.now + session.policy.code_seconds,
                            .attempts = 0};
  const Secret code = RandomDigits(parts_.random, challenge.code_length);
  if (kind == MethodKind::kEmailCode) {
    challenge.code_digest =
        CodeDigest(flow, challenge, offer.record ? code.Reveal() : std::string_view("none"));
  } else {
    challenge.expires_at = session.now + session.policy.session_seconds;
  }
  flow.challenge = challenge;
  flow.last_seen = session.now;
  Record(parts_, EventOf(parts_, caller, flow, "reset.challenge", "opened", Name(kind)),
         AuditLog::Weight::kNormal);
  NewToken token = MakeToken(parts_.random, flow, TokenKind::kCode);
  if (!Move(parts_.store, flow, token.record)) {
    return WrongStep(flow, "another request of this flow is under way");
  }
  if (kind == MethodKind::kEmailCode) SendCode(flow, offer, code, session.policy.code_seconds);
  return ChallengeReply{.continuation_token = std::move(token.text),
                        .method_id = offer.offer.id,
                        .kind = kind,
                        .target_label = offer.offer.hint,
                        .code_length = challenge.code_length,
                        .resend_interval_seconds = kResendSeconds};
}

// What becomes of the mail changes nothing in the answer. For nobody one is written too, and
// dropped, so that it takes as long.
void Gates::SendCode(const FlowRecord& flow, const Offer& offer, const Secret& code,
                     int code_seconds) {
  const std::optional<DirectoryUser> user = parts_.directory.Get(flow.user_id);
  const bool is_nobody = !user || !offer.record;
  const std::chrono::seconds life(code_seconds);
  Result<Message> mail =
      CodeMail({.address = is_nobody ? "nobody@example.invalid" : offer.record->address,
                .display_name = is_nobody ? "Nobody At All" : user->display_name,
                .language = MailLanguageOf(is_nobody ? "" : user->language)},
               code, std::chrono::duration_cast<std::chrono::minutes>(life));
  if (is_nobody) return;
  if (!mail.ok()) {
    parts_.log("a code was not sent: " + mail.error().detail);
    return;
  }
  if (!parts_.deliver({.message = std::move(*mail),
                       .deadline = parts_.clock.Monotonic() + life,
                       .reference = flow.id})) {
    parts_.log("a code was not sent: the queue of mails is full");
  }
}

std::string Gates::CodeDigest(const FlowRecord& flow, const ChallengeRecord& challenge,
                              std::string_view code) const {
  SecretBuffer<256> text;
  const bool fits = text.Append(flow.id) && text.Append(":") && text.Append(challenge.id) &&
                    text.Append(":") && text.Append(code);
  return fits ? ToHex(parts_.keys.CodeDigest(text.Reveal())) : std::string();
}

Reply<ContinueReply> Gates::Continue(const Caller& caller, std::string_view token, MethodKind kind,
                                     const Secret& typed) {
  auto opened = OpenSession(parts_, caller, token, Call::kContinue);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const FlowRecord& flow = session.flow;
  if (!flow.challenge || flow.challenge->kind != kind) {
    return WrongStep(flow, "no challenge of this kind is open");
  }
  const std::optional<Secret> code = DigitsOf(typed, flow.challenge->code_length);
  if (!code) return WrongCode(session, flow.challenge->attempts);  // nothing that could be right

  const AttemptVerdict verdict = parts_.store.ReserveAttempt(
      flow.id, flow.challenge->id, session.policy.code_attempts,
      TryRules(session.policy, flow.subject, kind, DeviceOf(flow), caller.address), session.now);
  switch (verdict.kind) {
    case AttemptVerdict::Kind::kReserved:
      break;
    case AttemptVerdict::Kind::kLimited:
      Record(parts_, EventOf(parts_, caller, flow, "reset.gate", "limited", Name(kind)),
             AuditLog::Weight::kNormal);
      return TooMany(flow, verdict.retry_after_seconds);
    case AttemptVerdict::Kind::kSpent:
      return WrongCode(session, session.policy.code_attempts);
  }
  if (!IsRight(session, *code)) {
    Record(parts_, EventOf(parts_, caller, flow, "reset.gate", "failed", Name(kind)),
           AuditLog::Weight::kNormal);
    return WrongCode(session, verdict.attempts);
  }
  return Pass(caller, session, verdict.reservation);
}

// Void with the method that it was sent to. Takes the code of an authenticator out of use.
bool Gates::IsRight(const Session& session, const Secret& code) {
  const FlowRecord& flow = session.flow;
  const ChallengeRecord& challenge = *flow.challenge;
  const std::vector<Offer> offers = OffersFor(parts_, flow, session.policy);
  const Offer* const offer = Chosen(offers, challenge.method_id);
  const MethodRecord* const method = offer != nullptr && offer->record ? &*offer->record : nullptr;
  if (challenge.kind == MethodKind::kEmailCode) {
    const bool same = SameBytes(CodeDigest(flow, challenge, code.Reveal()), challenge.code_digest);
    const UnixSeconds left = challenge.expires_at - session.now;
    return same && method != nullptr && left > 0 && left <= session.policy.code_seconds;
  }
  const std::string nobody(kAuthenticatorSecretBytes, '\0');
  const std::string sealed = method != nullptr ? method->sealed_secret : std::string();
  const Result<Secret> opened = parts_.keys.Open(sealed, method != nullptr ? method->id : "");
  const std::optional<Secret> fallback = Secret::CopyOf(nobody);
  if (method != nullptr && !opened.ok()) parts_.log(opened.error().detail);
  const std::optional<std::int64_t> step =
      MatchingStep(opened.ok() ? *opened : *fallback, code.Reveal(), session.now);
  if (method == nullptr || !opened.ok() || !step) return false;
  return parts_.store.AcceptStep(method->id, *step);
}

Reply<ContinueReply> Gates::Pass(const Caller& caller, Session& session,
                                 const std::string& reservation) {
  const std::string challenge_id = session.flow.challenge->id;
  for (int tries = 0; tries < kMoveTries; ++tries) {
    // The attempt itself moved the flow, and so may others have.
    const auto found = parts_.store.FindByToken(session.token.digest);
    if (!found || !found->second.challenge || found->second.challenge->id != challenge_id ||
        found->second.state != FlowState::kProving) {
      break;
    }
    FlowRecord& flow = session.flow = found->second;
    flow.passed_kinds.push_back(flow.challenge->kind);
    flow.passed_methods.push_back(flow.challenge->method_id);
    flow.challenge.reset();
    ++flow.completed_gates;
    flow.last_seen = session.now;
    const bool proved = flow.completed_gates >= session.policy.required_gates;
    if (proved) {
      flow.state = FlowState::kProved;
      flow.proved_at = session.now;
    }
    if (tries == 0) {
      Record(parts_, EventOf(parts_, caller, flow, "reset.gate", "passed"),
             AuditLog::Weight::kNormal);
    }
    const NewToken token =
        MakeToken(parts_.random, flow, proved ? TokenKind::kPassword : TokenKind::kMethods);
    if (!Move(parts_.store, flow, token.record)) continue;
    parts_.store.Release(reservation);
    return NextGate(session, token);
  }
  return WrongStep(session.flow, "the step is over");
}

Reply<ContinueReply> Gates::NextGate(Session& session, const NewToken& token) {
  FlowRecord& flow = session.flow;
  if (flow.state == FlowState::kProved) {
    const std::optional<DirectoryUser> user = parts_.directory.Get(flow.user_id);
    return ContinueReply{
        .continuation_token = token.text,
        .expires_in_seconds = std::min(
            {kProvedSeconds, session.policy.idle_seconds,
             static_cast<int>(flow.created_at + session.policy.session_seconds - session.now)}),
        .policy = user ? PasswordPolicyFor(session.policy, user->username, user->display_name)
                       : DefaultPasswordPolicy(session.policy),
        .extended = IsExtended(flow.capabilities)};
  }
  const std::vector<Offer> offers = OffersFor(parts_, flow, session.policy);
  if (!flow.capabilities.two_gates || offers.empty()) {
    return Redirect{"This reset needs a second proof, which this client cannot ask for."};
  }
  Refusal refusal = Refuse(RefusalCode::kSecondGateRequired, "a second proof is needed");
  refusal.continuation_token = token.text;
  refusal.gates = GatesOf(offers, flow, session.policy);
  refusal.extended = true;
  return refusal;
}

}  // namespace sspr::service
