// SPDX-License-Identifier: Apache-2.0
// ssprctl users ...
#include <memory>
#include <optional>

#include "service/admin/commands.h"
#include "service/admin/password_input.h"

namespace sspr::service {
namespace {

const std::vector<const char*> kUserMembers = {
    "username", "display_name", "local_account", "language",   "groups",
    "enabled",  "id",           "has_password",  "created_at", "password_changed_at"};

Json::Value ToJson(const UserView& user) {
  Json::Value object(Json::objectValue);
  object["id"] = user.id;
  object["username"] = user.username;
  object["display_name"] = user.display_name;
  object["local_account"] = user.local_account;
  object["language"] = user.language;
  object["groups"] = user.groups;
  object["enabled"] = user.enabled;
  object["has_password"] = user.has_password;
  object["created_at"] = ShowTime(user.created_at);
  object["password_changed_at"] = ShowTime(user.password_changed_at);
  return object;
}

// A command with the name of a user alone.
CLI::App* AddNamed(CLI::App& users, const char* name, const char* help, Command& chosen,
                   std::function<Status(AdminService&, const Output&, const std::string&)> run) {
  auto* const command = users.add_subcommand(name, help);
  auto username = std::make_shared<std::string>();
  command->add_option("USER", *username, "User name, as in alice@example.org")->required();
  command->callback([username, &chosen, run = std::move(run)] {
    chosen = [username, run](AdminService& admin, const Output& output) {
      return run(admin, output, *username);
    };
  });
  return command;
}

void AddAdd(CLI::App& users, Command& chosen) {
  auto* const command = users.add_subcommand("add", "Add a user, without a password as yet");
  auto user = std::make_shared<NewUser>();
  command->add_option("USER", user->username, "User name: a-z 0-9 . _ @ + -")->required();
  command->add_option("--display-name", user->display_name, "Name of the person");
  command->add_option("--local-account", user->local_account,
                      "Account on machines; by default the part of the user name before @");
  command->add_option("--language", user->language, "Language of mails: en, de, fr, es or ar");
  command->add_option("--groups", user->groups, "Names of groups, between spaces");
  command->callback([user, &chosen] {
    chosen = [user](AdminService& admin, const Output& output) -> Status {
      const auto added = admin.AddUser(*user);
      if (!added) return added.error();
      output.ShowObject(ToJson(*added), kUserMembers);
      return Ok();
    };
  });
}

void AddList(CLI::App& users, Command& chosen) {
  users.add_subcommand("list", "List all users")->callback([&chosen] {
    chosen = [](AdminService& admin, const Output& output) -> Status {
      const auto all = admin.ListUsers();
      if (!all) return all.error();
      Json::Value list(Json::arrayValue);
      for (const UserView& user : *all) list.append(ToJson(user));
      output.ShowList(list,
                      {"username", "display_name", "local_account", "enabled", "has_password"});
      return Ok();
    };
  });
}

void AddSet(CLI::App& users, Command& chosen) {
  struct Values {
    std::string username;
    std::optional<std::string> display_name, local_account, language, groups, external_id;
  };
  auto* const command = users.add_subcommand("set", "Change what is known of a user");
  auto values = std::make_shared<Values>();
  command->add_option("USER", values->username, "User name")->required();
  command->add_option("--display-name", values->display_name, "Name of the person");
  command->add_option("--local-account", values->local_account,
                      "Account on machines that a reset may set");
  command->add_option("--language", values->language, "Language of mails: en, de, fr, es or ar");
  command->add_option("--groups", values->groups,
                      "Names of groups, between spaces, instead of those so far");
  command->add_option("--external-id", values->external_id,
                      "Object id in Microsoft Entra ID, by which its risks are read");
  command->callback([values, &chosen] {
    if (!values->display_name && !values->local_account && !values->language && !values->groups &&
        !values->external_id) {
      throw CLI::RequiredError(
          "--display-name, --local-account, --language, --groups or --external-id");
    }
    chosen = [values](AdminService& admin, const Output& output) -> Status {
      Status done = Ok();
      if (values->display_name) {
        done = admin.SetDisplayName(values->username, *values->display_name);
      }
      if (done && values->local_account) {
        done = admin.SetLocalAccount(values->username, *values->local_account);
      }
      if (done && values->language) done = admin.SetLanguage(values->username, *values->language);
      if (done && values->external_id) {
        done = admin.SetExternalId(values->username, *values->external_id);
      }
      if (done && values->groups) done = admin.SetGroups(values->username, *values->groups);
      if (done) output.ShowDone("Changed.");
      return done;
    };
  });
}

Status SetPassword(AdminService& admin, const Output& output, const std::string& username) {
  const auto password = ReadNewPassword();
  if (!password) return password.error();
  Status done = admin.SetPassword(username, *password);
  if (done) output.ShowDone("The password is set.");
  return done;
}

}  // namespace

void AddUserCommands(CLI::App& app, Command& chosen) {
  auto* const users = app.add_subcommand("users", "People who may reset and sign in");
  users->require_subcommand(1);
  AddAdd(*users, chosen);
  AddList(*users, chosen);
  AddSet(*users, chosen);
  AddNamed(*users, "show", "Show a user", chosen,
           [](AdminService& admin, const Output& output, const std::string& name) -> Status {
             const auto user = admin.ShowUser(name);
             if (!user) return user.error();
             output.ShowObject(ToJson(*user), kUserMembers);
             return Ok();
           });
  AddNamed(*users, "delete", "Delete a user with all methods", chosen,
           [](AdminService& admin, const Output& output, const std::string& name) {
             Status done = admin.DeleteUser(name);
             if (done) output.ShowDone("The user is deleted.");
             return done;
           });
  AddNamed(*users, "set-password",
           "Set a password: asked for at a terminal, else the first line of standard input", chosen,
           SetPassword);
  AddNamed(*users, "enable", "Let a user reset and sign in again", chosen,
           [](AdminService& admin, const Output& output, const std::string& name) {
             Status done = admin.SetEnabled(name, true);
             if (done) output.ShowDone("The user is enabled.");
             return done;
           });
  AddNamed(*users, "disable", "Let a user neither reset nor sign in", chosen,
           [](AdminService& admin, const Output& output, const std::string& name) {
             Status done = admin.SetEnabled(name, false);
             if (done) output.ShowDone("The user is disabled.");
             return done;
           });
  AddNamed(*users, "allow-resets",
           "Let a user reset again after a reset was reported as not theirs", chosen,
           [](AdminService& admin, const Output& output, const std::string& name) {
             Status done = admin.AllowResets(name);
             if (done) output.ShowDone("The user may reset again.");
             return done;
           });
  AddNamed(*users, "unlock", "Forget failed attempts of a user", chosen,
           [](AdminService& admin, const Output& output, const std::string& name) {
             Status done = admin.Unlock(name);
             if (done) output.ShowDone("Failed attempts are forgotten.");
             return done;
           });
}

}  // namespace sspr::service
