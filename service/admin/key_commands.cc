// SPDX-License-Identifier: Apache-2.0
// ssprctl keys ...
#include <cstdio>
#include <memory>

#include "service/admin/commands.h"
#include "service/config/service_config.h"
#include "service/engine/foundation.h"
#include "service/engine/permit_key_files.h"
#include "service/engine/secret_rotation.h"
#include "service/tls/token_key_files.h"

namespace sspr::service {
namespace {

Status ShowKeys(Foundation& foundation, const Output& output) {
  const auto uses = SecretsKeyUse(foundation);
  if (!uses.ok()) return uses.error();
  Json::Value list(Json::arrayValue);
  const int active = foundation.keys.ActiveSealKey();
  for (const SealKeyUse& use : *uses) {
    Json::Value object(Json::objectValue);
    object["key"] = "secrets";
    object["id"] = use.key.id;
    object["state"] = !use.key.is_active ? "prepared" : use.key.id == active ? "active" : "old";
    object["values"] = Json::Int64{use.values};
    list.append(std::move(object));
  }
  const EngineSettings& settings = foundation.settings;
  if (!settings.permit_key_file.empty()) {
    const auto permits = ListPermitKeys(settings.permit_key_file, settings.permit_key_id);
    if (!permits.ok()) return permits.error();
    for (const PermitKeyFile& permit : *permits) {
      Json::Value object(Json::objectValue);
      object["key"] = "permit";
      object["id"] = permit.id;
      object["state"] = permit.id == permits->back().id ? "active" : "old";
      object["values"] = "-";
      list.append(std::move(object));
    }
  }
  output.ShowList(list, {"key", "id", "state", "values"});
  return Ok();
}

Status RotateAll(Foundation& foundation, const Output& output) {
  const bool tell = !output.json();
  const auto rotated = RotateSecrets(foundation, [tell](const RotationProgress& progress) {
    if (tell) {
      std::fprintf(stderr, "\rkey %d: %lld of %lld", progress.key,
                   static_cast<long long>(progress.done), static_cast<long long>(progress.all));
    }
    return true;
  });
  if (tell) std::fprintf(stderr, "\n");
  if (!rotated.ok()) return rotated.error();
  Json::Value object(Json::objectValue);
  object["key"] = rotated->key;
  object["is_new"] = rotated->is_new;
  object["sealed_values"] = Json::Int64{rotated->done};
  output.ShowObject(object, {"key", "is_new", "sealed_values"});
  return Ok();
}

Status Recorded(Foundation& foundation, const char* event, std::string reason) {
  return foundation.audit->Write({.event = event, .outcome = "done", .reason = std::move(reason)},
                                 AuditLog::Weight::kFinal);
}

Status RotatePermit(const ServiceConfig& config, Foundation& foundation, const Output& output) {
  const EngineSettings& settings = config.engine;
  const auto keys = ListPermitKeys(settings.permit_key_file, settings.permit_key_id);
  if (!keys.ok()) return keys.error();
  const int next = keys->back().id + 1;
  if (Status noted = Recorded(foundation, "keys.permit.rotate", "key " + std::to_string(next));
      !noted.ok()) {
    return noted;
  }
  const auto made = AddPermitSuccessor(settings.permit_key_file, settings.permit_key_id,
                                       foundation.clock().Now());
  if (!made.ok()) return made.error();
  output.ShowDone("Permit key " + std::to_string(made->id) + " is made: " + made->key_file +
                  ". Append the .succession beside it to permit.pub.succession on the machines, "
                  "then restart the service to use it.");
  return Ok();
}

Status RotateToken(const ServiceConfig& config, Foundation& foundation, const Output& output) {
  if (Status noted = Recorded(foundation, "keys.token.rotate", ""); !noted.ok()) return noted;
  if (Status rotated = RotateTokenKey(config.token_key_file); !rotated.ok()) return rotated;
  output.ShowDone(
      "The token key is new. Restart the service to use it; the one before stays published.");
  return Ok();
}

}  // namespace

void AddKeyCommands(CLI::App& app, FoundationCommand& chosen, KeyFileCommand& on_files) {
  auto* const keys = app.add_subcommand("keys", "Keys of the service, and their rotation");
  keys->require_subcommand(1);
  keys->add_subcommand("status", "List the keys, and how many values each one seals")
      ->callback([&chosen] { chosen = ShowKeys; });

  auto prepare = std::make_shared<bool>(false);
  auto* const rotate = keys->add_subcommand(
      "rotate-secrets",
      "Seal all secrets in the database with a new key, while the service runs; run it again to go "
      "on with a rotation that was cut off");
  rotate->add_flag("--prepare", *prepare,
                   "Only make the key: copy the key file to the other machines, then rotate");
  rotate->callback([prepare, &chosen] {
    if (!*prepare) {
      chosen = RotateAll;
      return;
    }
    chosen = [](Foundation& foundation, const Output& output) -> Status {
      const auto key = PrepareSecretsKey(foundation);
      if (!key.ok()) return key.error();
      output.ShowDone("Key " + std::to_string(*key) +
                      " is prepared. Copy the secrets key file to all machines of this service, "
                      "then run keys rotate-secrets on one.");
      return Ok();
    };
  });

  keys->add_subcommand("rotate-permit",
                       "Make the next key of permits, signed for by the one before")
      ->callback([&on_files] { on_files = RotatePermit; });
  keys->add_subcommand("rotate-token", "Make a new key of tokens; the one before stays published")
      ->callback([&on_files] { on_files = RotateToken; });
  keys->add_subcommand("forget-secrets",
                       "Forget the keys that seal nothing any longer; older backups need them")
      ->callback([&chosen] {
        chosen = [](Foundation& foundation, const Output& output) {
          Status done = ForgetOldSecretsKeys(foundation);
          if (done) output.ShowDone("The old keys are forgotten.");
          return done;
        };
      });
}

}  // namespace sspr::service
