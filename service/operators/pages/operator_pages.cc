// SPDX-License-Identifier: Apache-2.0
// The operators themselves.
#include "service/operators/pages/admin_site.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

HttpReply ShowOperators(AdminHost& admin, AdminVisit& visit, const Error* error) {
  const auto accounts = visit.desk.Accounts(OperatorAction::kSeeOperators);
  if (!accounts.ok()) return admin.Fault(visit, accounts.error());
  const auto all = (*accounts)->List();
  if (!all.ok()) return admin.Fault(visit, all.error());
  const bool may_change = visit.desk.MayDo(OperatorAction::kChangeOperators);
  PageData rows = MakeList();
  for (const OperatorView& account : *all) {
    const bool own = account.name == visit.desk.account().name;
    const bool is_admin = account.role == OperatorRole::kAdmin;
    PageData row = MakeObject();
    row.set("account", account.name);
    row.set("account_role", admin.Text(visit, std::string("role.") + Name(account.role)));
    PutText(row, "person", account.person);
    row.set("disabled", !account.enabled);
    row.set("enabled", account.enabled);
    row.set("invited", !account.enrolled);
    PutText(row, "signed_in_at", PageTime(account.signed_in_at));
    row.set("own", own);
    row.set("may_change", may_change && !own);
    row.set("may_reinvite", may_change && !own && !is_admin);
    rows << row;
  }
  PageData data = MakeObject();
  data.set("accounts", rows);
  data.set("may_change", may_change);
  if (error != nullptr) return admin.Refuse(visit, "operators", std::move(data), *error);
  return admin.Page(visit, "operators", std::move(data));
}

HttpReply ShowInvitation(AdminHost& admin, AdminVisit& visit, const std::string& name,
                         const OperatorInvitation& invitation) {
  PageData data = MakeObject();
  data.set("is_invitation", true);
  data.set("for", name);
  data.set("secret", std::string(invitation.code.Reveal()));
  data.set("until", PageTime(invitation.expires_at));
  data.set("back", admin.host().Url("/operators"));
  return admin.Page(visit, "shown_once", std::move(data));
}

HttpReply AddOperator(AdminHost& admin, AdminVisit& visit, const Form& form) {
  const auto role = OperatorRoleOf(form.Find("role"));
  if (!role) return admin.host().Fault(visit.visit, 400, "error.bad_form");
  const std::string name = CanonicalUserName(form.Find("name")).value_or("");
  const std::string typed_person(form.Find("person"));
  const auto answer =
      visit.desk.AddOperator({.name = name,
                              .role = *role,
                              .person = CanonicalUserName(typed_person).value_or(typed_person)});
  if (!answer.ok()) return ShowOperators(admin, visit, &answer.error());
  if (std::holds_alternative<AskedFor>(*answer)) return admin.Done(visit, "/requests", "asked");
  return ShowInvitation(admin, visit, name, std::get<OperatorInvitation>(*answer));
}

HttpReply ChangeOperators(AdminHost& admin, AdminVisit& visit, const Form& form) {
  const std::string_view what = form.Find("do");
  const std::string name(form.Find("account"));
  if (what == "add") return AddOperator(admin, visit, form);
  if (what == "reinvite") {
    const auto invited = visit.desk.Reinvite(name);
    if (!invited.ok()) return ShowOperators(admin, visit, &invited.error());
    return ShowInvitation(admin, visit, name, *invited);
  }
  const auto accounts = visit.desk.Accounts(OperatorAction::kChangeOperators);
  if (!accounts.ok()) return admin.Fault(visit, accounts.error());
  Status changed = Ok();
  if (what == "enable" || what == "disable") {
    changed = (*accounts)->SetEnabled(name, what == "enable");
  } else if (what == "unlock") {
    changed = (*accounts)->Unlock(name);
  } else if (what == "remove") {
    changed = (*accounts)->Remove(name);
  } else {
    return admin.host().Fault(visit.visit, 400, "error.bad_form");
  }
  if (!changed.ok()) return ShowOperators(admin, visit, &changed.error());
  return admin.Done(visit, "/operators", "changed");
}

}  // namespace

void AddOperatorPages(AdminHost& admin) {
  admin.OnGet("/operators", OperatorAction::kSeeOperators,
              [&admin](AdminVisit& visit) { return ShowOperators(admin, visit, nullptr); });
  admin.OnPost("/operators", OperatorAction::kChangeOperators,
               [&admin](AdminVisit& visit, const Form& form) {
                 return ChangeOperators(admin, visit, form);
               });
}

}  // namespace sspr::service
