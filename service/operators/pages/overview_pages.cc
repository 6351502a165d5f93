// SPDX-License-Identifier: Apache-2.0
// What an operator sees first.
#include <algorithm>

#include "service/operators/pages/admin_site.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kLife = 3600;  // of a request

HttpReply ShowOverview(AdminHost& admin, AdminVisit& visit) {
  PageData data = MakeObject();
  const auto requests = visit.desk.Requests();
  if (!requests.ok()) return admin.Fault(visit, requests.error());
  const auto waiting =
      std::ranges::count_if(*requests, [&admin](const OperatorRequestRecord& request) {
        return request.state == OperatorRequestState::kOpen &&
               admin.Now() - request.asked_at < kLife;
      });
  data.set("waiting", std::to_string(waiting));
  return admin.Page(visit, "overview", std::move(data));
}

}  // namespace

void AddOverviewPages(AdminHost& admin) {
  admin.OnGet("", OperatorAction::kSeeFigures,
              [&admin](AdminVisit& visit) { return ShowOverview(admin, visit); });
}

}  // namespace sspr::service
