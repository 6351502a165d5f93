// SPDX-License-Identifier: Apache-2.0
#include "service/engine/gates.h"

#include <algorithm>
#include <chrono>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/delivery/mail_texts.h"
#include "service/delivery/phone_texts.h"
#include "service/engine/passkey_proof.h"
#include "service/engine/proofs.h"
#include "service/methods/phone_number.h"
#include "service/policy/limits.h"
#include "service/policy/password_rules.h"

namespace sspr::service {
namespace {

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

TryOrigin OriginOf(const FlowRecord& flow) {
  return {.enrolled = flow.device_id,
          .named = flow.local_set ? ToHex(flow.local_set->device_id) : std::string()};
}

// Compared without a password hash.
bool IsQuicklyJudged(MethodKind kind) {
  const ProofForm form = TraitsOf(kind).form;
  return form == ProofForm::kSentDigits || form == ProofForm::kAppDigits;
}

// A grant says "a code that was sent", not by which channel.
bool FitsGrant(MethodKind open, MethodKind granted) {
  return open == granted || (IsSent(open) && IsSent(granted));
}

}  // namespace

Channel ChannelOf(MethodKind kind) {
  if (kind == MethodKind::kVoiceCode) return Channel::kVoice;
  return kind == MethodKind::kSmsCode ? Channel::kSms : Channel::kMail;
}

Reply<IntrospectReply> Gates::Introspect(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kIntrospect);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  const Session& session = *std::get_if<Session>(&opened);
  return IntrospectReply{
      .continuation_token = session.presented,
      .gates = GatesOf(OffersFor(parts_, session.flow, session.policy, session.now), session.flow,
                       session.policy)};
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
  if (session.flow.state != FlowState::kProved || !session.user) {
    return DefaultPasswordPolicy(session.policy);
  }
  return PasswordPolicyFor(session.policy, session.user->username, session.user->display_name);
}

Reply<ChallengeReply> Gates::Challenge(const Caller& caller, std::string_view token,
                                       std::string_view method_id) {
  auto opened = OpenSession(parts_, caller, token, Call::kChallenge);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const FlowRecord& flow = session.flow;
  const std::vector<Offer> offers = OffersFor(parts_, flow, session.policy, session.now);
  if (offers.empty()) return KnowsTooLittle();
  const Offer* const offer = Chosen(offers, method_id);
  if (offer == nullptr) return WrongStep(flow, "no such method");
  return OpenChallenge(caller, session, *offer, TokenKind::kCode);
}

// Counting, the line of the audit and the new challenge are one step; the code is sent when it is
// durable.
Reply<ChallengeReply> Gates::OpenChallenge(const Caller& caller, Session& session,
                                           const Offer& offer, TokenKind token_kind) {
  const FlowRecord before = session.flow;
  const FlowRecord& flow = session.flow;
  const MethodKind kind = offer.offer.kind;
  const bool is_possible = (kind != MethodKind::kApproval || approval_.IsThere()) &&
                           (kind != MethodKind::kPasskey || !parts_.passkey_host.empty());
  if (!is_possible) return WrongStep(flow, "this service has no such method");
  const Secret code = RandomDigits(parts_.random, session.policy.CodeDigits());
  Reply<ChallengeReply> reply = WrongStep(flow, "not opened");
  InOneStep(parts_, [&] {
    session.flow = before;
    LimitVerdict limit = parts_.store.Peek(
        MethodRules(session.policy, flow.subject, kind, flow.device_id), session.now);
    if (limit.allowed) limit = Count(session, offer);
    if (limit.allowed) {
      reply = Open(caller, session, offer, token_kind, code);
      return;
    }
    Record(parts_, EventOf(parts_, caller, flow, "reset.challenge", "limited", Name(kind)),
           AuditLog::Weight::kNormal);
    reply = TooMany(flow, limit.retry_after_seconds);
  });
  if (IsSent(kind) && std::holds_alternative<ChallengeReply>(reply)) {
    SendCode(session, offer, code);
  }
  if (kind == MethodKind::kApproval && std::holds_alternative<ChallengeReply>(reply)) {
    approval_.Wake(session, offer, *session.flow.challenge);
  }
  return reply;
}

LimitVerdict Gates::Count(const Session& session, const Offer& offer) {
  if (IsSent(offer.offer.kind)) return CountSending(session, offer);
  if (offer.offer.kind == MethodKind::kApproval) return approval_.Reserve(session);
  return {.allowed = true, .retry_after_seconds = 0, .reservation = {}};
}

// Nobody's number is the name: the same limits are met in the same order, but nothing is used up of
// what everybody shares.
LimitVerdict Gates::CountSending(const Session& session, const Offer& offer) {
  const std::string& subject = session.flow.subject;
  const std::string& device = session.flow.device_id;
  FlowStore& store = parts_.store;
  if (!IsPhone(offer.offer.kind)) {
    return store.Reserve(EmailRules(session.policy, subject, device), session.now);
  }
  const std::vector<LimitRule> of_all = AllPhonesRules(session.policy);
  if (offer.records.empty()) {
    LimitVerdict everybody = store.Peek(of_all, session.now);
    if (!everybody.allowed) return everybody;
    const std::string digest = ToHex(parts_.keys.NameDigest("phone:" + subject));
    return store.Reserve(PhoneRules(session.policy, digest, "", device), session.now);
  }
  const std::string& number = offer.records.front().address;
  std::vector<LimitRule> rules =
      PhoneRules(session.policy, ToHex(parts_.keys.NameDigest("phone:" + number)),
                 ToHex(parts_.keys.NameDigest("prefix:" + PrefixOf(number))), device);
  rules.insert(rules.end(), of_all.begin(), of_all.end());
  return store.Reserve(rules, session.now);
}

// For nobody everything is done as for a user, but that the digest is of no code and what is given
// to be sent is a decoy.
Reply<ChallengeReply> Gates::Open(const Caller& caller, Session& session, const Offer& offer,
                                  TokenKind token_kind, const Secret& code) {
  FlowRecord& flow = session.flow;
  const MethodKind kind = offer.offer.kind;
  ChallengeRecord challenge{.id = NewId(parts_.random),
                            .method_id = offer.offer.id,
                            .kind = kind,
                            .code_digest = {},
                            .code_length = CodeLength(session.policy, offer),
                            .expires_at = session.now + session.policy.session_seconds,
                            .attempts = 0};
  if (IsSent(kind)) {
    const std::string_view digits = offer.records.empty() ? "none" : code.Reveal();
    challenge.code_digest = SentCodeDigest(parts_, flow, challenge, digits);
    challenge.expires_at = session.now + session.policy.code_seconds;
  }
  const Secret number = RandomDigits(parts_.random, session.policy.approval_digits);
  std::string passkey_challenge;
  if (kind == MethodKind::kApproval) {
    challenge.expires_at = session.now + session.policy.approval_seconds;
  } else if (kind == MethodKind::kPasskey) {
    passkey_challenge = RandomBytes(parts_.random, kPasskeyChallengeBytes);
    challenge.code_digest = ToHex(Sha256(passkey_challenge));
    challenge.expires_at = session.now + session.policy.code_seconds;
  }
  flow.challenge = challenge;
  flow.last_seen = session.now;
  Record(parts_, EventOf(parts_, caller, flow, "reset.challenge", "opened", Name(kind)),
         AuditLog::Weight::kNormal);
  NewToken token = MakeToken(parts_.random, flow, token_kind);
  if (!Move(parts_.store, flow, token.record)) {
    return WrongStep(flow, "another request of this flow is under way");
  }
  ChallengeReply reply = ReplyOf(std::move(token.text), offer, challenge.code_length);
  if (kind == MethodKind::kApproval) {
    if (!approval_.Ask(caller, session, challenge, number)) {
      return TooMany(flow, session.policy.approval_seconds);
    }
    reply.display_code = number.Reveal();
    reply.resend_interval_seconds = kPhonePollSeconds;
    reply.expires_in_seconds = session.policy.approval_seconds;
  } else if (kind == MethodKind::kPasskey) {
    reply.passkey_challenge = std::move(passkey_challenge);
  }
  return reply;
}

// What becomes of the message changes nothing in the answer. For nobody one is written too, and
// dropped, so that it takes as long.
void Gates::SendCode(const Session& session, const Offer& offer, const Secret& code) {
  const bool is_nobody = !session.user || offer.records.empty();
  const std::chrono::seconds life(session.policy.code_seconds);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(life);
  const std::string address = is_nobody ? "nobody@example.invalid" : offer.records.front().address;
  const MailLanguage language = MailLanguageOf(is_nobody ? "" : session.user->language);
  Result<Message> message =
      IsPhone(offer.offer.kind)
          ? CodePhoneMessage(ChannelOf(offer.offer.kind), {.number = address, .language = language},
                             code, minutes)
          : CodeMail({.address = address,
                      .display_name = is_nobody ? "Nobody At All" : session.user->display_name,
                      .language = language},
                     code, minutes);
  if (!message.ok()) {
    if (!is_nobody) parts_.log("a code was not sent: " + message.error().detail);
    return;
  }
  const bool is_taken = parts_.deliver({.message = std::move(*message),
                                        .deadline = parts_.clock.Monotonic() + life,
                                        .reference = is_nobody ? std::string() : session.flow.id});
  if (!is_taken && !is_nobody) {
    parts_.log(std::string("a code was not sent: there is no room or no way for ") +
               Name(offer.offer.kind));
  }
}

Reply<ContinueReply> Gates::Continue(const Caller& caller, std::string_view token, MethodKind kind,
                                     const Secret& typed) {
  auto opened = OpenSession(parts_, caller, token, Call::kContinue);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const std::vector<Offer> offers = OffersFor(parts_, session.flow, session.policy, session.now);
  const auto pass = [&] {
    return Pass(caller, session, JudgeCode(caller, session, kind, typed, offers));
  };
  if (!session.flow.challenge || !IsQuicklyJudged(session.flow.challenge->kind)) return pass();
  // The try, the verdict and what follows from it are one step.
  const FlowRecord before = session.flow;
  Reply<ContinueReply> reply = WrongStep(session.flow, "not judged");
  InOneStep(parts_, [&] {
    session.flow = before;
    reply = pass();
  });
  return reply;
}

Reply<ContinueReply> Gates::PollApproval(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kContinue);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) {
    if (approval_.IsThere() && refusal->code == RefusalCode::kExpiredToken) {
      const auto found = parts_.store.FindByToken(TokenDigest(token));
      if (found && approval_.WasReported(found->second)) {
        return Refuse(RefusalCode::kApprovalReported, "");
      }
    }
    return std::move(*refusal);
  }
  Session& session = *std::get_if<Session>(&opened);
  const FlowRecord& flow = session.flow;
  if (!approval_.IsThere() || !flow.challenge || flow.challenge->kind != MethodKind::kApproval) {
    return WrongStep(flow, "no challenge of this kind is open");
  }
  const std::vector<Offer> offers = OffersFor(parts_, flow, session.policy, session.now);
  auto judged = approval_.Judge(session, Chosen(offers, flow.challenge->method_id));
  if (Refusal* const refusal = std::get_if<Refusal>(&judged)) return std::move(*refusal);
  return Pass(caller, session,
              Proof{.reservation = {}, .kept_method = std::get<std::string>(std::move(judged))});
}

Reply<ContinueReply> Gates::ContinueWithPasskey(const Caller& caller, std::string_view token,
                                                const PasskeyAssertion& assertion) {
  auto opened = OpenSession(parts_, caller, token, Call::kContinue);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const FlowRecord& flow = session.flow;
  if (!flow.challenge || flow.challenge->kind != MethodKind::kPasskey) {
    return WrongStep(flow, "no challenge of this kind is open");
  }
  std::string used;
  auto judged = Judge(caller, session, OffersFor(parts_, flow, session.policy, session.now),
                      [&](const Offer* offer) {
                        used = IsPasskeyRight(parts_, session, offer, assertion);
                        return !used.empty();
                      });
  if (Proof* const proof = std::get_if<Proof>(&judged)) proof->kept_method = used;
  return Pass(caller, session, std::move(judged));
}

Reply<ContinueReply> Gates::GoOnBehindPhone(Session& session) {
  NewToken next = MakeToken(parts_.random, session.flow, TokenKind::kPassword);
  session.flow.last_seen = session.now;
  if (!Move(parts_.store, session.flow, next.record)) {
    return WrongStep(session.flow, "another request of this flow is under way");
  }
  return NextGate(session, next);
}

std::variant<Gates::Proof, Refusal> Gates::JudgeCode(const Caller& caller, Session& session,
                                                     MethodKind kind, const Secret& typed,
                                                     const std::vector<Offer>& offers) {
  const FlowRecord& flow = session.flow;
  if (!flow.challenge || !FitsGrant(flow.challenge->kind, kind)) {
    return WrongStep(flow, "no challenge of this kind is open");
  }
  const std::optional<Secret> code = CodeAsTyped(typed, *flow.challenge);
  if (!code) return WrongCode(session, flow.challenge->attempts);  // nothing that could be right
  return Judge(caller, session, offers,
               [&](const Offer* offer) { return IsCodeRight(parts_, session, offer, *code); });
}

Reply<ContinueReply> Gates::ContinueWithAnswers(const Caller& caller, std::string_view token,
                                                std::span<const Secret> answers) {
  auto opened = OpenSession(parts_, caller, token, Call::kContinue);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const FlowRecord& flow = session.flow;
  if (!flow.challenge || flow.challenge->kind != MethodKind::kQuestions) {
    return WrongStep(flow, "no challenge of this kind is open");
  }
  if (answers.size() != static_cast<std::size_t>(session.policy.questions_to_ask)) {
    return WrongStep(flow, "an answer to each of the questions is needed");
  }
  return Pass(caller, session,
              Judge(caller, session, OffersFor(parts_, flow, session.policy, session.now),
                    [&](const Offer* offer) { return AreAnswersRight(parts_, offer, answers); }));
}

// Counted before it is compared; taken back when it was right.
std::variant<Gates::Proof, Refusal> Gates::Judge(const Caller& caller, Session& session,
                                                 const std::vector<Offer>& offers,
                                                 const Verdict& is_right) {
  const FlowRecord& flow = session.flow;
  const MethodKind kind = flow.challenge->kind;
  const AttemptVerdict verdict = parts_.store.ReserveAttempt(
      flow.id, flow.challenge->id, session.policy.code_attempts,
      TryRules(session.policy, flow.subject, kind, OriginOf(flow), caller.address), session.now);
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
  // Void with the method that it was opened for.
  const Offer* const offer = Chosen(offers, flow.challenge->method_id);
  if (!is_right(offer)) {
    Record(parts_, EventOf(parts_, caller, flow, "reset.gate", "failed", Name(kind)),
           AuditLog::Weight::kNormal);
    return WrongCode(session, verdict.attempts);
  }
  const bool is_used_up = TraitsOf(kind).works_once || offer == nullptr || offer->records.empty();
  return Proof{.reservation = verdict.reservation,
               .kept_method = is_used_up ? std::string() : offer->records.front().id};
}

bool Gates::TakeProof(Session& session, const Proof& proof,
                      const std::function<void(FlowRecord&)>& change,
                      const std::function<std::optional<TokenRecord>()>& token) {
  const std::string challenge_id = session.flow.challenge->id;
  const FlowState state = session.flow.state;
  for (int tries = 0; tries < kMoveTries; ++tries) {
    // The attempt itself moved the flow, and so may others have.
    const auto found = parts_.store.FindByToken(session.token.digest);
    if (!found || !found->second.challenge || found->second.challenge->id != challenge_id ||
        found->second.state != state) {
      return false;
    }
    FlowRecord& flow = session.flow = found->second;
    flow.passed_kinds.push_back(flow.challenge->kind);
    if (!proof.kept_method.empty()) flow.passed_methods.push_back(proof.kept_method);
    flow.challenge.reset();
    ++flow.completed_gates;
    flow.last_seen = session.now;
    change(flow);
    bool moved = false;
    InOneStep(parts_, [&] {
      moved = Move(parts_.store, flow, token ? token() : std::nullopt);
      if (moved) parts_.store.Release(proof.reservation);
    });
    if (moved) return true;
  }
  return false;
}

Reply<ContinueReply> Gates::Pass(const Caller& caller, Session& session,
                                 std::variant<Proof, Refusal> judged) {
  if (Refusal* const refusal = std::get_if<Refusal>(&judged)) return std::move(*refusal);
  std::optional<NewToken> next;
  const auto change = [&session](FlowRecord& flow) {
    if (flow.completed_gates < session.policy.required_gates) return;
    flow.state = FlowState::kProved;
    flow.proved_at = session.now;
  };
  const auto token = [&] {
    const FlowRecord& flow = session.flow;
    if (!next) {
      Record(parts_, EventOf(parts_, caller, flow, "reset.gate", "passed"),
             AuditLog::Weight::kNormal);
    }
    const bool proved = flow.state == FlowState::kProved;
    next = MakeToken(parts_.random, flow, proved ? TokenKind::kPassword : TokenKind::kMethods);
    return std::optional(next->record);
  };
  if (!TakeProof(session, std::get<Proof>(judged), change, token)) {
    return WrongStep(session.flow, "the step is over");
  }
  return NextGate(session, *next);
}

Reply<ContinueReply> Gates::NextGate(Session& session, const NewToken& token) {
  FlowRecord& flow = session.flow;
  if (flow.state == FlowState::kProved) {
    const std::optional<DirectoryUser>& user = session.user;
    return ContinueReply{
        .continuation_token = token.text,
        .expires_in_seconds = std::min(
            {kProvedSeconds, session.policy.idle_seconds,
             static_cast<int>(flow.created_at + session.policy.session_seconds - session.now)}),
        .policy = user ? PasswordPolicyFor(session.policy, user->username, user->display_name)
                       : DefaultPasswordPolicy(session.policy),
        .extended = IsExtended(flow.capabilities)};
  }
  const std::vector<Offer> offers = OffersFor(parts_, flow, session.policy, session.now);
  // Without an offer a client can still hand over to a phone, whose browser can ask for more.
  if (!flow.capabilities.two_gates || (offers.empty() && !flow.capabilities.hand_off)) {
    return Redirect{"This reset needs a second proof, which this client cannot ask for."};
  }
  Refusal refusal = Refuse(RefusalCode::kSecondGateRequired, "a second proof is needed");
  refusal.continuation_token = token.text;
  refusal.gates = GatesOf(offers, flow, session.policy);
  refusal.extended = true;
  return refusal;
}

}  // namespace sspr::service
