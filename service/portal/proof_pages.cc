// SPDX-License-Identifier: Apache-2.0
// State of a guest: {flow, step, token, methods, required, completed, kind, target, length,
// questions, rules, error, number}.
#include "service/portal/proof_pages.h"

#include <string_view>
#include <vector>

#include "service/methods/method_kind.h"

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

constexpr std::string_view kSignInFlow = "sign_in";
constexpr std::string_view kUnlockFlow = "unlock";

Json::Value MethodsOf(const GateState& gates) {
  Json::Value methods(Json::arrayValue);
  std::vector<MethodOffer> offers = gates.methods;
  std::ranges::stable_partition(offers, &MethodOffer::is_default);
  for (const MethodOffer& offer : offers) {
    Json::Value method(Json::objectValue);
    method["id"] = offer.id;
    method["kind"] = static_cast<int>(offer.kind);
    method["hint"] = offer.hint;
    methods.append(std::move(method));
  }
  return methods;
}

void PutGates(PageSession& session, const GateState& gates) {
  session.state["methods"] = MethodsOf(gates);
  session.state["required"] = gates.required;
  session.state["completed"] = gates.completed;
  session.state["step"] = "method";
}

void PutError(PageSession& session, const char* key, int number = 0) {
  session.state["error"] = key;
  session.state["number"] = number;
}

MethodKind KindOf(const Json::Value& value) {
  const int number = value.isInt() ? value.asInt() : 0;
  for (const MethodTraits& traits : kMethodTraits) {
    if (static_cast<int>(traits.kind) == number) return traits.kind;
  }
  return MethodKind::kEmailCode;
}

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

HttpReply ProofPages::Choose(Visit& visit, const Form& form) {
  auto session = parts_.guests.Open(visit.session_token);
  if (!session) return Over(visit, "proof.over");
  const std::string token = TokenOf(*session);
  const std::string_view method = form.Find("method");
  const bool is_sign_in = session->state["flow"].asString() == kSignInFlow;
  const auto reply = is_sign_in ? parts_.flows.SecondFactorChallenge(visit.caller, token, method)
                                : parts_.flows.Challenge(visit.caller, token, method);
  if (const auto* const refusal = std::get_if<Refusal>(&reply)) {
    return Refused(visit, *session, *refusal);
  }
  const auto* const challenge = std::get_if<ChallengeReply>(&reply);
  if (challenge == nullptr) return Over(visit, "proof.impossible");
  PutToken(*session, challenge->continuation_token);
  Json::Value& state = session->state;
  state["step"] = challenge->kind == MethodKind::kQuestions ? "answers" : "code";
  state["kind"] = static_cast<int>(challenge->kind);
  state["method"] = challenge->method_id;
  state["target"] = challenge->target_label;
  state["length"] = challenge->code_length;
  state["questions"] = Json::Value(Json::arrayValue);
  for (const Question& question : challenge->questions) state["questions"].append(question.text);
  state.removeMember("error");
  return Keep(visit, *session);
}

HttpReply ProofPages::Proved(Visit& visit, PageSession& session,
                             const Reply<ContinueReply>& reply) {
  if (const auto* const refusal = std::get_if<Refusal>(&reply)) {
    return Refused(visit, session, *refusal);
  }
  const auto* const proved = std::get_if<ContinueReply>(&reply);
  if (proved == nullptr) return Over(visit, "proof.impossible");
  PutToken(session, proved->continuation_token);
  Json::Value& state = session.state;
  state["step"] = state["flow"].asString() == kUnlockFlow ? "unlock" : "password";
  state["min_length"] = proved->policy.min_length;
  state["min_classes"] = proved->policy.min_classes;
  state.removeMember("error");
  return Advance(visit, session);
}

HttpReply ProofPages::EnterCode(Visit& visit, const Form& form) {
  auto session = parts_.guests.Open(visit.session_token);
  if (!session) return Over(visit, "proof.over");
  const Form::SecretField& code = form.FindSecret("oob");
  if (code.state != Form::SecretState::kFits) {
    PutError(*session, "proof.fill_in");
    return Keep(visit, *session);
  }
  const MethodKind kind = KindOf(session->state["kind"]);
  const std::string token = TokenOf(*session);
  if (session->state["flow"].asString() != kSignInFlow) {
    return Proved(visit, *session, parts_.flows.Continue(visit.caller, token, kind, code.value));
  }
  const auto judged = parts_.flows.SignInWithSecondFactor(visit.caller, token, kind, code.value);
  if (const auto* const who = std::get_if<SignedIn>(&judged)) return Welcome(visit, *who);
  const auto* const refusal = std::get_if<Refusal>(&judged);
  return refusal == nullptr ? Over(visit, "proof.impossible") : Refused(visit, *session, *refusal);
}

HttpReply ProofPages::EnterAnswers(Visit& visit, const Form& form) {
  auto session = parts_.guests.Open(visit.session_token);
  if (!session) return Over(visit, "proof.over");
  std::vector<Secret> answers;
  const Json::ArrayIndex count = session->state["questions"].size();
  for (Json::ArrayIndex i = 1; i <= count; ++i) {
    const Form::SecretField& answer = form.FindSecret("answer_" + std::to_string(i));
    auto copy = Secret::CopyOf(answer.value.Reveal());
    answers.push_back(copy ? std::move(*copy) : Secret());
  }
  return Proved(visit, *session,
                parts_.flows.ContinueWithAnswers(visit.caller, TokenOf(*session), answers));
}

HttpReply ProofPages::EnterPassword(Visit& visit, const Form& form) {
  auto session = parts_.guests.Open(visit.session_token);
  if (!session) return Over(visit, "proof.over");
  const Form::SecretField& first = form.FindSecret("new_password");
  const Form::SecretField& again = form.FindSecret("new_password_again");
  const char* fault = nullptr;
  if (first.state == Form::SecretState::kTooLong) fault = "password.too_long";
  if (first.state == Form::SecretState::kAbsent) fault = "password.fill_in";
  if (fault == nullptr && !first.value.SameAs(again.value)) fault = "password.different";
  if (fault != nullptr) {
    PutError(*session, fault);
    return Keep(visit, *session);
  }
  return Finish(visit, *session,
                parts_.flows.Submit(visit.caller, TokenOf(*session), first.value, ""));
}

HttpReply ProofPages::Unlock(Visit& visit) {
  auto session = parts_.guests.Open(visit.session_token);
  if (!session) return Over(visit, "proof.over");
  return Finish(visit, *session, parts_.flows.Unlock(visit.caller, TokenOf(*session)));
}

HttpReply ProofPages::Finish(Visit& visit, PageSession& session, const Reply<SubmitReply>& reply) {
  if (const auto* const refusal = std::get_if<Refusal>(&reply)) {
    return Refused(visit, session, *refusal);
  }
  const auto* const submitted = std::get_if<SubmitReply>(&reply);
  if (submitted == nullptr) return Over(visit, "proof.impossible");
  if (submitted->status == TransactionStatus::kPending) {
    PutToken(session, submitted->continuation_token);
    session.state["step"] = "waiting";
    session.state.removeMember("error");
    return Keep(visit, session);
  }
  if (submitted->status != TransactionStatus::kSucceeded) return Over(visit, "proof.not_set");
  const bool is_unlock = session.state["flow"].asString() == kUnlockFlow;
  parts_.guests.End(visit.session_token);
  parts_.host.PutSession(visit, {});
  return parts_.host.Page(visit, is_unlock ? "unlocked" : "changed", MakeObject());
}

HttpReply ProofPages::Cancel(Visit& visit) {
  parts_.guests.End(visit.session_token);
  parts_.host.PutSession(visit, {});
  return parts_.host.Go(visit, "");
}

HttpReply ProofPages::ShowProof(Visit& visit) {
  auto session = parts_.guests.Open(visit.session_token);
  if (!session) {
    if (parts_.people.Open(visit.session_token)) return parts_.host.Go(visit, "/methods");
    return Over(visit, "proof.over");
  }
  if (session->state["step"].asString() == "waiting") {
    const auto polled = parts_.flows.Poll(visit.caller, TokenOf(*session));
    const auto* const reply = std::get_if<SubmitReply>(&polled);
    if (reply == nullptr || reply->status != TransactionStatus::kPending) {
      return Finish(visit, *session, polled);
    }
  }
  return ShowStep(visit, *session);
}

HttpReply ProofPages::ShowStep(Visit& visit, const PageSession& session) {
  const Json::Value& state = session.state;
  const PageHost& host = parts_.host;
  PageData data = MakeObject();
  const std::string flow = state["flow"].asString();
  data.set("is_" + flow, true);
  if (state.isMember("error")) {
    const std::string number = std::to_string(state["number"].asInt());
    data.set("error", host.Text(visit, state["error"].asString(),
                                {{"count", number},
                                 {"length", std::to_string(state["min_length"].asInt())},
                                 {"minutes", MinutesText(state["number"].asInt())}}));
  }
  const int required = state["required"].asInt();
  if (required > 1 && flow != kSignInFlow) {
    data.set("progress", host.Text(visit, "proof.progress",
                                   {{"number", std::to_string(state["completed"].asInt() + 1)},
                                    {"total", std::to_string(required)}}));
  }
  const std::string step = state["step"].asString();
  const auto kind_text = [&](const char* prefix, const Json::Value& kind) {
    return host.Text(visit, std::string(prefix) + Name(KindOf(kind)));
  };
  if (step == "method") {
    PageData methods = MakeList();
    for (const Json::Value& one : state["methods"]) {
      PageData method = MakeObject();
      method.set("id", one["id"].asString());
      method.set("name", kind_text("choose.", one["kind"]));
      const bool has_target = IsSent(KindOf(one["kind"]));
      if (has_target) method.set("hint", one["hint"].asString());
      methods << method;
    }
    data.set("has_methods", !state["methods"].empty());
    data.set("methods", methods);
    return host.Page(visit, "proof_method", std::move(data));
  }
  if (step == "answers") {
    PageData questions = MakeList();
    int number = 0;
    for (const Json::Value& text : state["questions"]) {
      PageData question = MakeObject();
      question.set("number", std::to_string(++number));
      question.set("text", text.asString());
      questions << question;
    }
    data.set("questions", questions);
    return host.Page(visit, "proof_answers", std::move(data));
  }
  if (step == "code") {
    const MethodKind kind = KindOf(state["kind"]);
    data.set("explain", host.Text(visit, std::string("enter.") + Name(kind),
                                  {{"target", LeftToRight(state["target"].asString())}}));
    data.set("digits", TraitsOf(kind).form != ProofForm::kBase32);
    data.set("can_resend", IsSent(kind));
    data.set("method", state["method"].asString());
    data.set("length", std::to_string(state["length"].asInt()));
    return host.Page(visit, "proof_code", std::move(data));
  }
  if (step == "unlock") return host.Page(visit, "proof_unlock", std::move(data));
  if (step == "waiting") return host.Page(visit, "proof_waiting", std::move(data));
  data.set("length_rule", host.Text(visit, "password.rule_length",
                                    {{"length", std::to_string(state["min_length"].asInt())}}));
  if (const int classes = state["min_classes"].asInt(); classes > 1) {
    data.set("class_rule",
             host.Text(visit, "password.rule_classes", {{"count", std::to_string(classes)}}));
  }
  return host.Page(visit, "proof_password", std::move(data));
}

}  // namespace sspr::service
