// SPDX-License-Identifier: Apache-2.0
#include "service/portal/account_pages.h"

#include "service/methods/method_kind.h"
#include "service/portal/pending_code.h"
#include "service/portal/portal_session.h"
#include "service/portal/qr_picture.h"

namespace sspr::service {
namespace {

// The names of what may be added, as they stand in addresses.
constexpr std::pair<std::string_view, MethodKind> kAddable[] = {
    {"email", MethodKind::kEmailCode},     {"sms", MethodKind::kSmsCode},
    {"voice", MethodKind::kVoiceCode},     {"app", MethodKind::kAuthenticatorCode},
    {"questions", MethodKind::kQuestions}, {"codes", MethodKind::kRecoveryCode},
};

std::optional<MethodKind> AddableKind(std::string_view word) {
  for (const auto& [name, kind] : kAddable) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

std::string WordOf(MethodKind kind) {
  for (const auto& [name, of_kind] : kAddable) {
    if (of_kind == kind) return std::string(name);
  }
  return {};
}

std::string DateText(UnixSeconds at) {
  const std::time_t seconds = at;
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "?";
  char text[32];
  return LeftToRight({text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)});
}

std::string HourText(UnixSeconds at) {
  const std::time_t seconds = at;
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "?";
  char text[32];
  return LeftToRight({text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)});
}

bool MayAdd(const AccountView& view, MethodKind kind) {
  return std::ranges::find(view.registrable, kind) != view.registrable.end();
}

}  // namespace

void AccountPages::Get(const char* path, View view, bool fresh) {
  parts_.host.OnGet(path, [this, view, fresh](Visit& visit) {
    auto session = parts_.people.Open(visit.session_token);
    if (!session) return SignInFirst(visit, "sign_in.first");
    if (fresh && parts_.clock.Now() - session->record.proved_at > kFreshSeconds) {
      return SignInFirst(visit, "sign_in.again");
    }
    return (this->*view)(visit, *session);
  });
}

void AccountPages::Post(const char* path, Work work) {
  parts_.host.OnPost(path, [this, work](Visit& visit, const Form& form) {
    auto session = parts_.people.Open(visit.session_token);
    if (!session) return SignInFirst(visit, "sign_in.first");
    if (parts_.clock.Now() - session->record.proved_at > kFreshSeconds) {
      return SignInFirst(visit, "sign_in.again");
    }
    return (this->*work)(visit, *session, form);
  });
}

void AccountPages::AddRoutes() {
  Get("/methods", &AccountPages::ShowMethods);
  Get("/methods/*", &AccountPages::ShowMethods);
  Get("/add/*", &AccountPages::ShowAdd, true);
  Get("/remove/*", &AccountPages::ShowRemove, true);
  Get("/confirm", &AccountPages::ShowConfirm, true);
  Post("/add/app", &AccountPages::AddApp);
  Post("/add/questions", &AccountPages::AddQuestions);
  Post("/add/codes", &AccountPages::MakeCodes);
  Post("/add/*", &AccountPages::AddAddress);
  Post("/test", &AccountPages::Test);
  Post("/confirm", &AccountPages::Confirm);
  Post("/confirm/resend", &AccountPages::Resend);
  Post("/remove", &AccountPages::Remove);
  Post("/prefer", &AccountPages::Prefer);
  Post("/still-right", &AccountPages::ConfirmAll);
  Post("/sign-out", &AccountPages::SignOut);
}

HttpReply AccountPages::SignInFirst(Visit& visit, const char* why) {
  if (!visit.session_token.empty()) {
    parts_.people.End(visit.session_token);
    parts_.host.PutSession(visit, {});
  }
  PageData data = MakeObject();
  data.set("error", parts_.host.Text(visit, why));
  return parts_.host.Page(visit, "sign_in", std::move(data), 401);
}

PageData AccountPages::Signed() const {
  PageData data = MakeObject();
  data.set("signed_in", true);
  return data;
}

AccountCaller AccountPages::Who(const Visit& visit, const PageSession& session) const {
  return {.caller = visit.caller, .user_id = session.subject()};
}

HttpReply AccountPages::ShowMethods(Visit& visit, PageSession& session) {
  const auto reply = parts_.accounts.Show(Who(visit, session));
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    return Refused(visit, *refusal);
  }
  const AccountView& view = std::get<AccountView>(reply);
  const PageHost& host = parts_.host;
  PageData data = Signed();
  data.set("wide", true);
  data.set("username", view.username);
  data.set("name", view.display_name.empty() ? view.username : view.display_name);
  PageData methods = MakeList();
  for (const AccountMethod& one : view.methods) {
    PageData method = MakeObject();
    method.set("id", one.id);
    method.set("kind", host.Text(visit, std::string("method.") + Name(one.kind)));
    method.set("label", one.label.empty() ? host.Text(visit, "method.app_label") : one.label);
    method.set("added", host.Text(visit, "methods.added", {{"date", DateText(one.added_at)}}));
    if (one.usable_from != 0) {
      method.set("cooling",
                 host.Text(visit, "methods.cooling", {{"time", HourText(one.usable_from)}}));
    }
    method.set("is_default", one.is_default);
    method.set("can_prefer", !one.is_default && view.methods.size() > 1);
    methods << method;
  }
  data.set("methods", methods);
  data.set("any", !view.methods.empty());
  if (view.questions > 0) {
    data.set("questions",
             host.Text(visit, "methods.questions", {{"count", std::to_string(view.questions)}}));
  }
  if (view.recovery_codes > 0) {
    data.set("codes",
             host.Text(visit, "methods.codes", {{"count", std::to_string(view.recovery_codes)}}));
  }
  PageData addable = MakeList();
  for (const MethodKind kind : view.registrable) {
    const std::string word = WordOf(kind);
    const bool is_there = (kind == MethodKind::kQuestions && view.questions > 0) ||
                          (kind == MethodKind::kRecoveryCode && view.recovery_codes > 0);
    if (word.empty() || is_there) continue;
    PageData entry = MakeObject();
    entry.set("word", word);
    entry.set("name", host.Text(visit, std::string("add.") + Name(kind)));
    entry.set("hint", host.Text(visit, std::string("add_hint.") + Name(kind)));
    addable << entry;
  }
  data.set("addable", addable);
  data.set("can_add", addable.is_non_empty_list());
  data.set("confirm_due", view.confirm_due);
  const char* state = "methods.state_ready";
  if (!view.is_registered) {
    state = view.will_be_registered ? "methods.state_cooling" : "methods.state_missing";
  }
  if (!view.in_scope) state = "methods.state_out";
  data.set("state", host.Text(visit, state, {{"count", std::to_string(view.required_gates)}}));
  data.set("ready", view.is_registered && view.in_scope);
  if (!visit.rest.empty()) {
    const std::string key = "done." + visit.rest;
    const std::string text = host.Text(visit, key);
    if (!text.starts_with("[[")) data.set("done", text);
  }
  return host.Page(visit, "methods", std::move(data));
}

HttpReply AccountPages::AddForm(Visit& visit, PageSession& session, const std::string& what,
                                const std::string& typed, const std::string& error) {
  const auto kind = AddableKind(what);
  const auto reply = parts_.accounts.Show(Who(visit, session));
  const auto* const view = std::get_if<AccountView>(&reply);
  if (view == nullptr) return Refused(visit, std::get<AccountRefusal>(reply));
  if (!kind || !MayAdd(*view, *kind)) return parts_.host.Fault(visit, 404, "error.not_found");
  if (*kind == MethodKind::kQuestions) return QuestionsForm(visit, *view, nullptr, error);
  PageData data = Signed();
  const PageHost& host = parts_.host;
  data.set("what", what);
  data.set("heading", host.Text(visit, std::string("add.") + Name(*kind)));
  data.set("explain", host.Text(visit, std::string("add_explain.") + Name(*kind)));
  data.set("is_email", *kind == MethodKind::kEmailCode);
  data.set("is_phone", IsPhone(*kind));
  data.set("typed", typed);
  if (*kind == MethodKind::kAuthenticatorCode) {
    data.set("replaces",
             std::ranges::find(view->methods, *kind, &AccountMethod::kind) != view->methods.end());
  }
  data.set("replaces_codes", *kind == MethodKind::kRecoveryCode && view->recovery_codes > 0);
  if (!error.empty()) data.set("error", error);
  const bool has_field = IsSent(*kind);
  return host.Page(visit, has_field ? "add_address" : "add_begin", std::move(data),
                   error.empty() ? 200 : 400);
}

HttpReply AccountPages::ShowAdd(Visit& visit, PageSession& session) {
  return AddForm(visit, session, visit.rest, {}, {});
}

HttpReply AccountPages::QuestionsForm(Visit& visit, const AccountView& view, const Form* typed,
                                      const std::string& error) {
  const PageHost& host = parts_.host;
  constexpr int kListed = 12;
  PageData data = Signed();
  PageData rows = MakeList();
  for (int i = 1; i <= view.questions_to_register; ++i) {
    const std::string number = std::to_string(i);
    const std::string chosen(typed != nullptr ? typed->Find("question_" + number)
                                              : std::string_view());
    PageData row = MakeObject();
    row.set("number", number);
    PageData listed = MakeList();
    for (int j = 1; j <= kListed; ++j) {
      PageData option = MakeObject();
      option.set("value", std::to_string(j));
      option.set("text", host.Text(visit, "question." + std::to_string(j)));
      option.set("chosen", chosen.empty() ? j == i : chosen == std::to_string(j));
      listed << option;
    }
    row.set("listed", listed);
    row.set("own", view.own_questions);
    row.set("own_chosen", chosen == "own");
    row.set("own_text",
            std::string(typed != nullptr ? typed->Find("own_" + number) : std::string_view()));
    rows << row;
  }
  data.set("rows", rows);
  data.set("lead", host.Text(visit, "questions.lead",
                             {{"count", std::to_string(view.questions_to_register)}}));
  if (!error.empty()) data.set("error", error);
  return host.Page(visit, "add_questions", std::move(data), error.empty() ? 200 : 400);
}

HttpReply AccountPages::AddAddress(Visit& visit, PageSession& session, const Form& form) {
  const auto kind = AddableKind(visit.rest);
  if (!kind || !IsSent(*kind)) return parts_.host.Fault(visit, 404, "error.not_found");
  std::string typed(form.Find("address"));
  while (typed.ends_with(' ')) typed.pop_back();
  while (typed.starts_with(' ')) typed.erase(0, 1);
  const auto reply = parts_.accounts.BeginAddress(Who(visit, session), *kind, typed);
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    if (refusal->fault == AccountFault::kGone) return Refused(visit, *refusal);
    return AddForm(visit, session, visit.rest, typed, FaultText(visit, *refusal));
  }
  return Await(visit, session, std::get<PendingCode>(reply));
}

HttpReply AccountPages::AddApp(Visit& visit, PageSession& session, const Form&) {
  const auto reply = parts_.accounts.BeginApp(Who(visit, session));
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    return Refused(visit, *refusal);
  }
  return Await(visit, session, std::get<PendingApp>(reply).pending);
}

HttpReply AccountPages::Test(Visit& visit, PageSession& session, const Form& form) {
  const auto reply = parts_.accounts.BeginTest(Who(visit, session), form.Find("method"));
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    return Refused(visit, *refusal);
  }
  return Await(visit, session, std::get<PendingCode>(reply));
}

HttpReply AccountPages::Resend(Visit& visit, PageSession& session, const Form&) {
  const auto pending = ReadPending(session.state["pending"]);
  if (!pending || !IsSent(pending->kind)) return parts_.host.Fault(visit, 400, "account.expired");
  const AccountCaller who = Who(visit, session);
  const auto reply = pending->tested_method.empty()
                         ? parts_.accounts.BeginAddress(who, pending->kind, pending->target)
                         : parts_.accounts.BeginTest(who, pending->tested_method);
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    return Refused(visit, *refusal);
  }
  return Await(visit, session, std::get<PendingCode>(reply));
}

HttpReply AccountPages::Await(Visit& visit, PageSession& session, const PendingCode& pending) {
  session.state["pending"] = WritePending(pending);
  session.state.removeMember("error");
  if (!parts_.people.Save(session)) return parts_.host.Fault(visit, 409, "proof.parallel");
  return parts_.host.Go(visit, "/confirm");
}

HttpReply AccountPages::ShowConfirm(Visit& visit, PageSession& session) {
  const auto pending = ReadPending(session.state["pending"]);
  if (!pending) return parts_.host.Go(visit, "/methods");
  const PageHost& host = parts_.host;
  PageData data = Signed();
  const bool is_test = !pending->tested_method.empty();
  if (session.state.isMember("error")) {
    data.set("error", host.Text(visit, session.state["error"].asString()));
  }
  data.set("length", std::to_string(pending->code_length));
  data.set("can_resend", IsSent(pending->kind));
  data.set("is_test", is_test);
  const bool is_new_app = pending->kind == MethodKind::kAuthenticatorCode && !is_test;
  if (!is_new_app) {
    data.set("explain", host.Text(visit, std::string("enter.") + Name(pending->kind),
                                  {{"target", LeftToRight(pending->target)}}));
    return host.Page(visit, "confirm", std::move(data));
  }
  // The secret is shown once: whoever comes back to an open browser does not find it.
  if (!session.state["shown"].isString() || session.state["shown"].asString() != pending->id) {
    const auto shown = parts_.accounts.ShowApp(Who(visit, session), *pending);
    if (const auto* const refusal = std::get_if<AccountRefusal>(&shown)) {
      return Refused(visit, *refusal);
    }
    session.state["shown"] = pending->id;
    if (!parts_.people.Save(session)) return host.Fault(visit, 409, "proof.parallel");
    const AppSecret& secret = std::get<AppSecret>(shown);
    data.set("show_secret", true);
    data.set("qr", QrPicture(secret.otpauth_uri.Reveal(), host.Text(visit, "app.qr")));
    data.set("key", std::string(secret.base32_secret.Reveal()));
    data.set("link", std::string(secret.otpauth_uri.Reveal()));
  }
  return host.Page(visit, "confirm_app", std::move(data));
}

HttpReply AccountPages::Confirm(Visit& visit, PageSession& session, const Form& form) {
  const auto pending = ReadPending(session.state["pending"]);
  if (!pending) return parts_.host.Fault(visit, 400, "account.expired");
  const Form::SecretField& code = form.FindSecret("oob");
  if (code.state != Form::SecretState::kFits) {
    session.state["error"] = "proof.fill_in";
    if (!parts_.people.Save(session)) return parts_.host.Fault(visit, 409, "proof.parallel");
    return parts_.host.Go(visit, "/confirm");
  }
  const auto reply = parts_.accounts.Confirm(Who(visit, session), *pending, code.value);
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    if (refusal->fault != AccountFault::kWrongCode) {
      session.state.removeMember("pending");
      parts_.people.Save(session);
      return Refused(visit, *refusal);
    }
    session.state["error"] = "account.wrong";
    if (!parts_.people.Save(session)) return parts_.host.Fault(visit, 409, "proof.parallel");
    return parts_.host.Go(visit, "/confirm");
  }
  const bool is_test = !pending->tested_method.empty();
  const bool cools = std::get<AccountMethod>(reply).usable_from != 0;
  session.state.removeMember("pending");
  session.state.removeMember("error");
  return Done(visit, session, is_test ? "tested" : cools ? "added_cooling" : "added");
}

HttpReply AccountPages::AddQuestions(Visit& visit, PageSession& session, const Form& form) {
  const AccountCaller who = Who(visit, session);
  const auto shown = parts_.accounts.Show(who);
  const auto* const view = std::get_if<AccountView>(&shown);
  if (view == nullptr) return Refused(visit, std::get<AccountRefusal>(shown));
  if (!MayAdd(*view, MethodKind::kQuestions)) {
    return parts_.host.Fault(visit, 404, "error.not_found");
  }
  std::vector<QuestionAndAnswer> questions;
  for (int i = 1; i <= view->questions_to_register; ++i) {
    const std::string number = std::to_string(i);
    const std::string chosen(form.Find("question_" + number));
    QuestionAndAnswer entry;
    if (chosen == "own" && view->own_questions) {
      entry.question = form.Find("own_" + number);
    } else {
      const std::string text = parts_.host.Text(visit, "question." + chosen);
      if (!text.starts_with("[[")) entry.question = text;
    }
    auto answer = Secret::CopyOf(form.FindSecret("answer_" + number).value.Reveal());
    if (answer) entry.answer = std::move(*answer);
    questions.push_back(std::move(entry));
  }
  const auto reply = parts_.accounts.SetQuestions(who, questions);
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    return QuestionsForm(visit, *view, &form, FaultText(visit, *refusal));
  }
  return Done(visit, session, "questions");
}

HttpReply AccountPages::MakeCodes(Visit& visit, PageSession& session, const Form&) {
  const auto reply = parts_.accounts.MakeRecoveryCodes(Who(visit, session));
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    return Refused(visit, *refusal);
  }
  // Under a new token the form that asked for them cannot be sent a second time.
  std::string token = parts_.people.Renew(session, false);
  if (!token.empty()) parts_.host.PutSession(visit, std::move(token));
  PageData data = Signed();
  PageData codes = MakeList();
  for (const SecretBuffer<64>& code : std::get<RecoveryCodes>(reply).codes) {
    PageData entry = MakeObject();
    entry.set("code", std::string(code.Reveal()));
    codes << entry;
  }
  data.set("codes", codes);
  return parts_.host.Page(visit, "recovery_codes", std::move(data));
}

HttpReply AccountPages::ShowRemove(Visit& visit, PageSession& session) {
  const auto reply = parts_.accounts.Show(Who(visit, session));
  const auto* const view = std::get_if<AccountView>(&reply);
  if (view == nullptr) return Refused(visit, std::get<AccountRefusal>(reply));
  PageData data = Signed();
  const PageHost& host = parts_.host;
  const auto found = std::ranges::find(view->methods, visit.rest, &AccountMethod::id);
  if (found != view->methods.end()) {
    data.set("what", host.Text(visit, std::string("method.") + Name(found->kind)));
    data.set("label", found->label);
  } else if (visit.rest == "questions" && view->questions > 0) {
    data.set("what", host.Text(visit, "method.questions"));
  } else if (visit.rest == "codes" && view->recovery_codes > 0) {
    data.set("what", host.Text(visit, "method.recovery_code"));
  } else {
    return host.Fault(visit, 404, "error.not_found");
  }
  data.set("id", visit.rest);
  const std::size_t all =
      view->methods.size() + (view->questions > 0 ? 1U : 0U) + (view->recovery_codes > 0 ? 1U : 0U);
  data.set("is_last", all == 1);
  return host.Page(visit, "remove", std::move(data));
}

HttpReply AccountPages::Remove(Visit& visit, PageSession& session, const Form& form) {
  const AccountCaller who = Who(visit, session);
  const std::string id(form.Find("method"));
  std::optional<AccountRefusal> refused;
  if (id == "questions" || id == "codes") {
    const auto reply = parts_.accounts.RemoveAll(
        who, id == "codes" ? MethodKind::kRecoveryCode : MethodKind::kQuestions);
    if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) refused = *refusal;
  } else {
    const auto reply = parts_.accounts.Remove(who, id);
    if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) refused = *refusal;
  }
  if (refused) return Refused(visit, *refused);
  return Done(visit, session, "removed");
}

HttpReply AccountPages::Prefer(Visit& visit, PageSession& session, const Form& form) {
  const auto reply = parts_.accounts.Prefer(Who(visit, session), form.Find("method"));
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    return Refused(visit, *refusal);
  }
  return Done(visit, session, "preferred");
}

HttpReply AccountPages::ConfirmAll(Visit& visit, PageSession& session, const Form&) {
  const auto reply = parts_.accounts.ConfirmAll(Who(visit, session));
  if (const auto* const refusal = std::get_if<AccountRefusal>(&reply)) {
    return Refused(visit, *refusal);
  }
  return Done(visit, session, "confirmed");
}

HttpReply AccountPages::SignOut(Visit& visit, PageSession&, const Form&) {
  parts_.people.End(visit.session_token);
  parts_.host.PutSession(visit, {});
  PageData data = MakeObject();
  data.set("done", parts_.host.Text(visit, "done.signed_out"));
  return parts_.host.Page(visit, "sign_in", std::move(data));
}

HttpReply AccountPages::Done(Visit& visit, PageSession& session, const char* name) {
  std::string token = parts_.people.Renew(session, false);
  if (!token.empty()) parts_.host.PutSession(visit, std::move(token));
  return parts_.host.Go(visit, std::string("/methods/") + name);
}

std::string AccountPages::FaultText(const Visit& visit, const AccountRefusal& refusal) const {
  const auto text = [&](const char* key) {
    return parts_.host.Text(
        visit, key,
        {{"number", std::to_string(refusal.number)}, {"minutes", MinutesText(refusal.number)}});
  };
  switch (refusal.fault) {
    case AccountFault::kGone:
      return text("sign_in.first");
    case AccountFault::kNoSuchMethod:
      return text("account.no_such_method");
    case AccountFault::kNotAllowed:
      return text("account.not_allowed");
    case AccountFault::kBadAddress:
      return text("account.bad_address");
    case AccountFault::kBadNumber:
      return text("account.bad_number");
    case AccountFault::kCountryNotAllowed:
      return text("account.bad_country");
    case AccountFault::kAlreadyThere:
      return text("account.already_there");
    case AccountFault::kTooManyMethods:
      return text("account.too_many");
    case AccountFault::kWrongCode:
      return text("account.wrong");
    case AccountFault::kExpired:
      return text("account.expired");
    case AccountFault::kLimited:
      return text("account.limited");
    case AccountFault::kBadQuestion:
      return text("account.bad_question");
    case AccountFault::kSameQuestion:
      return text("account.same_question");
    case AccountFault::kBadAnswer:
      return text("account.bad_answer");
    case AccountFault::kSameAnswer:
      return text("account.same_answer");
  }
  return {};
}

HttpReply AccountPages::Refused(Visit& visit, const AccountRefusal& refusal) {
  if (refusal.fault == AccountFault::kGone) return SignInFirst(visit, "sign_in.first");
  PageData data = Signed();
  data.set("error", FaultText(visit, refusal));
  const bool unknown = refusal.fault == AccountFault::kNoSuchMethod;
  return parts_.host.Page(visit, "refused", std::move(data), unknown ? 404 : 400);
}

}  // namespace sspr::service
