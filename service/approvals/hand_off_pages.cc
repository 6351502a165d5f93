// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/hand_off_pages.h"

#include "service/approvals/form_bytes.h"
#include "service/approvals/machine_name.h"
#include "service/methods/method_kind.h"
#include "service/portal/help_desk.h"

namespace sspr::service {
namespace {

constexpr int kLongestSeconds = 900;
constexpr int kLongestPause = 300;
constexpr char kFolder[] = "/portal/go";
constexpr char kCookie[] = "sspr-handoff";

const char* LeadKey(MethodKind kind) {
  switch (TraitsOf(kind).form) {
    case ProofForm::kSentDigits:
      return "go.proof_sent";
    case ProofForm::kAppDigits:
      return "go.proof_app";
    case ProofForm::kAnswers:
      return "go.proof_answers";
    case ProofForm::kBase32:
      return "go.proof_handed_out";
    case ProofForm::kAnsweredElsewhere:
      break;
  }
  return "go.proof_passkey";
}

bool HasDigits(MethodKind kind) {
  const ProofForm form = TraitsOf(kind).form;
  return form == ProofForm::kSentDigits || form == ProofForm::kAppDigits;
}

Json::Value StateOf(const ChallengeReply& challenge) {
  Json::Value state(Json::objectValue);
  state["kind"] = static_cast<int>(challenge.kind);
  state["passkey"] = ToBase64Url(challenge.passkey_challenge);
  state["questions"] = Json::Value(Json::arrayValue);
  for (const Question& question : challenge.questions) state["questions"].append(question.text);
  return state;
}

}  // namespace

Result<std::unique_ptr<HandOffPages>> HandOffPages::Make(Foundation& foundation, FlowService& flows,
                                                         const std::string& public_url,
                                                         Branding branding, Api::Log log) {
  try {
    auto pages = PageSet::Make({HandOffPageFiles()}, std::move(branding));
    if (!pages.ok()) return pages.error();
    return std::unique_ptr<HandOffPages>(
        new HandOffPages(foundation, flows, public_url, std::move(*pages), std::move(log)));
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, std::string("the pages of hand-offs: ") + error.what()};
  }
}

HandOffPages::HandOffPages(Foundation& foundation, FlowService& flows,
                           const std::string& public_url, PageSet pages, Api::Log log)
    : parts_(foundation.Parts()),
      gates_(parts_),
      hand_offs_(parts_, gates_),
      flows_(flows),
      passkey_host_(parts_.passkey_host),
      pages_(std::move(pages)),
      devices_(*foundation.database),
      table_(foundation.database),
      sessions_(table_, foundation.keys, foundation.random, foundation.clock(),
                {.purpose = "handoff",
                 .absolute_seconds = kLongestSeconds,
                 .idle_seconds = kLongestPause}),
      host_(
          {.public_url = public_url, .folder = kFolder, .session_cookie = kCookie, .client_id = {}},
          pages_, foundation.keys, foundation.random, foundation.clock(), std::move(log)) {
  host_.SetHelpDesk(HelpDeskOf(*foundation.store));
  host_.OnGet("", [this](Visit& visit) { return ShowCode(visit); });
  host_.OnPost("", [this](Visit& visit, const Form& form) { return TakeCode(visit, form); });
  host_.OnGet("/confirm", [this](Visit& visit) { return ShowConfirm(visit); });
  host_.OnPost("/confirm",
               [this](Visit& visit, const Form& form) { return TakeConfirm(visit, form); });
  host_.OnGet("/method", [this](Visit& visit) { return ShowMethods(visit); });
  host_.OnPost("/method",
               [this](Visit& visit, const Form& form) { return TakeMethod(visit, form); });
  host_.OnGet("/proof", [this](Visit& visit) { return ShowProof(visit); });
  host_.OnPost("/proof", [this](Visit& visit, const Form& form) { return TakeProof(visit, form); });
  host_.OnGet("/done", [this](Visit& visit) { return host_.Page(visit, "go_done", MakeObject()); });
  host_.OnGet("/refused",
              [this](Visit& visit) { return host_.Page(visit, "go_refused", MakeObject()); });
}

HttpReply HandOffPages::ShowCode(Visit& visit, const char* error_key) {
  PageData data = MakeObject();
  if (error_key != nullptr) data.set("error", host_.Text(visit, error_key));
  PageData scripts = MakeList();
  scripts << PageData(host_.Url("/assets/" + pages_.AssetName("handoff.js")));
  data.set("scripts", scripts);
  return host_.Page(visit, "go_code", std::move(data), error_key != nullptr ? 400 : 200);
}

HttpReply HandOffPages::TakeCode(Visit& visit, const Form& form) {
  auto taken = hand_offs_.Take(visit.caller, form.Find("user_code"));
  if (const Refusal* const refusal = std::get_if<Refusal>(&taken)) {
    return ShowCode(
        visit, refusal->code == RefusalCode::kTooManyAttempts ? "go.code_many" : "go.code_wrong");
  }
  const TakenHandOff& hand_off = *std::get_if<TakenHandOff>(&taken);
  Json::Value state(Json::objectValue);
  state["token"] = sessions_.Seal(hand_off.continuation_token);
  state["client"] = hand_off.client_id;
  state["flow"] = hand_off.flow_id;
  state["machine"] = MachineName(devices_, hand_off.machine);
  state["unlock"] = hand_off.operation == Operation::kUnlock;
  host_.PutSession(visit, sessions_.Begin("", state, false));
  return host_.Go(visit, "/confirm");
}

HttpReply HandOffPages::ShowConfirm(Visit& visit) {
  const auto session = sessions_.Open(visit.session_token);
  if (!session) return Over(visit);
  const std::string machine = session->state["machine"].asString();
  const bool unlock = session->state["unlock"].asBool();
  const char* key = unlock ? "go.what_unlock" : "go.what_reset";
  if (!machine.empty()) key = unlock ? "go.what_unlock_known" : "go.what_reset_known";
  PageData data = MakeObject();
  data.set("what", host_.Text(visit, key, {{"machine", machine}}));
  return host_.Page(visit, "go_confirm", std::move(data));
}

HttpReply HandOffPages::TakeConfirm(Visit& visit, const Form& form) {
  auto session = sessions_.Open(visit.session_token);
  if (!session) return Over(visit);
  if (form.Find("answer") != "yes") {
    hand_offs_.Refuse(session->state["flow"].asString());
    sessions_.End(visit.session_token);
    host_.PutSession(visit, "");
    return host_.Go(visit, "/refused");
  }
  session->state["confirmed"] = true;
  std::string token = sessions_.Renew(*session, false);
  if (token.empty()) return Over(visit);
  host_.PutSession(visit, std::move(token));
  return host_.Go(visit, "/method");
}

std::optional<PageSession> HandOffPages::Confirmed(Visit& visit) {
  auto session = sessions_.Open(visit.session_token);
  if (!session || !session->state["confirmed"].asBool()) return std::nullopt;
  return session;
}

Caller HandOffPages::CallerOf(const Visit& visit, const PageSession& session) const {
  return {.client_id = session.state["client"].asString(),
          .address = visit.caller.address,
          .correlation_id = visit.caller.correlation_id};
}

std::string HandOffPages::TokenOf(const PageSession& session) const {
  const auto token = sessions_.Unseal(session.state["token"].asString());
  return token ? std::string(token->Reveal()) : std::string();
}

HttpReply HandOffPages::Over(Visit& visit) {
  host_.PutSession(visit, "");
  return ShowCode(visit, "go.over");
}

HttpReply HandOffPages::ShowMethods(Visit& visit) {
  const auto session = Confirmed(visit);
  if (!session) return Over(visit);
  const auto reply = flows_.Introspect(CallerOf(visit, *session), TokenOf(*session));
  const auto* const listed = std::get_if<IntrospectReply>(&reply);
  if (listed == nullptr) return Over(visit);
  PageData methods = MakeList();
  bool any = false;
  for (const MethodOffer& offer : listed->gates.methods) {
    PageData entry = MakeObject();
    entry.set("id", offer.id);
    entry.set("label", host_.Text(visit, std::string("method.") + Name(offer.kind)));
    // The others' hints say the same as their labels.
    if (IsSent(offer.kind)) entry.set("hint", offer.hint);
    methods << entry;
    any = true;
  }
  PageData data = MakeObject();
  data.set("methods", methods);
  data.set("any", any);
  const int next = listed->gates.completed + 1;
  data.set("progress",
           host_.Text(visit, "go.progress",
                      {{"number", std::to_string(next)},
                       {"count", std::to_string(std::max(next, listed->gates.required))}}));
  return host_.Page(visit, "go_method", std::move(data));
}

HttpReply HandOffPages::TakeMethod(Visit& visit, const Form& form) {
  auto session = Confirmed(visit);
  if (!session) return Over(visit);
  const auto reply =
      flows_.Challenge(CallerOf(visit, *session), TokenOf(*session), form.Find("method"));
  const auto* const challenge = std::get_if<ChallengeReply>(&reply);
  if (challenge == nullptr) {
    const auto* const refusal = std::get_if<Refusal>(&reply);
    if (refusal == nullptr || refusal->code != RefusalCode::kTooManyAttempts) return Over(visit);
    PageData data = MakeObject();
    data.set("error", host_.Text(visit, "go.proof_many"));
    return host_.Page(visit, "fault", std::move(data), 400);
  }
  session->state["token"] = sessions_.Seal(challenge->continuation_token);
  session->state["challenge"] = StateOf(*challenge);
  if (!sessions_.Save(*session)) return Over(visit);
  return host_.Go(visit, "/proof");
}

HttpReply HandOffPages::ShowProof(Visit& visit, const char* error_key) {
  const auto session = Confirmed(visit);
  if (!session) return Over(visit);
  const Json::Value& challenge = session->state["challenge"];
  if (!challenge.isObject()) return host_.Go(visit, "/method");
  const auto kind = static_cast<MethodKind>(challenge["kind"].asInt());
  PageData data = MakeObject();
  if (error_key != nullptr) data.set("error", host_.Text(visit, error_key));
  data.set("lead", host_.Text(visit, LeadKey(kind)));
  data.set("passkey", kind == MethodKind::kPasskey);
  data.set("code", kind != MethodKind::kQuestions && kind != MethodKind::kPasskey);
  data.set("digits", HasDigits(kind));
  data.set("challenge", challenge["passkey"].asString());
  data.set("host", passkey_host_);
  PageData questions = MakeList();
  for (Json::ArrayIndex i = 0; i < challenge["questions"].size(); ++i) {
    PageData entry = MakeObject();
    entry.set("name", "answer_" + std::to_string(i + 1));
    entry.set("text", challenge["questions"][i].asString());
    questions << entry;
  }
  data.set("questions", questions);
  PageData scripts = MakeList();
  scripts << PageData(host_.Url("/assets/" + pages_.AssetName("passkey.js")));
  data.set("scripts", scripts);
  return host_.Page(visit, "go_proof", std::move(data), error_key != nullptr ? 400 : 200);
}

Reply<ContinueReply> HandOffPages::Prove(const Visit& visit, const PageSession& session,
                                         const Form& form) {
  const Json::Value& challenge = session.state["challenge"];
  const auto kind = static_cast<MethodKind>(challenge["kind"].asInt());
  const Caller caller = CallerOf(visit, session);
  const std::string token = TokenOf(session);
  if (kind == MethodKind::kPasskey) {
    return flows_.ContinueWithPasskey(
        caller, token,
        {.credential_id = FromBase64UrlText(form.Find("credential")),
         .client_data = FromBase64UrlText(form.Find("client_data")),
         .authenticator_data = FromBase64UrlText(form.Find("authenticator_data")),
         .signature = FromBase64UrlText(form.Find("signature"))});
  }
  if (kind == MethodKind::kQuestions) {
    std::vector<Secret> answers;
    for (Json::ArrayIndex i = 0; i < challenge["questions"].size(); ++i) {
      const Form::SecretField& field = form.FindSecret("answer_" + std::to_string(i + 1));
      std::optional<Secret> copy = Secret::CopyOf(field.value.Reveal());
      if (copy) answers.push_back(std::move(*copy));
    }
    return flows_.ContinueWithAnswers(caller, token, answers);
  }
  return flows_.Continue(caller, token, kind, form.FindSecret("oob").value);
}

HttpReply HandOffPages::TakeProof(Visit& visit, const Form& form) {
  auto session = Confirmed(visit);
  if (!session) return Over(visit);
  const auto reply = Prove(visit, *session, form);
  if (std::holds_alternative<ContinueReply>(reply)) {
    // The login screen gets a token of its own; this one is forgotten.
    sessions_.End(visit.session_token);
    host_.PutSession(visit, "");
    return host_.Go(visit, "/done");
  }
  const auto* const refusal = std::get_if<Refusal>(&reply);
  if (refusal == nullptr) return Over(visit);
  if (refusal->code == RefusalCode::kSecondGateRequired) {
    session->state["token"] = sessions_.Seal(refusal->continuation_token);
    session->state.removeMember("challenge");
    std::string token = sessions_.Renew(*session, false);
    if (token.empty()) return Over(visit);
    host_.PutSession(visit, std::move(token));
    return host_.Go(visit, "/method");
  }
  if (refusal->code == RefusalCode::kWrongCode) return ShowProof(visit, "go.proof_wrong");
  if (refusal->code == RefusalCode::kTooManyAttempts) return ShowProof(visit, "go.proof_many");
  return Over(visit);
}

}  // namespace sspr::service
