// SPDX-License-Identifier: Apache-2.0
// ssprctl devices ...
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "service/admin/commands.h"
#include "service/devices/device_registry.h"
#include "service/engine/foundation.h"

namespace sspr::service {
namespace {

const std::vector<const char*> kListMembers = {"id", "name", "os", "group", "last_seen", "state"};
const std::vector<const char*> kDeviceMembers = {
    "id",        "name",         "os",         "versions",        "group",     "enrolled_at",
    "last_seen", "suspected_at", "revoked_at", "revoked_because", "enrolment", "state"};

DeviceRegistry RegistryOf(Foundation& base) {
  return DeviceRegistry(*base.database, *base.store, *base.audit, base.keys, base.random,
                        base.clock());
}

// Who runs ssprctl, for the audit.
std::string Operator() {
  const passwd* const account = getpwuid(getuid());
  return account != nullptr ? account->pw_name : std::to_string(getuid());
}

std::string StateOf(const DeviceRecord& device) {
  if (device.revoked_at != 0) return "revoked";
  return device.suspected_at != 0 ? "suspected" : "enrolled";
}

Json::Value ToJson(const DeviceRecord& device) {
  Json::Value object(Json::objectValue);
  object["id"] = device.id;
  object["name"] = device.name;
  object["os"] = device.os;
  object["versions"] = device.versions;
  object["group"] = device.group;
  object["enrolment"] = device.enrolment;
  object["enrolled_at"] = ShowTime(device.enrolled_at);
  object["last_seen"] = ShowTime(device.last_seen);
  object["suspected_at"] = ShowTime(device.suspected_at);
  object["revoked_at"] = ShowTime(device.revoked_at);
  object["revoked_because"] = device.revoked_because;
  object["state"] = StateOf(device);
  return object;
}

Status ShowTokens(Foundation& base, const Output& output) {
  const auto tokens = RegistryOf(base).ListTokens();
  if (!tokens) return tokens.error();
  Json::Value list(Json::arrayValue);
  for (const EnrolmentTokenRecord& token : *tokens) {
    Json::Value object(Json::objectValue);
    object["id"] = token.id;
    object["group"] = token.group;
    object["uses"] = token.uses;
    object["uses_left"] = token.uses_left;
    object["issued_by"] = token.issued_by;
    object["issued_at"] = ShowTime(token.issued_at);
    object["expires_at"] = ShowTime(token.expires_at);
    list.append(std::move(object));
  }
  output.ShowList(list, {"id", "group", "uses", "uses_left", "issued_by", "expires_at"});
  return Ok();
}

Status ShowDevices(Foundation& base, const Output& output) {
  const auto devices = RegistryOf(base).List();
  if (!devices) return devices.error();
  Json::Value list(Json::arrayValue);
  for (const DeviceRecord& device : *devices) {
    Json::Value object = ToJson(device);
    // Enough to name it by; the whole is in devices show.
    if (!output.json()) object["id"] = device.id.substr(0, 12);
    list.append(std::move(object));
  }
  output.ShowList(list, kListMembers);
  return Ok();
}

void AddToken(CLI::App& devices, FoundationCommand& chosen) {
  auto* const command =
      devices.add_subcommand("token", "Make a token that enrols devices; prints it, once");
  auto order = std::make_shared<EnrolmentOrder>();
  command->add_option("--uses", order->uses, "Devices that it enrols, 1 to 10000")
      ->capture_default_str();
  command->add_option("--minutes", order->minutes, "Its life, 1 to 43200")->capture_default_str();
  command->add_option("--group", order->group, "Group of the devices");
  command->callback([order, &chosen] {
    chosen = [order](Foundation& base, const Output& output) -> Status {
      const auto token = RegistryOf(base).IssueToken(*order, Operator());
      if (!token) return token.error();
      Json::Value object(Json::objectValue);
      object["id"] = token->id;
      object["enrollment_token"] = token->text;
      object["expires_at"] = ShowTime(token->expires_at);
      output.ShowObject(object, {"id", "enrollment_token", "expires_at"});
      return Ok();
    };
  });
}

// A command with the id of a device or a token alone, or with one more text.
void AddNamed(CLI::App& devices, const char* name, const char* help, const char* sentence,
              FoundationCommand& chosen,
              std::function<Status(DeviceRegistry&, const std::string&)> run) {
  auto* const command = devices.add_subcommand(name, help);
  auto id = std::make_shared<std::string>();
  command->add_option("ID", *id, "As the list shows it")->required();
  command->callback([id, sentence, &chosen, run = std::move(run)] {
    chosen = [id, sentence, run](Foundation& base, const Output& output) {
      DeviceRegistry registry = RegistryOf(base);
      Status done = run(registry, *id);
      if (done) output.ShowDone(sentence);
      return done;
    };
  });
}

void AddShow(CLI::App& devices, FoundationCommand& chosen) {
  auto* const command = devices.add_subcommand("show", "Show a device");
  auto id = std::make_shared<std::string>();
  command->add_option("ID", *id, "Its id, or a beginning of it")->required();
  command->callback([id, &chosen] {
    chosen = [id](Foundation& base, const Output& output) -> Status {
      const auto device = RegistryOf(base).Show(*id);
      if (!device) return device.error();
      output.ShowObject(ToJson(*device), kDeviceMembers);
      return Ok();
    };
  });
}

void AddRenameAndRevoke(CLI::App& devices, FoundationCommand& chosen) {
  struct Texts {
    std::string id, text;
  };
  auto texts = std::make_shared<Texts>();
  auto* const rename = devices.add_subcommand("rename", "Give a device another name");
  rename->add_option("ID", texts->id, "Its id, or a beginning of it")->required();
  rename->add_option("NAME", texts->text, "1 to 64 bytes")->required();
  rename->callback([texts, &chosen] {
    chosen = [texts](Foundation& base, const Output& output) {
      Status done = RegistryOf(base).Rename(texts->id, texts->text, Operator());
      if (done) output.ShowDone("The device is renamed.");
      return done;
    };
  });
  auto* const revoke = devices.add_subcommand(
      "revoke",
      "Answer a device no more, from its next request on; its key cannot be enrolled again");
  revoke->add_option("ID", texts->id, "Its id, or a beginning of it")->required();
  revoke->add_option("--because", texts->text, "Why, in one line");
  revoke->callback([texts, &chosen] {
    chosen = [texts](Foundation& base, const Output& output) {
      Status done = RegistryOf(base).Revoke(texts->id, texts->text, Operator());
      if (done) output.ShowDone("The device is revoked.");
      return done;
    };
  });
}

}  // namespace

void AddDeviceCommands(CLI::App& app, FoundationCommand& chosen) {
  auto* const devices = app.add_subcommand("devices", "Machines that may ask for resets");
  devices->require_subcommand(1);
  AddToken(*devices, chosen);
  devices->add_subcommand("tokens", "List the tokens that enrol devices")->callback([&chosen] {
    chosen = ShowTokens;
  });
  AddNamed(*devices, "remove-token", "Let a token enrol nothing any more", "The token is removed.",
           chosen, [](DeviceRegistry& registry, const std::string& id) {
             return registry.RemoveToken(id, Operator());
           });
  devices->add_subcommand("list", "List all devices")->callback([&chosen] {
    chosen = ShowDevices;
  });
  AddShow(*devices, chosen);
  AddRenameAndRevoke(*devices, chosen);
  AddNamed(*devices, "remove", "Forget a device, and that it was revoked", "The device is removed.",
           chosen, [](DeviceRegistry& registry, const std::string& id) {
             return registry.Remove(id, Operator());
           });
}

}  // namespace sspr::service
