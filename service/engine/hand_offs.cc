// SPDX-License-Identifier: Apache-2.0
#include "service/engine/hand_offs.h"

#include <algorithm>

#include "common/permit/fixed_bytes.h"
#include "service/engine/approval_gate.h"
#include "service/policy/limits.h"

namespace sspr::service {
namespace {

// RFC 8628, 6.1: no vowels, so that no words come out; 34.5 bits.
constexpr std::string_view kAlphabet = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::size_t kCodeLength = 8;
constexpr int kCodeTries = 4;
// RFC 8628, 5.1: five wrong codes of one network, and few of everybody.
constexpr int kWrongCodes = 5;
constexpr int kWrongCodesOfAll = 200;
constexpr int kWrongCodeSeconds = 900;
constexpr int kOffersOfOne = 10;
constexpr int kMostSeconds = 600;

// Each letter equally likely.
std::string RandomCode(Random& random) {
  std::string code;
  constexpr unsigned kEven = 256 / kAlphabet.size() * kAlphabet.size();
  while (code.size() < kCodeLength) {
    unsigned char byte = 0;
    random.Fill({&byte, 1});
    if (byte < kEven) code += kAlphabet[byte % kAlphabet.size()];
  }
  return code;
}

// Nothing when it can be no code.
std::string CodeIn(std::string_view typed) {
  std::string code;
  for (char c : typed) {
    if (c == ' ' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (kAlphabet.find(c) == std::string_view::npos || code.size() == kCodeLength) return {};
    code += c;
  }
  return code.size() == kCodeLength ? code : std::string();
}

std::string CodeDigest(const ServiceKeys& keys, const std::string& code) {
  return ToHex(keys.CodeDigest("handoff:" + code));
}

std::vector<LimitRule> WrongCodeRules(const std::string& address) {
  return {{.bucket = "handoff:net:" + NetworkOf(address),
           .max = kWrongCodes,
           .window_seconds = kWrongCodeSeconds},
          {.bucket = "handoff:all", .max = kWrongCodesOfAll, .window_seconds = kWrongCodeSeconds}};
}

}  // namespace

Reply<HandOffReply> HandOffs::Offer(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kHandOff);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  FlowRecord& flow = session.flow;
  if (parts_.hand_offs == nullptr) return Redirect{"This service hands nothing over to a phone."};
  if (!flow.capabilities.hand_off) {
    return service::Refuse(RefusalCode::kInvalidRequest, "the flow did not announce a hand-off");
  }
  const LimitVerdict limit = parts_.store.Reserve(
      {{.bucket = "handoff:of:" + flow.subject, .max = kOffersOfOne, .window_seconds = 3600}},
      session.now);
  if (!limit.allowed) {
    Refusal refusal = service::Refuse(RefusalCode::kTooManyAttempts, "too many hand-offs");
    refusal.retry_after_seconds = limit.retry_after_seconds;
    refusal.extended = IsExtended(flow.capabilities);
    return refusal;
  }
  const int seconds = static_cast<int>(
      std::min<UnixSeconds>({kMostSeconds, session.policy.idle_seconds,
                             flow.created_at + session.policy.session_seconds - session.now}));
  flow.last_seen = session.now;
  Record(parts_, EventOf(parts_, caller, flow, "reset.handoff", "offered"),
         AuditLog::Weight::kNormal);
  NewToken next = MakeToken(parts_.random, flow, TokenKind::kHandOff);
  if (!Move(parts_.store, flow, next.record)) {
    return service::Refuse(RefusalCode::kInvalidRequest,
                           "another request of this flow is under way");
  }
  std::string code;
  bool inserted = false;
  for (int tries = 0; tries < kCodeTries && !inserted; ++tries) {
    code = RandomCode(parts_.random);
    inserted = parts_.hand_offs->Insert({.id = NewId(parts_.random),
                                         .flow_id = flow.id,
                                         .code_digest = CodeDigest(parts_.keys, code),
                                         .token_digest = next.record.digest,
                                         .expires_at = session.now + seconds});
  }
  if (!inserted) return service::Refuse(RefusalCode::kInternal, "no code is free");
  return HandOffReply{.continuation_token = std::move(next.text),
                      .user_code = code.substr(0, 4) + "-" + code.substr(4),
                      .expires_in_seconds = seconds,
                      .interval_seconds = kPhonePollSeconds};
}

// The phone moves the flow meanwhile, so the gates that the token was issued behind say nothing.
Reply<ContinueReply> HandOffs::Poll(const Caller& caller, std::string_view token) {
  auto opened = OpenHandOff(parts_, caller, token);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const auto tell = [&session](RefusalCode code) {
    Refusal refusal = service::Refuse(code, "");
    refusal.extended = IsExtended(session.flow.capabilities);
    refusal.continuation_token = session.presented;
    return refusal;
  };
  const auto hand_off = parts_.hand_offs->FindByFlow(session.flow.id);
  if (!hand_off) return tell(RefusalCode::kApprovalExpired);
  if (hand_off->state == HandOffState::kRefused) {
    return service::Refuse(RefusalCode::kApprovalReported, "");
  }
  if (!IsAlive(session.flow, session.policy, session.now)) {
    Refusal refusal = service::Refuse(RefusalCode::kExpiredToken, "the flow is over");
    refusal.extended = IsExtended(session.flow.capabilities);
    return refusal;
  }
  if (session.flow.state == FlowState::kProved) return gates_.GoOnBehindPhone(session);
  if (session.flow.state != FlowState::kProving) {
    return service::Refuse(RefusalCode::kInvalidRequest, "the step is over");
  }
  if (hand_off->state == HandOffState::kOffered && session.now >= hand_off->expires_at) {
    return tell(RefusalCode::kApprovalExpired);
  }
  return tell(parts_.hand_offs->NotePoll(hand_off->id, session.now, kPhonePollSeconds - 1)
                  ? RefusalCode::kAuthorizationPending
                  : RefusalCode::kSlowDown);
}

std::optional<FlowRecord> HandOffs::FlowOf(const HandOff& hand_off) {
  auto found = parts_.store.FindByToken(hand_off.token_digest);
  if (!found) return std::nullopt;
  return std::move(found->second);
}

std::variant<TakenHandOff, Refusal> HandOffs::Take(const Caller& phone, std::string_view typed) {
  const UnixSeconds now = parts_.clock.Now();
  if (parts_.hand_offs == nullptr) return service::Refuse(RefusalCode::kWrongCode, "");
  // Counted before it is looked up; taken back when it was right.
  const LimitVerdict limit = parts_.store.Reserve(WrongCodeRules(phone.address), now);
  if (!limit.allowed) {
    Refusal refusal = service::Refuse(RefusalCode::kTooManyAttempts, "too many wrong codes");
    refusal.retry_after_seconds = limit.retry_after_seconds;
    return refusal;
  }
  const auto taken = parts_.hand_offs->Take(CodeDigest(parts_.keys, CodeIn(typed)), now);
  std::optional<FlowRecord> flow = taken ? FlowOf(*taken) : std::nullopt;
  if (!flow || flow->state != FlowState::kProving) {
    return service::Refuse(RefusalCode::kWrongCode, "no such code");
  }
  parts_.store.Release(limit.reservation);
  // What a page of ours can do (OffersFor); what the login screen can stays as it was announced.
  flow->capabilities.passkey = flow->capabilities.two_gates = true;
  flow->challenge.reset();
  flow->last_seen = now;
  const Caller of_flow{.client_id = flow->client_id,
                       .address = phone.address,
                       .correlation_id = phone.correlation_id};
  Record(parts_, EventOf(parts_, of_flow, *flow, "reset.handoff", "taken"),
         AuditLog::Weight::kNormal);
  NewToken next = MakeToken(parts_.random, *flow, TokenKind::kMethods);
  if (!Move(parts_.store, *flow, next.record)) {
    return service::Refuse(RefusalCode::kWrongCode, "another request of this flow is under way");
  }
  return TakenHandOff{.continuation_token = std::move(next.text),
                      .client_id = flow->client_id,
                      .operation = flow->operation,
                      .machine = flow->device_id,
                      .flow_id = flow->id};
}

void HandOffs::Refuse(std::string_view flow_id) {
  if (parts_.hand_offs == nullptr) return;
  parts_.hand_offs->Refuse(flow_id);
  const auto hand_off = parts_.hand_offs->FindByFlow(flow_id);
  std::optional<FlowRecord> flow = hand_off ? FlowOf(*hand_off) : std::nullopt;
  if (!flow) return;
  flow->state = FlowState::kClosed;
  Record(parts_,
         EventOf(parts_, {.client_id = flow->client_id, .address = {}, .correlation_id = {}}, *flow,
                 "reset.handoff", "refused"),
         AuditLog::Weight::kNormal);
  (void)Move(parts_.store, *flow, {});
}

}  // namespace sspr::service
