// SPDX-License-Identifier: Apache-2.0
// What waits for a second operator.
#include "service/operators/pages/admin_site.h"

namespace sspr::service {
namespace {

const char* Word(OperatorRequestKind kind) {
  switch (kind) {
    case OperatorRequestKind::kPass:
      return "pass";
    case OperatorRequestKind::kEmail:
      return "email";
    case OperatorRequestKind::kPhone:
      return "phone";
    case OperatorRequestKind::kGroups:
      return "groups";
    case OperatorRequestKind::kAdmin:
      return "admin";
  }
  return "pass";
}

const char* Word(OperatorRequestState state, bool old) {
  switch (state) {
    case OperatorRequestState::kOpen:
      return old ? "expired" : "open";
    case OperatorRequestState::kApproved:
      return old ? "expired" : "approved";
    case OperatorRequestState::kRefused:
      return "refused";
    case OperatorRequestState::kDone:
      return "done";
  }
  return "open";
}

HttpReply ShowRequests(AdminHost& admin, AdminVisit& visit, const Error* error) {
  PageData data = MakeObject();
  PageData rows = MakeList();
  const auto requests = visit.desk.Requests();
  if (!requests.ok()) return admin.Fault(visit, requests.error());
  for (const OperatorRequestRecord& request : *requests) {
    const bool own = request.asked_by_id == visit.desk.account().id;
    const bool old = admin.Now() - request.asked_at >= kRequestLifeSeconds;
    PageData row = MakeObject();
    row.set("request_id", request.id);
    row.set("kind", admin.Text(visit, std::string("request.") + Word(request.kind)));
    row.set("target", request.target);
    PutText(row, "detail", request.detail);
    PutText(row, "reason", request.reason);
    row.set("asked_by", request.asked_by);
    row.set("asked_at", PageTime(request.asked_at));
    row.set("state", admin.Text(visit, std::string("state.") + Word(request.state, old)));
    PutText(row, "decided_by", request.decided_by);
    row.set("may_decide", request.state == OperatorRequestState::kOpen && !old && !own &&
                              visit.desk.MayDo(OperatorAction::kApprove));
    row.set("may_carry", request.state == OperatorRequestState::kApproved && !old && own);
    rows << row;
  }
  data.set("requests", rows);
  data.set("none", requests->empty());
  if (error != nullptr) return admin.Refuse(visit, "requests", std::move(data), *error);
  return admin.Page(visit, "requests", std::move(data));
}

HttpReply CarryOut(AdminHost& admin, AdminVisit& visit, std::string_view id) {
  const auto done = visit.desk.CarryOut(id);
  if (!done.ok()) return ShowRequests(admin, visit, &done.error());
  PageData data = MakeObject();
  data.set("back", admin.host().Url("/requests"));
  if (const auto* pass = std::get_if<TemporaryPass>(&*done)) {
    data.set("is_pass", true);
    data.set("secret", std::string(pass->pass.Reveal()));
    data.set("until", PageTime(pass->expires_at));
    return admin.Page(visit, "shown_once", std::move(data));
  }
  if (const auto* invitation = std::get_if<OperatorInvitation>(&*done)) {
    data.set("is_invitation", true);
    data.set("secret", std::string(invitation->code.Reveal()));
    data.set("until", PageTime(invitation->expires_at));
    return admin.Page(visit, "shown_once", std::move(data));
  }
  return admin.Done(visit, "/requests", "carried_out");
}

}  // namespace

void AddRequestPages(AdminHost& admin) {
  admin.OnGet("/requests", OperatorAction::kSeeRequests,
              [&admin](AdminVisit& visit) { return ShowRequests(admin, visit, nullptr); });
  admin.OnPost("/requests", OperatorAction::kSeeRequests,
               [&admin](AdminVisit& visit, const Form& form) {
                 const std::string_view what = form.Find("do");
                 if (what == "carry_out") return CarryOut(admin, visit, form.Find("request"));
                 if (what != "approve" && what != "decline") {
                   return admin.host().Fault(visit.visit, 400, "error.bad_form");
                 }
                 const Status decided = visit.desk.Decide(form.Find("request"), what == "approve");
                 if (!decided.ok()) return ShowRequests(admin, visit, &decided.error());
                 return admin.Done(visit, "/requests", what == "approve" ? "approved" : "declined");
               });
}

}  // namespace sspr::service
