// SPDX-License-Identifier: Apache-2.0
#include "service/engine/sign_in.h"

#include <stdexcept>

#include "common/base/text.h"
#include "service/engine/identity.h"
#include "service/engine/risk.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

SignedIn ViewOf(const DirectoryUser& user) {
  return {.user_id = user.id, .username = user.username, .display_name = user.display_name};
}

}  // namespace

// A sign-in changes nothing, so it happens even where the audit cannot be written.
void SignIn::Note(const AuditEvent& event) {
  const Status written = parts_.audit.Write(event, AuditLog::Weight::kNormal);
  if (!written.ok()) parts_.log("audit: " + written.error().detail);
}

Reply<SignInReply> SignIn::Initiate(const Caller& caller, std::string_view username,
                                    const Capabilities& capabilities) {
  const std::optional<ClientRecord> client = parts_.store.FindClient(caller.client_id);
  if (!client) return Refuse(RefusalCode::kInvalidClient, "the client is not registered");
  // Before anything is looked up: it is so for everybody.
  if (!parts_.directory.VerifiesPasswords()) {
    return Redirect{"The directory lets nobody but itself compare passwords."};
  }
  if (username.empty() || username.size() > 2 * kMaxTextBytes) {
    return Refuse(RefusalCode::kInvalidRequest, "a malformed user name");
  }
  const Identity identity = IdentifyForSignIn(parts_, username);
  if (identity.nobody_because != nullptr && !client->concealment) {
    return Refuse(RefusalCode::kUserNotFound, "user not found");
  }
  FlowRecord flow;
  flow.id = NewId(parts_.random);
  flow.purpose = FlowPurpose::kSignIn;
  flow.state = FlowState::kSignIn;
  flow.client_id = caller.client_id;
  flow.subject = identity.subject;
  flow.capabilities = capabilities;
  flow.proof_key = caller.proof_key;
  flow.device_id = caller.device_id;
  if (identity.nobody_because == nullptr) flow.user_id = identity.user->id;
  flow.transaction_id = NewId(parts_.random);
  flow.created_at = parts_.clock.Now();
  flow.last_seen = flow.created_at;
  NewToken token = MakeToken(parts_.random, flow, TokenKind::kSignInStart);
  InOneStep(parts_, [&] { parts_.store.InsertFlow(flow, token.record); });
  return SignInReply{std::move(token.text)};
}

Reply<SignInReply> SignIn::Challenge(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kSignInChallenge);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  session.flow.last_seen = session.now;
  NewToken next = MakeToken(parts_.random, session.flow, TokenKind::kSignInPassword);
  if (!Move(parts_.store, session.flow, next.record)) {
    return Refuse(RefusalCode::kInvalidRequest, "another request of this flow is under way");
  }
  return SignInReply{std::move(next.text)};
}

Reply<SignedIn> SignIn::WithPassword(const Caller& caller, std::string_view token,
                                     const Secret& password) {
  auto opened = OpenSession(parts_, caller, token, Call::kSignInPassword);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  FlowRecord& flow = session.flow;
  const LimitVerdict limit = parts_.store.ReserveSignIn(flow.subject, session.now);
  if (!limit.allowed) {
    Note(EventOf(parts_, caller, flow, "signin.password", "limited"));
    Refusal refusal = Refuse(RefusalCode::kTooManyAttempts, "too many failed sign-ins");
    refusal.retry_after_seconds = limit.retry_after_seconds;
    return refusal;
  }
  const Result<bool> right = parts_.directory.Verify(flow.user_id, password);
  if (!right.ok()) throw std::runtime_error("the directory: " + right.error().detail);
  if (!*right || !session.user || !session.user->enabled) {
    Note(EventOf(parts_, caller, flow, "signin.password", "failed"));
    Refusal refusal = Refuse(RefusalCode::kWrongPassword, "wrong user name or password");
    refusal.continuation_token = session.presented;
    return refusal;
  }
  parts_.store.ClearSignIn(flow.subject);
  return Conclude(caller, session, "signin.password");
}

Reply<SignedIn> SignIn::Conclude(const Caller& caller, Session& session, const char* event) {
  FlowRecord& flow = session.flow;
  const bool after_reset = flow.purpose == FlowPurpose::kReset;
  const AccessDemand demanded =
      after_reset ? AccessDemand::kNone : AccessFor(parts_, session.policy, *session.user);
  switch (demanded) {
    case AccessDemand::kNone:
      break;
    case AccessDemand::kWaived:
      Note(EventOf(parts_, caller, flow, event, "reset waived", "no method"));
      break;
    case AccessDemand::kReset:
      Note(EventOf(parts_, caller, flow, event, "reset required"));
      return Refuse(RefusalCode::kPasswordResetRequired, "");
    case AccessDemand::kBlock:
      Note(EventOf(parts_, caller, flow, event, "blocked", "no method"));
      return Refuse(RefusalCode::kPasswordResetRequired,
                    "The password has to be reset first. Ask your help desk.");
  }
  if (auto demand = second_factor_.Demand(caller, session)) {
    return std::visit([](auto& what) -> Reply<SignedIn> { return std::move(what); }, *demand);
  }
  flow.state = FlowState::kClosed;
  if (!Move(parts_.store, flow, std::nullopt)) {
    return Refuse(RefusalCode::kInvalidRequest, "another request of this flow is under way");
  }
  Note(EventOf(parts_, caller, flow, event, "succeeded"));
  return ViewOf(*session.user);
}

Reply<SignedIn> SignIn::WithSecondFactor(const Caller& caller, std::string_view token,
                                         MethodKind kind, const Secret& code) {
  auto proved = second_factor_.Prove(caller, token, kind, code);
  if (Refusal* const refusal = std::get_if<Refusal>(&proved)) return std::move(*refusal);
  const Session& session = *std::get_if<Session>(&proved);
  if (!session.user || !session.user->enabled) {
    return Refuse(RefusalCode::kInvalidRequest, "the account changed: start again");
  }
  return ViewOf(*session.user);
}

Reply<SignedIn> SignIn::WithContinuation(const Caller& caller, std::string_view token,
                                         std::string_view username) {
  auto opened = OpenSession(parts_, caller, token, Call::kSignInContinuation);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const std::optional<DirectoryUser>& user = session.user;
  const bool is_same_user =
      user && (username.empty() || CanonicalUserName(username) == user->username);
  if (!is_same_user || !user->enabled) {
    return Refuse(RefusalCode::kInvalidRequest, "the token is not of this user");
  }
  return Conclude(caller, session, "signin.continuation");
}

}  // namespace sspr::service
