// SPDX-License-Identifier: Apache-2.0
// Who has not registered, in figures, by name and as a file.
#include "service/operators/pages/admin_site.h"
#include "service/policy/group_names.h"

namespace sspr::service {
namespace {

constexpr int kMissingPerPage = 50;
constexpr int kMostPeopleExported = 100000;

std::string Percent(const CampaignCounts& counts) {
  if (counts.in_scope == 0) return "0";
  return std::to_string(100LL * counts.registered / counts.in_scope);
}

PageData CountsData(const std::string& name, const CampaignCounts& counts) {
  PageData row = MakeObject();
  row.set("name", name);
  row.set("in_scope", std::to_string(counts.in_scope));
  row.set("registered", std::to_string(counts.registered));
  row.set("missing", std::to_string(counts.in_scope - counts.registered));
  row.set("to_confirm", std::to_string(counts.to_confirm));
  row.set("percent", Percent(counts));
  return row;
}

std::string GroupIn(const Visit& visit) {
  const std::string group = QueryOf(visit.request, "group");
  return IsGroupName(group) ? group : std::string();
}

HttpReply ShowCampaign(AdminHost& admin, AdminVisit& visit, CampaignView& campaign) {
  const CampaignFigures figures = campaign.Figures();
  const std::string group = GroupIn(visit.visit);
  const std::string after = QueryOf(visit.visit.request, "after");
  auto missing = campaign.Missing(group, after, kMissingPerPage + 1);
  PageData data = MakeObject();
  data.set("all", CountsData("", figures.all));
  data.set("users", std::to_string(figures.users));
  data.set("counted_at", PageTime(figures.counted_at));
  PageData groups = MakeList();
  for (const auto& [name, counts] : figures.by_group) {
    PageData row = CountsData(name, counts);
    row.set("url", admin.host().Url("/campaign?group=" + QueryText(name)));
    groups << row;
  }
  data.set("groups", groups);
  data.set("has_groups", !figures.by_group.empty());
  PutText(data, "group", group);
  data.set("paged", !after.empty());
  data.set("csv", admin.host().Url("/campaign.csv?group=" + QueryText(group)));
  if (missing.size() > static_cast<std::size_t>(kMissingPerPage)) {
    missing.pop_back();
    data.set("next", admin.host().Url("/campaign?group=" + QueryText(group) +
                                      "&after=" + QueryText(missing.back().username)));
  }
  PageData rows = MakeList();
  for (const MissingUser& user : missing) {
    PageData row = MakeObject();
    row.set("url", admin.host().Url("/users/" + user.id));
    row.set("username", user.username);
    row.set("display_name", user.display_name);
    row.set("groups", user.groups);
    rows << row;
  }
  data.set("missing", rows);
  data.set("none", missing.empty());
  return admin.Page(visit, "campaign", std::move(data));
}

HttpReply Export(AdminVisit& visit, CampaignView& campaign) {
  std::string text = "user,name,groups\r\n";
  const auto missing = campaign.Missing(GroupIn(visit.visit), QueryOf(visit.visit.request, "after"),
                                        kMostPeopleExported);
  for (const MissingUser& user : missing) {
    text += CsvCell(user.username) + "," + CsvCell(user.display_name) + "," + CsvCell(user.groups) +
            "\r\n";
  }
  return CsvReply("not-registered.csv", std::move(text));
}

}  // namespace

void AddCampaignPages(AdminHost& admin, CampaignView& campaign) {
  admin.OnGet("/campaign", OperatorAction::kSeeCampaign, [&admin, &campaign](AdminVisit& visit) {
    return ShowCampaign(admin, visit, campaign);
  });
  admin.OnGet("/campaign.csv", OperatorAction::kSeeCampaign,
              [&campaign](AdminVisit& visit) { return Export(visit, campaign); });
}

}  // namespace sspr::service
