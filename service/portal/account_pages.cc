// SPDX-License-Identifier: Apache-2.0
#include "service/portal/account_pages.h"

#include "service/methods/method_kind.h"
#include "service/portal/addable.h"
#include "service/portal/portal_session.h"

namespace sspr::service {
namespace {

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
    // What a phone or a key answers is tried where it is asked for, and chosen by name there.
    const bool is_typed = TraitsOf(one.kind).form != ProofForm::kAnsweredElsewhere;
    method.set("can_test", is_typed);
    method.set("can_prefer", is_typed && !one.is_default && view.methods.size() > 1);
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
