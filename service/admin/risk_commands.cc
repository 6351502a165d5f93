// SPDX-License-Identifier: Apache-2.0
// ssprctl risk ...
#include <map>
#include <memory>

#include "service/admin/commands.h"
#include "service/engine/foundation.h"
#include "service/risk/graph_poller.h"

namespace sspr::service {
namespace {

Status PollGraph(Foundation& base, const Output& output) {
  if (!base.settings.graph.HasRisks()) {
    return Error{Errc::kPolicy,
                 "the configuration has no section [graph] with a tenant_id, or risks = no"};
  }
  auto poller = GraphPoller::Make(base.Parts(), base.settings.graph);
  if (!poller) return poller.error();
  const auto round = (*poller)->PollOnce();
  if (!round) return Error{Errc::kDenied, "Microsoft Graph: " + round.error().detail};
  Json::Value object(Json::objectValue);
  object["read"] = round->read;
  object["taken"] = round->taken;
  object["unknown"] = round->unknown;
  object["dismissed"] = round->dismissed;
  object["deferred"] = round->deferred;
  output.ShowObject(object, {"read", "taken", "unknown", "dismissed", "deferred"});
  return Ok();
}

Status ShowOutbox(Foundation& base, const Output& output) {
  Json::Value list(Json::arrayValue);
  for (const OutboxRecord& one : base.risk_table->ListOutbox()) {
    const auto user = base.directory->Get(one.user_id);
    Json::Value object(Json::objectValue);
    object["username"] = user ? user->username : one.user_id;
    object["external_id"] = one.external_id;
    object["queued_at"] = ShowTime(one.queued_at);
    object["not_before"] = ShowTime(one.not_before);
    object["tries"] = one.tries;
    list.append(std::move(object));
  }
  output.ShowList(list, {"username", "external_id", "queued_at", "not_before", "tries"});
  return Ok();
}

void AddGraphCommands(CLI::App& risk, FoundationCommand& chosen) {
  risk.add_subcommand("poll", "Read from Microsoft Graph now, and tell it which risks are over")
      ->callback([&chosen] { chosen = PollGraph; });
  risk.add_subcommand("outbox", "List the ends of risks that Microsoft Graph was not told yet")
      ->callback([&chosen] { chosen = ShowOutbox; });
}

}  // namespace

void AddRiskCommands(CLI::App& app, Command& chosen, FoundationCommand& on_foundation) {
  struct Risk {
    std::string username, detail;
    RiskLevel level = RiskLevel::kNone;
  };
  auto* const risk = app.add_subcommand("risk", "Users whose account may be in other hands");
  risk->require_subcommand(1);
  risk->add_subcommand("list", "List the users who are at risk")->callback([&chosen] {
    chosen = [](AdminService& admin, const Output& output) -> Status {
      const auto all = admin.ListRisks();
      if (!all) return all.error();
      Json::Value list(Json::arrayValue);
      for (const RiskView& one : *all) {
        Json::Value object(Json::objectValue);
        object["username"] = one.username;
        object["level"] = std::string(Name(one.level));
        object["detail"] = one.detail;
        object["changed_at"] = ShowTime(one.changed_at);
        list.append(std::move(object));
      }
      output.ShowList(list, {"username", "level", "detail", "changed_at"});
      return Ok();
    };
  });
  auto values = std::make_shared<Risk>();
  auto* const set = risk->add_subcommand("set", "Say how much a user is at risk");
  set->add_option("USER", values->username, "User name")->required();
  std::map<std::string, RiskLevel> levels;
  for (const std::string_view name : kRiskLevelNames) levels.emplace(name, *RiskLevelOf(name));
  set->add_option("LEVEL", values->level, "none, low, medium or high")
      ->required()
      ->transform(CLI::Transformer(levels));
  set->add_option("--detail", values->detail, "Why, in one line");
  set->callback([values, &chosen] {
    chosen = [values](AdminService& admin, const Output& output) {
      Status done = admin.SetRisk(values->username, values->level, values->detail);
      if (done) output.ShowDone("The risk is set.");
      return done;
    };
  });
  AddGraphCommands(*risk, on_foundation);
}

}  // namespace sspr::service
