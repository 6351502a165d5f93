// SPDX-License-Identifier: Apache-2.0
// The steps of a proof: method, code, answers, new password.
#include "service/portal/proof_pages.h"
#include "service/portal/proof_state.h"

namespace sspr::service {

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
