// SPDX-License-Identifier: Apache-2.0
// ssprctl campaign ...
#include <cstdio>
#include <memory>

#include "service/admin/commands.h"
#include "service/campaign/campaign.h"
#include "service/engine/foundation.h"

namespace sspr::service {
namespace {

constexpr int kPerMille = 1000;

// "62.5 %" of none is of nobody.
std::string Share(const GroupProgress& progress) {
  if (progress.users == 0) return "-";
  const int per_mille = progress.registered * kPerMille / progress.users;
  return std::to_string(per_mille / 10) + "." + std::to_string(per_mille % 10) + " %";
}

Status ShowWhole(AdminService& admin, const Output& output) {
  const auto report = admin.ReportCampaign();
  if (!report) return report.error();
  Json::Value object(Json::objectValue);
  object["users"] = report->users;
  object["in_scope"] = report->in_scope;
  object["registered"] = report->registered;
  object["to_confirm"] = report->to_confirm;
  Json::Value list(Json::arrayValue);
  std::string text;
  for (const std::string& name : report->missing) {
    list.append(name);
    text += (text.empty() ? "" : " ") + name;
  }
  object["missing"] = output.json() ? list : Json::Value(text.empty() ? "nobody" : text);
  output.ShowObject(object, {"users", "in_scope", "registered", "to_confirm", "missing"});
  return Ok();
}

// A name of a group is of letters, digits, '.', '_' and '-': nothing needs quotes.
void PrintCsv(const std::vector<GroupProgress>& report) {
  std::puts("group,users,registered,to_confirm,snoozed");
  for (const GroupProgress& one : report) {
    std::printf("%s,%d,%d,%d,%d\n", one.group.c_str(), one.users, one.registered, one.to_confirm,
                one.snoozed);
  }
}

Status ShowByGroup(Foundation& base, const Output& output, bool csv) {
  const auto report = Campaign(base.Parts(), *base.database).Report();
  if (!report) return report.error();
  if (csv) {
    PrintCsv(*report);
    return Ok();
  }
  Json::Value list(Json::arrayValue);
  for (const GroupProgress& one : *report) {
    Json::Value object(Json::objectValue);
    object["group"] = one.group;
    object["users"] = one.users;
    object["registered"] = one.registered;
    object["share"] = output.json() && one.users > 0
                          ? Json::Value(static_cast<double>(one.registered) / one.users)
                          : Json::Value(Share(one));
    object["to_confirm"] = one.to_confirm;
    object["snoozed"] = one.snoozed;
    list.append(std::move(object));
  }
  output.ShowList(list, {"group", "users", "registered", "share", "to_confirm", "snoozed"});
  return Ok();
}

}  // namespace

void AddCampaignCommands(CLI::App& app, Command& chosen, FoundationCommand& on_foundation) {
  struct Wanted {
    bool by_group = false;
    bool csv = false;
  };
  auto* const campaign = app.add_subcommand("campaign", "Who has not registered yet");
  campaign->require_subcommand(1);
  auto* const report =
      campaign->add_subcommand("report", "Count who can reset, and list who cannot yet");
  auto wanted = std::make_shared<Wanted>();
  report->add_flag("--by-group", wanted->by_group, "A line for each group; * is everybody");
  report->add_flag("--csv", wanted->csv, "The same as comma-separated values");
  report->callback([wanted, &chosen, &on_foundation] {
    if (wanted->by_group || wanted->csv) {
      on_foundation = [wanted](Foundation& base, const Output& output) {
        return ShowByGroup(base, output, wanted->csv);
      };
    } else {
      chosen = ShowWhole;
    }
  });
}

}  // namespace sspr::service
