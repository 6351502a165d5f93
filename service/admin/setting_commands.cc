// SPDX-License-Identifier: Apache-2.0
// ssprctl policy ..., campaign ..., clients ..., risk ...
#include <cstdio>
#include <memory>

#include "service/admin/commands.h"

namespace sspr::service {
namespace {

const std::vector<const char*> kPolicyMembers = {"key", "value", "default_value", "help"};

Json::Value ToJson(const PolicyEntry& entry) {
  Json::Value object(Json::objectValue);
  object["key"] = entry.key;
  object["value"] = entry.value;
  object["default_value"] = entry.default_value;
  object["help"] = entry.help;
  return object;
}

struct PolicyTexts {
  std::string first;
  std::string second;
};

// A list in JSON; names between spaces for a person.
Json::Value ListText(const std::vector<std::string>& names, bool json) {
  Json::Value list(Json::arrayValue);
  std::string text;
  for (const std::string& name : names) {
    list.append(name);
    text += (text.empty() ? "" : " ") + name;
  }
  if (json) return list;
  return text.empty() ? "nobody" : text;
}

void AddPolicyInsight(CLI::App& policy, Command& chosen) {
  policy.add_subcommand("history", "Every change of a setting, newest first")->callback([&chosen] {
    chosen = [](AdminService& admin, const Output& output) -> Status {
      const auto changes = admin.PolicyHistory();
      if (!changes) return changes.error();
      Json::Value list(Json::arrayValue);
      for (const PolicyChange& change : *changes) {
        Json::Value object(Json::objectValue);
        object["version"] = Json::Int64{change.version};
        object["at"] = ShowTime(change.at);
        object["key"] = change.key;
        object["old_value"] = change.old_value;
        object["new_value"] = change.new_value;
        list.append(std::move(object));
      }
      output.ShowList(list, {"version", "at", "key", "old_value", "new_value"});
      return Ok();
    };
  });
  auto texts = std::make_shared<PolicyTexts>();
  auto* const simulate =
      policy.add_subcommand("simulate", "Say who would be stranded by a change, without making it");
  simulate->add_option("KEY", texts->first, "As policy list shows it")->required();
  simulate->add_option("VALUE", texts->second, "New value")->required();
  simulate->callback([texts, &chosen] {
    chosen = [texts](AdminService& admin, const Output& output) -> Status {
      const auto forecast = admin.SimulatePolicy(texts->first, texts->second);
      if (!forecast) return forecast.error();
      Json::Value object(Json::objectValue);
      object["users"] = forecast->users;
      object["able_now"] = forecast->able_now;
      object["able_then"] = forecast->able_then;
      object["stranded"] = ListText(forecast->stranded, output.json());
      output.ShowObject(object, {"users", "able_now", "able_then", "stranded"});
      return Ok();
    };
  });
}

}  // namespace

void AddPolicyCommands(CLI::App& app, Command& chosen) {
  auto* const policy = app.add_subcommand("policy", "What a reset asks of a person");
  policy->require_subcommand(1);
  AddPolicyInsight(*policy, chosen);
  policy->add_subcommand("list", "List all settings")->callback([&chosen] {
    chosen = [](AdminService& admin, const Output& output) -> Status {
      const auto all = admin.ListPolicy();
      if (!all) return all.error();
      Json::Value list(Json::arrayValue);
      for (const PolicyEntry& entry : *all) list.append(ToJson(entry));
      output.ShowList(list, kPolicyMembers);
      return Ok();
    };
  });
  auto texts = std::make_shared<PolicyTexts>();
  auto* const get = policy->add_subcommand("get", "Show a setting");
  get->add_option("KEY", texts->first, "As policy list shows it")->required();
  get->callback([texts, &chosen] {
    chosen = [texts](AdminService& admin, const Output& output) -> Status {
      const auto entry = admin.GetPolicy(texts->first);
      if (!entry) return entry.error();
      output.ShowObject(ToJson(*entry), kPolicyMembers);
      return Ok();
    };
  });
  auto* const set = policy->add_subcommand("set", "Change a setting; in force at once");
  set->add_option("KEY", texts->first, "As policy list shows it")->required();
  set->add_option("VALUE", texts->second, "New value")->required();
  set->callback([texts, &chosen] {
    chosen = [texts](AdminService& admin, const Output& output) {
      Status done = admin.SetPolicy(texts->first, texts->second);
      if (done) output.ShowDone("The setting is changed.");
      return done;
    };
  });
}

void AddClientCommands(CLI::App& app, Command& chosen) {
  auto* const clients = app.add_subcommand("clients", "Programs that may call the service");
  clients->require_subcommand(1);
  clients->add_subcommand("list", "List all clients")->callback([&chosen] {
    chosen = [](AdminService& admin, const Output& output) -> Status {
      const auto all = admin.ListClients();
      if (!all) return all.error();
      Json::Value list(Json::arrayValue);
      for (const ClientView& client : *all) {
        Json::Value object(Json::objectValue);
        object["client_id"] = client.client_id;
        object["concealment"] = client.concealment;
        list.append(std::move(object));
      }
      output.ShowList(list, {"client_id", "concealment"});
      return Ok();
    };
  });
  auto client = std::make_shared<ClientView>();
  auto* const add = clients->add_subcommand("add", "Add a client, or change the one that exists");
  add->add_option("CLIENT", client->client_id, "client_id of its requests")->required();
  add->add_flag("--concealment,!--no-concealment", client->concealment,
                "Answer for unknown users as if they existed (default)");
  add->callback([client, &chosen] {
    chosen = [client](AdminService& admin, const Output& output) {
      Status done = admin.PutClient(*client);
      if (done) output.ShowDone("The client is registered.");
      return done;
    };
  });
  auto* const secret = clients->add_subcommand(
      "secret", "Make a secret for a client that reports risks; prints it, once");
  secret->add_option("CLIENT", client->client_id, "As clients list shows it")->required();
  secret->callback([client, &chosen] {
    chosen = [client](AdminService& admin, const Output& output) -> Status {
      const auto made = admin.MakeClientSecret(client->client_id);
      if (!made) return made.error();
      const std::string_view text = made->Reveal();
      std::printf(output.json() ? "{\"client_secret\":\"%.*s\"}\n" : "%.*s\n",
                  static_cast<int>(text.size()), text.data());
      return Ok();
    };
  });
  auto* const remove = clients->add_subcommand("remove", "Remove a client");
  remove->add_option("CLIENT", client->client_id, "As clients list shows it")->required();
  remove->callback([client, &chosen] {
    chosen = [client](AdminService& admin, const Output& output) {
      Status done = admin.RemoveClient(client->client_id);
      if (done) output.ShowDone("The client is removed.");
      return done;
    };
  });
}

}  // namespace sspr::service
