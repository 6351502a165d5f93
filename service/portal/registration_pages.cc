// SPDX-License-Identifier: Apache-2.0
// Registering and testing methods.
#include "service/methods/method_kind.h"
#include "service/portal/account_pages.h"
#include "service/portal/addable.h"
#include "service/portal/pending_code.h"
#include "service/portal/qr_picture.h"

namespace sspr::service {
namespace {

bool MayAdd(const AccountView& view, MethodKind kind) {
  return std::ranges::find(view.registrable, kind) != view.registrable.end();
}

}  // namespace

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

}  // namespace sspr::service
