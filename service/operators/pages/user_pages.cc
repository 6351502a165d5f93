// SPDX-License-Identifier: Apache-2.0
// Users by the page, and one user with everything that an operator may do for them.
#include "service/store/user_pages.h"

#include "service/operators/pages/admin_site.h"
#include "service/operators/pages/user_page.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr int kUsersPerPage = 50;
constexpr std::size_t kMaxSearchBytes = 64;

std::string Small(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

HttpReply ShowUsers(AdminHost& admin, AdminVisit& visit) {
  const std::string search = Small(QueryOf(visit.visit.request, "q")).substr(0, kMaxSearchBytes);
  const UserQuery query{
      .text = search, .after = QueryOf(visit.visit.request, "after"), .limit = kUsersPerPage + 1};
  auto users = UserPages(*admin.foundation().database).Find(query);
  PageData data = MakeObject();
  data.set("q", search);
  data.set("paged", !query.after.empty());
  data.set("first", admin.host().Url("/users?q=" + QueryText(search)));
  if (users.size() > static_cast<std::size_t>(kUsersPerPage)) {
    users.pop_back();
    data.set("next", admin.host().Url("/users?q=" + QueryText(search) +
                                      "&after=" + QueryText(users.back().username)));
  }
  PageData rows = MakeList();
  for (const UserRecord& user : users) {
    PageData row = MakeObject();
    row.set("url", admin.host().Url("/users/" + user.id));
    row.set("username", user.username);
    row.set("display_name", user.display_name);
    row.set("groups", GroupWords(user.groups));
    row.set("disabled", !user.enabled);
    rows << row;
  }
  data.set("none", users.empty());
  data.set("users", rows);
  return admin.Page(visit, "users", std::move(data));
}

}  // namespace

void AddUserPages(AdminHost& admin) {
  admin.OnGet("/users", OperatorAction::kSeeUsers,
              [&admin](AdminVisit& visit) { return ShowUsers(admin, visit); });
  admin.OnGet("/users/*", OperatorAction::kSeeUsers, [&admin](AdminVisit& visit) {
    const auto user = admin.foundation().store->GetUser(visit.visit.rest);
    if (!user) return admin.host().Fault(visit.visit, 404, "error.not_found");
    return ShowUser(admin, visit, *user, nullptr);
  });
  admin.OnPost("/users/*", OperatorAction::kSeeUsers,
               [&admin](AdminVisit& visit, const Form& form) {
                 const auto user = admin.foundation().store->GetUser(visit.visit.rest);
                 if (!user) return admin.host().Fault(visit.visit, 404, "error.not_found");
                 return ChangeUser(admin, visit, *user, form);
               });
}

}  // namespace sspr::service
