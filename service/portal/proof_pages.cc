// SPDX-License-Identifier: Apache-2.0
// How a sign-in, a reset or an unlock begins, and what a refusal means for it.
#include "service/portal/proof_pages.h"

#include <string_view>
#include <vector>

#include "service/portal/proof_state.h"

namespace sspr::service {
namespace {

constexpr Capabilities kPortalKnows{.introspect = true,
                                    .two_gates = true,
                                    .final_submit = true,
                                    .totp = true,
                                    .questions = true,
                                    .recovery_code = true,
                                    .temporary_pass = true,
                                    .mfa = true,
                                    .registration = false,
                                    .full_strength = true};

// Why a password was refused, as the key of a text; null: the refusal is about something else.
const char* PasswordFault(RefusalCode code) {
  switch (code) {
    case RefusalCode::kPasswordTooShort:
      return "password.too_short";
    case RefusalCode::kPasswordTooLong:
      return "password.too_long";
    case RefusalCode::kPasswordTooWeak:
      return "password.too_weak";
    case RefusalCode::kPasswordRecentlyUsed:
      return "password.used_before";
    case RefusalCode::kPasswordBanned:
      return "password.banned";
    case RefusalCode::kPasswordBreached:
      return "password.breached";
    case RefusalCode::kPasswordTooYoung:
      return "password.too_young";
    case RefusalCode::kPasswordInvalid:
      return "password.invalid";
    case RefusalCode::kInvalidRequest:
    case RefusalCode::kUserNotFound:
    case RefusalCode::kUnsupportedChallenge:
    case RefusalCode::kInvalidClient:
    case RefusalCode::kInvalidToken:
    case RefusalCode::kExpiredToken:
    case RefusalCode::kWrongCode:
    case RefusalCode::kSecondGateRequired:
    case RefusalCode::kMfaRequired:
    case RefusalCode::kRegistrationRequired:
    case RefusalCode::kWrongPassword:
    case RefusalCode::kPasswordResetRequired:
    case RefusalCode::kRefreshRefused:
    case RefusalCode::kBadTarget:
    case RefusalCode::kTooManyAttempts:
    case RefusalCode::kUnlockDisabled:
    case RefusalCode::kAccountNotLocked:
    case RefusalCode::kAuthorizationPending:
    case RefusalCode::kDeviceRequired:
    case RefusalCode::kInvalidProof:
    case RefusalCode::kSlowDown:
    case RefusalCode::kApprovalDenied:
    case RefusalCode::kApprovalReported:
    case RefusalCode::kApprovalExpired:
    case RefusalCode::kInternal:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

void ProofPages::AddRoutes() {
  PageHost& host = parts_.host;
  host.OnGet("", [this](Visit& visit) { return ShowSignIn(visit); });
  host.OnPost("/sign-in", [this](Visit& visit, const Form& form) { return SignIn(visit, form); });
  host.OnGet("/reset", [this](Visit& visit) { return ShowStart(visit, Operation::kReset, {}); });
  host.OnPost("/reset", [this](Visit& visit, const Form& form) {
    return Start(visit, form, Operation::kReset);
  });
  host.OnGet("/unlock", [this](Visit& visit) { return ShowStart(visit, Operation::kUnlock, {}); });
  host.OnPost("/unlock", [this](Visit& visit, const Form& form) {
    return Start(visit, form, Operation::kUnlock);
  });
  host.OnGet("/proof", [this](Visit& visit) { return ShowProof(visit); });
  host.OnGet("/proof/other", [this](Visit& visit) {
    auto session = parts_.guests.Open(visit.session_token);
    if (!session) return Over(visit, "proof.over");
    const std::string step = session->state["step"].asString();
    if (step != "code" && step != "answers") return parts_.host.Go(visit, "/proof");
    session->state["step"] = "method";
    session->state.removeMember("error");
    return ShowStep(visit, *session);
  });
  host.OnPost("/proof/method",
              [this](Visit& visit, const Form& form) { return Choose(visit, form); });
  host.OnPost("/proof/code",
              [this](Visit& visit, const Form& form) { return EnterCode(visit, form); });
  host.OnPost("/proof/answers",
              [this](Visit& visit, const Form& form) { return EnterAnswers(visit, form); });
  host.OnPost("/proof/password",
              [this](Visit& visit, const Form& form) { return EnterPassword(visit, form); });
  host.OnPost("/proof/unlock", [this](Visit& visit, const Form&) { return Unlock(visit); });
  host.OnPost("/proof/cancel", [this](Visit& visit, const Form&) { return Cancel(visit); });
}

// --- sign-in

HttpReply ProofPages::ShowSignIn(Visit& visit) {
  if (parts_.people.Open(visit.session_token)) return parts_.host.Go(visit, "/methods");
  return parts_.host.Page(visit, "sign_in", MakeObject());
}

HttpReply ProofPages::SignInFault(Visit& visit, const std::string& username,
                                  const std::string& error) {
  PageData data = MakeObject();
  data.set("username", username);
  data.set("error", error);
  return parts_.host.Page(visit, "sign_in", std::move(data), 400);
}

HttpReply ProofPages::SignIn(Visit& visit, const Form& form) {
  const std::string username(form.Find("username"));
  const Form::SecretField& password = form.FindSecret("password");
  const auto fault = [&](const char* key) {
    return SignInFault(visit, username, parts_.host.Text(visit, key));
  };
  if (username.empty() || password.state == Form::SecretState::kAbsent) {
    return fault("sign_in.fill_in");
  }
  if (password.state != Form::SecretState::kFits) return fault("sign_in.wrong");
  FlowService& flows = parts_.flows;
  const auto begun = flows.SignInInitiate(visit.caller, username, kPortalKnows);
  if (std::holds_alternative<Redirect>(begun)) return fault("sign_in.elsewhere");
  const auto* const first = std::get_if<SignInReply>(&begun);
  if (first == nullptr) return fault("sign_in.wrong");
  const auto opened = flows.SignInChallenge(visit.caller, first->continuation_token);
  const auto* const second = std::get_if<SignInReply>(&opened);
  if (second == nullptr) return fault("error.internal");
  const auto judged =
      flows.SignInWithPassword(visit.caller, second->continuation_token, password.value);
  if (const auto* const who = std::get_if<SignedIn>(&judged)) return Welcome(visit, *who);
  const auto* const refusal = std::get_if<Refusal>(&judged);
  if (refusal == nullptr) return fault("proof.impossible");
  if (refusal->code == RefusalCode::kMfaRequired) {
    const auto methods = flows.SecondFactorMethods(visit.caller, refusal->continuation_token);
    const auto* const listed = std::get_if<IntrospectReply>(&methods);
    if (listed == nullptr) return fault("error.internal");
    return Begin(visit, "sign_in", listed->continuation_token, listed->gates);
  }
  if (refusal->code == RefusalCode::kPasswordResetRequired) return fault("sign_in.reset_first");
  if (refusal->code == RefusalCode::kTooManyAttempts) {
    return SignInFault(
        visit, username,
        parts_.host.Text(visit, "sign_in.limited",
                         {{"minutes", MinutesText(refusal->retry_after_seconds.value_or(60))}}));
  }
  if (refusal->code == RefusalCode::kInternal) return fault("error.internal");
  return fault("sign_in.wrong");
}

HttpReply ProofPages::Welcome(Visit& visit, const SignedIn& who) {
  parts_.guests.End(visit.session_token);
  std::string token = parts_.people.Begin(who.user_id, Json::Value(Json::objectValue), true);
  if (token.empty()) return Over(visit, "proof.over");
  parts_.host.PutSession(visit, std::move(token));
  return parts_.host.Go(visit, "/methods");
}

// --- reset and unlock

HttpReply ProofPages::ShowStart(Visit& visit, Operation operation, const std::string& error) {
  PageData data = MakeObject();
  if (!error.empty()) data.set("error", error);
  return parts_.host.Page(visit, operation == Operation::kUnlock ? "unlock" : "reset",
                          std::move(data), error.empty() ? 200 : 400);
}

HttpReply ProofPages::Start(Visit& visit, const Form& form, Operation operation) {
  StartRequest request;
  request.username = form.Find("username");
  request.capabilities = kPortalKnows;
  request.operation = operation;
  const auto fault = [&](const char* key) {
    return ShowStart(visit, operation, parts_.host.Text(visit, key));
  };
  if (request.username.empty()) return fault("reset.fill_in");
  const auto started = parts_.flows.Start(visit.caller, request);
  if (const auto* const reply = std::get_if<StartReply>(&started)) {
    return Begin(visit, operation == Operation::kUnlock ? "unlock" : "reset",
                 reply->continuation_token, reply->gates);
  }
  const auto* const refusal = std::get_if<Refusal>(&started);
  if (refusal == nullptr) return fault("proof.impossible");
  if (refusal->code == RefusalCode::kTooManyAttempts) {
    return ShowStart(
        visit, operation,
        parts_.host.Text(visit, "proof.limited",
                         {{"minutes", MinutesText(refusal->retry_after_seconds.value_or(60))}}));
  }
  if (refusal->code == RefusalCode::kUnlockDisabled) return fault("unlock.disabled");
  if (refusal->code == RefusalCode::kInvalidRequest) return fault("reset.bad_name");
  return fault("error.internal");
}

// --- the flow

HttpReply ProofPages::Begin(Visit& visit, const char* flow, const std::string& token,
                            const GateState& gates) {
  parts_.people.End(visit.session_token);
  parts_.guests.End(visit.session_token);
  PageSession session;
  session.state["flow"] = flow;
  PutToken(session, token);
  PutGates(session, gates);
  parts_.host.PutSession(visit, parts_.guests.Begin("", session.state, false));
  return parts_.host.Go(visit, "/proof");
}

HttpReply ProofPages::Over(Visit& visit, const char* error) {
  parts_.guests.End(visit.session_token);
  parts_.host.PutSession(visit, {});
  return parts_.host.Fault(visit, 400, error);
}

HttpReply ProofPages::Keep(Visit& visit, PageSession& session) {
  if (!parts_.guests.Save(session)) return parts_.host.Fault(visit, 409, "proof.parallel");
  return parts_.host.Go(visit, "/proof");
}

HttpReply ProofPages::Advance(Visit& visit, PageSession& session) {
  std::string token = parts_.guests.Renew(session, false);
  if (token.empty()) return parts_.host.Fault(visit, 409, "proof.parallel");
  parts_.host.PutSession(visit, std::move(token));
  return parts_.host.Go(visit, "/proof");
}

void ProofPages::PutToken(PageSession& session, const std::string& token) {
  session.state["token"] = parts_.guests.Seal(token);
}

std::string ProofPages::TokenOf(const PageSession& session) const {
  const auto token = parts_.guests.Unseal(session.state["token"].asString());
  return token ? std::string(token->Reveal()) : std::string();
}

HttpReply ProofPages::Refused(Visit& visit, PageSession& session, const Refusal& refusal) {
  if (!refusal.continuation_token.empty()) PutToken(session, refusal.continuation_token);
  if (const char* const key = PasswordFault(refusal.code)) {
    PutError(session, key);
    return Keep(visit, session);
  }
  if (refusal.code == RefusalCode::kWrongCode) {
    const int left = refusal.attempts_left.value_or(0);
    if (left <= 0) session.state["step"] = "method";
    PutError(session, left > 0 ? "proof.wrong" : "proof.no_tries", left);
    return Keep(visit, session);
  }
  if (refusal.code == RefusalCode::kSecondGateRequired && refusal.gates) {
    PutGates(session, *refusal.gates);
    session.state.removeMember("error");
    return Advance(visit, session);
  }
  if (refusal.code == RefusalCode::kTooManyAttempts) {
    session.state["step"] = "method";
    PutError(session, "proof.limited", refusal.retry_after_seconds.value_or(60));
    return Keep(visit, session);
  }
  if (refusal.code == RefusalCode::kAccountNotLocked) return Over(visit, "unlock.not_locked");
  if (refusal.code == RefusalCode::kUnlockDisabled) return Over(visit, "unlock.disabled");
  if (refusal.code == RefusalCode::kInternal)
    return parts_.host.Fault(visit, 503, "error.internal");
  return Over(visit, "proof.over");
}

}  // namespace sspr::service
