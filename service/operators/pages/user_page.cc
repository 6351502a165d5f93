// SPDX-License-Identifier: Apache-2.0
#include "service/operators/pages/user_page.h"

#include "service/engine/engine_parts.h"
#include "service/engine/risk.h"
#include "service/methods/method_kind.h"
#include "service/policy/audience.h"
#include "service/policy/limits.h"

namespace sspr::service {
namespace {

std::string KindText(const AdminHost& admin, const AdminVisit& visit, MethodKind kind) {
  return admin.TextOr(visit, std::string("kind.") + Name(kind), Name(kind));
}

void PutFacts(AdminHost& admin, AdminVisit& visit, const UserRecord& user, PageData& data) {
  data.set("id", user.id);
  data.set("username", user.username);
  data.set("display_name", user.display_name);
  data.set("groups", GroupWords(user.groups));
  data.set("user_language", user.language);
  data.set("local_account", user.local_account);
  data.set("disabled", !user.enabled);
  data.set("enabled", user.enabled);
  data.set("created_at", PageTime(user.created_at));
  PutText(data, "changed_at", PageTime(user.password_changed_at));
  const auto risk = admin.foundation().store->FindRisk(user.id);
  const bool at_risk = risk && risk->state == RiskState::kAtRisk;
  data.set("at_risk", at_risk);
  if (at_risk) {
    data.set("risk", admin.Text(visit, "risk." + std::string(Name(risk->level))));
    data.set("risk_detail", risk->detail);
  }
  data.set("privileged", IsAdministrator(LoadPolicy(*admin.foundation().store), user.groups));
}

// Sign-in and methods that are closed for a while.
void PutLocks(AdminHost& admin, AdminVisit& visit, const UserRecord& user, PageData& data) {
  Foundation& foundation = admin.foundation();
  const UnixSeconds now = admin.Now();
  const Policy policy = LoadPolicy(*foundation.store);
  const std::string subject = SubjectOf(foundation.keys, user.username, user.username);
  PageData locks = MakeList();
  bool any = false;
  const auto add = [&](const std::string& what) {
    PageData lock = MakeObject();
    lock.set("what", what);
    locks << lock;
    any = true;
  };
  if (foundation.store->IsSignInLocked(subject, now)) add(admin.Text(visit, "user.sign_in"));
  for (const MethodTraits& traits : kMethodTraits) {
    const LimitVerdict verdict =
        foundation.store->Peek(MethodRules(policy, subject, traits.kind), now);
    if (!verdict.allowed) add(KindText(admin, visit, traits.kind));
  }
  data.set("locks", locks);
  data.set("locked", any);
}

void PutMethods(AdminHost& admin, AdminVisit& visit, const UserRecord& user, PageData& data) {
  PageData rows = MakeList();
  bool any = false;
  const auto service = visit.desk.For(OperatorAction::kSeeUsers);
  const auto methods = service.ok() ? (*service)->ListMethods(user.username)
                                    : Result<std::vector<MethodView>>(service.error());
  if (methods.ok()) {
    for (const MethodView& method : *methods) {
      PageData row = MakeObject();
      row.set("method_id", method.id);
      row.set("kind", KindText(admin, visit, method.kind));
      // The question of a person is theirs; a word of ours would be the kind once more.
      const bool has_hint = IsSent(method.kind);
      PutText(row, "hint", has_hint ? method.hint : std::string());
      row.set("added_at", PageTime(method.added_at));
      PutText(row, "expires_at", PageTime(method.expires_at));
      row.set("may_remove", visit.desk.MayDo(OperatorAction::kChangeUser));
      rows << row;
      any = true;
    }
  }
  data.set("methods", rows);
  data.set("no_methods", !any);
}

// Where the caller stands: nothing, a code is out, proved.
void PutCaller(AdminHost& admin, AdminVisit& visit, const UserRecord& user, PageData& data) {
  if (!visit.desk.MayDo(OperatorAction::kServeCaller)) return;
  const auto methods = visit.desk.CallerMethods(user.username);
  data.set("own", !methods.ok());
  if (!methods.ok()) return;
  data.set("may_serve", true);
  PageData rows = MakeList();
  for (const CallerMethod& method : *methods) {
    PageData row = MakeObject();
    row.set("method_id", method.id);
    row.set("kind", KindText(admin, visit, method.kind));
    PutText(row, "hint", method.hint);
    row.set("sent", IsSent(method.kind));
    rows << row;
  }
  data.set("caller_methods", rows);
  data.set("no_caller_methods", methods->empty());
  const auto proof = visit.desk.Proof(user.username);
  if (!proof.ok() || !*proof) return;
  data.set("proved", (*proof)->proved);
  data.set("code_open", !(*proof)->proved);
  data.set("proof_kind", KindText(admin, visit, (*proof)->kind));
}

void PutRights(const AdminVisit& visit, PageData& data) {
  data.set("may_unlock", visit.desk.MayDo(OperatorAction::kUnlockUser));
  data.set("may_change", visit.desk.MayDo(OperatorAction::kChangeUser));
}

HttpReply ShowPass(AdminHost& admin, AdminVisit& visit, const UserRecord& user,
                   const TemporaryPass& pass) {
  PageData data = MakeObject();
  data.set("is_pass", true);
  data.set("for", user.username);
  data.set("secret", std::string(pass.pass.Reveal()));
  data.set("until", PageTime(pass.expires_at));
  data.set("back", admin.host().Url("/users/" + user.id));
  return admin.Page(visit, "shown_once", std::move(data));
}

const Secret& CodeIn(const Form& form) {
  static const Secret kNone;
  const Form::SecretField& field = form.FindSecret("oob");
  return field.state == Form::SecretState::kFits ? field.value : kNone;
}

struct Step {
  Status status;
  const char* done;
  bool asked = false;  // it waits for another operator
};

Step StepOf(const Result<ChangeAnswer>& answer, const char* done) {
  if (!answer.ok()) return {Status(answer.error()), done};
  return {Ok(), done, std::holds_alternative<AskedFor>(*answer)};
}

// The forms of the page but the one for a pass.
std::optional<Step> DoStep(AdminVisit& visit, const std::string& name, std::string_view what,
                           const Form& form) {
  OperatorDesk& desk = visit.desk;
  const std::string method(form.Find("method"));
  if (what == "unlock") return Step{desk.Unlock(name), "unlocked"};
  if (what == "enable") return Step{desk.SetEnabled(name, true), "enabled"};
  if (what == "disable") return Step{desk.SetEnabled(name, false), "disabled"};
  if (what == "begin_proof") return Step{desk.BeginProof(name, method), "code_open"};
  if (what == "check_proof") return Step{desk.CheckProof(name, CodeIn(form)), "proved"};
  if (what == "remove_method") return Step{desk.RemoveMethod(name, method), "method_removed"};
  if (what == "risk") {
    const std::optional<RiskLevel> level = RiskLevelOf(form.Find("level"));
    if (!level) return std::nullopt;
    return Step{desk.SetRisk(name, *level, form.Find("detail")), "risk_set"};
  }
  if (what == "groups") return StepOf(desk.SetGroups(name, form.Find("groups")), "changed");
  if (what == "add_email") {
    return StepOf(desk.AddEmail(name, form.Find("address")), "method_added");
  }
  if (what == "add_phone") {
    const bool is_voice = form.Find("kind") == Name(MethodKind::kVoiceCode);
    return StepOf(desk.AddPhone(name, is_voice ? MethodKind::kVoiceCode : MethodKind::kSmsCode,
                                form.Find("number")),
                  "method_added");
  }
  return std::nullopt;
}

}  // namespace

std::string GroupWords(const std::vector<std::string>& groups) {
  std::string text;
  for (const std::string& group : groups) text += (text.empty() ? "" : " ") + group;
  return text;
}

HttpReply ShowUser(AdminHost& admin, AdminVisit& visit, const UserRecord& user,
                   const Error* error) {
  PageData data = MakeObject();
  PutFacts(admin, visit, user, data);
  PutLocks(admin, visit, user, data);
  PutMethods(admin, visit, user, data);
  PutRights(visit, data);
  PutCaller(admin, visit, user, data);
  if (error != nullptr) return admin.Refuse(visit, "user", std::move(data), *error);
  return admin.Page(visit, "user", std::move(data));
}

HttpReply ChangeUser(AdminHost& admin, AdminVisit& visit, const UserRecord& user,
                     const Form& form) {
  const std::string_view what = form.Find("do");
  if (what == "issue_pass") {
    auto answer = visit.desk.IssuePass(user.username, form.Find("note"));
    if (!answer.ok()) return ShowUser(admin, visit, user, &answer.error());
    if (std::holds_alternative<AskedFor>(*answer)) return admin.Done(visit, "/requests", "asked");
    return ShowPass(admin, visit, user, std::get<TemporaryPass>(*answer));
  }
  const auto step = DoStep(visit, user.username, what, form);
  if (!step) return admin.host().Fault(visit.visit, 400, "error.bad_form");
  if (!step->status.ok()) return ShowUser(admin, visit, user, &step->status.error());
  if (step->asked) return admin.Done(visit, "/requests", "asked");
  return admin.Done(visit, "/users/" + user.id, step->done);
}

}  // namespace sspr::service
