// SPDX-License-Identifier: Apache-2.0
#include "service/engine/sessions.h"

#include "service/engine/late_conclusions.h"
#include "service/engine/risk.h"

namespace sspr::service {
namespace {

constexpr std::size_t kTokenDigits = 64;

std::optional<DirectoryUser> UserOf(EngineParts& parts, const std::string& id, Call call) {
  const bool decides = call == Call::kSubmit || call == Call::kUnlock ||
                       call == Call::kSignInPassword || call == Call::kSignInContinuation;
  if (decides) return parts.directory.GetFresh(id);
  // What was decided is only told: the directory, which has just changed the entry, need not be
  // asked for it again.
  if (call == Call::kPoll) return parts.directory.Lately(id);
  return parts.directory.Get(id);
}

std::variant<Session, Refusal> FindSession(EngineParts& parts, const Caller& caller,
                                           std::string_view token, Call call) {
  const auto find = [&] {
    return token.size() == kTokenDigits ? parts.store.FindByToken(TokenDigest(token))
                                        : std::nullopt;
  };
  auto found = find();
  if (!found && call == Call::kSignInContinuation && parts.late != nullptr) {
    parts.late->Flush();  // the reset before this sign-in may not be written down yet
    found = find();
  }
  if (!found || found->second.client_id != caller.client_id) {
    return Refuse(RefusalCode::kInvalidToken, "unknown continuation token");
  }
  Session session{.flow = std::move(found->second),
                  .token = std::move(found->first),
                  .user = {},
                  .policy = LoadPolicy(parts.store),
                  .presented = std::string(token),
                  .now = parts.clock.Now()};
  const FlowRecord& flow = session.flow;
  session.user = UserOf(parts, flow.user_id, call);
  session.policy = PolicyOf(parts, std::move(session.policy), session.user);
  return session;
}

}  // namespace

bool IsAlive(const FlowRecord& flow, const Policy& policy, UnixSeconds now) {
  if (flow.state == FlowState::kClosed) return false;
  // A clock that went back further than the longest pause tells us nothing any more.
  const UnixSeconds idle = now - flow.last_seen;
  if (idle > policy.idle_seconds || idle < -policy.idle_seconds) return false;
  if (flow.state == FlowState::kSubmitted) return true;
  const UnixSeconds age = now - flow.created_at;
  if (age > policy.session_seconds || age < -policy.idle_seconds) return false;
  return flow.state != FlowState::kProved || now - flow.proved_at <= kProvedSeconds;
}

std::variant<Session, Refusal> OpenSession(EngineParts& parts, const Caller& caller,
                                           std::string_view token, Call call) {
  auto found = FindSession(parts, caller, token, call);
  if (Refusal* const refusal = std::get_if<Refusal>(&found)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&found);
  const FlowRecord& flow = session.flow;
  if (!IsAlive(flow, session.policy, session.now)) {
    Refusal refusal = Refuse(RefusalCode::kExpiredToken, "the flow is over");
    refusal.extended = IsExtended(flow.capabilities);
    return refusal;
  }
  // The session's first request said whose it is.
  if (!flow.proof_key.empty() && flow.proof_key != caller.proof_key) {
    Refusal refusal = Refuse(RefusalCode::kInvalidProof, "");
    refusal.extended = IsExtended(flow.capabilities);
    return refusal;
  }
  if (flow.purpose == FlowPurpose::kReset && session.policy.devices_required != 0 &&
      flow.device_id.empty()) {
    Refusal refusal = Refuse(RefusalCode::kDeviceRequired, "");
    refusal.extended = IsExtended(flow.capabilities);
    return refusal;
  }
  const bool same_gate = session.token.gates == flow.completed_gates;
  if (!same_gate || !IsLegal(call, session.token.kind, flow.state)) {
    Refusal refusal = Refuse(RefusalCode::kInvalidRequest, "the token is of another step");
    refusal.extended = IsExtended(flow.capabilities);
    return refusal;
  }
  return std::move(session);
}

std::variant<Session, Refusal> OpenHandOff(EngineParts& parts, const Caller& caller,
                                           std::string_view token) {
  auto found = FindSession(parts, caller, token, Call::kHandOff);
  if (const Session* const session = std::get_if<Session>(&found);
      session != nullptr && session->token.kind != TokenKind::kHandOff) {
    return Refuse(RefusalCode::kInvalidRequest, "the token is of another step");
  }
  return found;
}

}  // namespace sspr::service
