// SPDX-License-Identifier: Apache-2.0
// ssprctl operators ...
#include <cstdio>
#include <memory>

#include "service/admin/commands.h"
#include "service/operators/operator_accounts.h"

namespace sspr::service {
namespace {

Json::Value ToJson(const OperatorView& account) {
  Json::Value object(Json::objectValue);
  object["name"] = account.name;
  object["role"] = Name(account.role);
  object["person"] = account.person;
  object["enabled"] = account.enabled;
  object["enrolled"] = account.enrolled;
  object["created_at"] = ShowTime(account.created_at);
  object["signed_in_at"] = ShowTime(account.signed_in_at);
  return object;
}

// The secret goes from its buffer to the output, as in method_commands.cc.
Status ShowInvitation(const Result<OperatorInvitation>& made, const std::string& name,
                      const Output& output) {
  if (!made) return made.error();
  const std::string_view code = made->code.Reveal();
  const std::string until = ShowTime(made->expires_at);
  const int size = static_cast<int>(code.size());
  if (output.json()) {
    std::printf("{\"operator\":\"%s\",\"invitation\":\"%.*s\",\"expires_at\":\"%s\"}\n",
                name.c_str(), size, code.data(), until.c_str());
  } else {
    std::printf(
        "operator:    %s\ninvitation:  %.*s\nexpires:     %s\n"
        "Shown this once, and it works once. The operator opens the admin pages, follows \"I have "
        "an\ninvitation\", and chooses a password and an authenticator app there.\n",
        name.c_str(), size, code.data(), until.c_str());
  }
  return Ok();
}

using OnOperator = std::function<Status(OperatorAccounts&, const Output&, const std::string&)>;

// A command with the name of an operator alone.
void AddNamed(CLI::App& operators, const char* name, const char* help, OperatorCommand& chosen,
              OnOperator run) {
  auto* const command = operators.add_subcommand(name, help);
  auto operator_name = std::make_shared<std::string>();
  command->add_option("NAME", *operator_name, "The operator's name")->required();
  command->callback([operator_name, &chosen, run = std::move(run)] {
    chosen = [operator_name, run](OperatorAccounts& accounts, const Output& output) {
      return run(accounts, output, *operator_name);
    };
  });
}

CLI::Option* AddRole(CLI::App& command, std::string& role) {
  return command
      .add_option("--role", role,
                  "auditor (sees all, changes nothing), helpdesk (serves callers) or admin")
      ->required()
      ->check(CLI::IsMember({"auditor", "helpdesk", "admin"}));
}

void AddAdd(CLI::App& operators, OperatorCommand& chosen) {
  struct Values {
    NewOperator made;
    std::string role;
  };
  auto* const command = operators.add_subcommand("add", "Invite an operator; prints the secret");
  auto values = std::make_shared<Values>();
  command->add_option("NAME", values->made.name, "As a user name: a-z 0-9 . _ @ + -")->required();
  AddRole(*command, values->role);
  command->add_option("--person", values->made.person,
                      "The user who is the same person: whom this operator may not serve");
  command->callback([values, &chosen] {
    values->made.role = *OperatorRoleOf(values->role);
    chosen = [values](OperatorAccounts& accounts, const Output& output) {
      return ShowInvitation(accounts.Add(values->made), values->made.name, output);
    };
  });
}

void AddSetRole(CLI::App& operators, OperatorCommand& chosen) {
  struct Values {
    std::string name, role;
  };
  auto* const command =
      operators.add_subcommand("set-role", "Change the role of an operator; ends the sessions");
  auto values = std::make_shared<Values>();
  command->add_option("NAME", values->name, "The operator's name")->required();
  AddRole(*command, values->role);
  command->callback([values, &chosen] {
    chosen = [values](OperatorAccounts& accounts, const Output& output) {
      Status done = accounts.SetRole(values->name, *OperatorRoleOf(values->role));
      if (done) output.ShowDone("The role is changed.");
      return done;
    };
  });
}

void AddList(CLI::App& operators, OperatorCommand& chosen) {
  operators.add_subcommand("list", "List the operators")->callback([&chosen] {
    chosen = [](OperatorAccounts& accounts, const Output& output) -> Status {
      const auto all = accounts.List();
      if (!all) return all.error();
      Json::Value list(Json::arrayValue);
      for (const OperatorView& account : *all) list.append(ToJson(account));
      output.ShowList(list, {"name", "role", "person", "enabled", "enrolled", "signed_in_at"});
      return Ok();
    };
  });
}

// What changes an operator and has one sentence to say.
OnOperator Changing(Status (OperatorAccounts::*change)(std::string_view), const char* sentence) {
  return [change, sentence](OperatorAccounts& accounts, const Output& output,
                            const std::string& name) {
    Status done = (accounts.*change)(name);
    if (done) output.ShowDone(sentence);
    return done;
  };
}

}  // namespace

void AddOperatorCommands(CLI::App& app, OperatorCommand& chosen) {
  auto* const operators = app.add_subcommand("operators", "Who may use the admin pages");
  operators->require_subcommand(1);
  AddNamed(*operators, "bootstrap",
           "Invite the first administrator; closed for good once somebody has enrolled", chosen,
           [](OperatorAccounts& accounts, const Output& output, const std::string& name) {
             return ShowInvitation(accounts.Bootstrap(name), name, output);
           });
  AddAdd(*operators, chosen);
  AddList(*operators, chosen);
  AddSetRole(*operators, chosen);
  AddNamed(*operators, "reset-totp",
           "Forget password and authenticator of an operator, and invite again; prints the secret",
           chosen, [](OperatorAccounts& accounts, const Output& output, const std::string& name) {
             return ShowInvitation(accounts.Reinvite(name), name, output);
           });
  AddNamed(*operators, "disable", "Let an operator in no more; ends the sessions", chosen,
           [](OperatorAccounts& accounts, const Output& output, const std::string& name) {
             Status done = accounts.SetEnabled(name, false);
             if (done) output.ShowDone("The operator is disabled.");
             return done;
           });
  AddNamed(*operators, "enable", "Let an operator in again", chosen,
           [](OperatorAccounts& accounts, const Output& output, const std::string& name) {
             Status done = accounts.SetEnabled(name, true);
             if (done) output.ShowDone("The operator is enabled.");
             return done;
           });
  AddNamed(*operators, "unlock", "Forget failed sign-ins of an operator", chosen,
           Changing(&OperatorAccounts::Unlock, "Failed sign-ins are forgotten."));
  AddNamed(*operators, "remove", "Remove an operator", chosen,
           Changing(&OperatorAccounts::Remove, "The operator is removed."));
}

}  // namespace sspr::service
