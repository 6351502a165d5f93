// SPDX-License-Identifier: Apache-2.0
#include "service/engine/foundation.h"

#include <exception>
#include <utility>

#include "service/breach/breach_filter.h"
#include "service/breach/range_service.h"
#include "service/directory/built_in_directory.h"
#include "service/directory/ldap_directory.h"
#include "service/engine/notices.h"
#include "service/engine/passkey_proof.h"
#include "service/engine/permit_key_files.h"
#include "service/engine/reset_engine.h"
#include "service/engine/store_admin.h"
#include "service/entra/entra_directory.h"
#include "service/followers/followed_directory.h"
#include "service/writeback/agent_directory.h"

namespace sspr::service {
namespace {

Status AddBreachChecks(Foundation& foundation) {
  const EngineSettings& settings = foundation.settings;
  if (!settings.breach_filter_file.empty()) {
    auto filter = BreachFilter::Open(settings.breach_filter_file);
    if (!filter.ok()) return filter.error();
    foundation.breach_checks.push_back(std::move(*filter));
  }
  if (!settings.breach_range.url.empty()) {
    auto range = RangeService::Make(settings.breach_range);
    if (!range.ok()) return range.error();
    foundation.breach_checks.push_back(std::move(*range));
  }
  return Ok();
}

std::function<void(std::string_view)> LogOf(const Foundation& foundation) {
  return [to = foundation.dependencies.log](std::string_view line) {
    if (to) to(line);
  };
}

std::unique_ptr<Directory> MakeAgentDirectory(Foundation& foundation) {
  const auto log = LogOf(foundation);
  return std::make_unique<AgentDirectory>(
      std::make_unique<WritebackDesk>(*foundation.database, *foundation.store, *foundation.audit,
                                      foundation.random, foundation.clock(), log),
      *foundation.store, foundation.clock(), log);
}

Result<std::unique_ptr<Directory>> MakeLdapDirectory(Foundation& foundation,
                                                     const LdapSettings& settings) {
  if (settings.url == kThroughAgent) return MakeAgentDirectory(foundation);
  auto ldap =
      LdapDirectory::Make(settings, foundation.database, *foundation.store, foundation.clock());
  if (!ldap.ok()) return ldap.error();
  return std::unique_ptr<Directory>(std::move(*ldap));
}

Result<std::unique_ptr<Directory>> MakeEntraDirectory(Foundation& foundation,
                                                      const EntraSettings& settings,
                                                      std::unique_ptr<Directory> premises) {
  auto entra = EntraDirectory::Make(foundation.settings.graph, settings,
                                    {.database = foundation.database,
                                     .store = *foundation.store,
                                     .risks = *foundation.risk_table,
                                     .clock = foundation.clock(),
                                     .log = LogOf(foundation)},
                                    std::move(premises));
  if (!entra.ok()) return entra.error();
  return std::unique_ptr<Directory>(std::move(*entra));
}

// ldap: of a directory in LDAP, or on the premises where there is an entra; neither: the database.
Result<std::unique_ptr<Directory>> MakeOneDirectory(Foundation& foundation,
                                                    const std::optional<LdapSettings>& ldap,
                                                    const std::optional<EntraSettings>& entra) {
  std::unique_ptr<Directory> first;
  if (ldap) {
    auto made = MakeLdapDirectory(foundation, *ldap);
    if (!made.ok() || !entra) return made;
    first = std::move(*made);
  }
  if (entra) return MakeEntraDirectory(foundation, *entra, std::move(first));
  return std::unique_ptr<Directory>(
      std::make_unique<BuiltInDirectory>(*foundation.store, foundation.hasher, foundation.clock()));
}

void TellOfFollowersFrom(Foundation& foundation, const std::string& user_id) {
  EngineParts parts = foundation.Parts();
  if (parts.deliver) TellOfFollowers(parts, user_id);
}

Result<std::unique_ptr<Directory>> MakeDirectory(Foundation& foundation) {
  const EngineSettings& settings = foundation.settings;
  auto source = MakeOneDirectory(foundation, settings.ldap, settings.entra);
  if (!source.ok() || settings.followers.empty()) return source;
  std::vector<Follower> followers;
  for (const FollowerSettings& one : settings.followers) {
    auto made = MakeOneDirectory(foundation, one.ldap, one.entra);
    if (!made.ok()) return made.error();
    followers.push_back({.name = one.name, .directory = std::move(*made)});
  }
  auto behind = std::make_unique<Followers>(
      std::move(followers), Followers::Parts{.database = foundation.database,
                                             .audit = *foundation.audit,
                                             .clock = foundation.clock(),
                                             .log = LogOf(foundation),
                                             .tell = [&foundation](const std::string& user_id) {
                                               TellOfFollowersFrom(foundation, user_id);
                                             }});
  return std::unique_ptr<Directory>(std::make_unique<FollowedDirectory>(
      std::move(*source), std::move(behind), foundation.clock()));
}

}  // namespace

EngineParts Foundation::Parts() {
  EngineParts parts{.store = *store,
                    .directory = *directory,
                    .audit = *audit,
                    .hasher = hasher,
                    .keys = keys,
                    .random = random,
                    .clock = clock(),
                    .deliver = dependencies.deliver,
                    .log = dependencies.log,
                    .permit_key = permit_key ? &*permit_key : nullptr,
                    .permit_key_id = permit_key_id,
                    .risk_table = risk_table.get(),
                    .reports_back = settings.graph.HasRisks()};
  // On one file there is one writer at a time anyhow; on a server each waits for its own rows
  // alone.
  parts.conclude_late = !directory->IsInStore() && database->dialect() == Dialect::kSqlite;
  parts.approvals = approvals.get();
  parts.hand_offs = hand_offs.get();
  parts.passkeys = passkeys.get();
  if (const auto site = PasskeySiteOf(settings.public_url)) {
    parts.passkey_host = site->host;
    parts.passkey_origin = site->origin;
  }
  for (const auto& check : breach_checks) parts.breach_checks.push_back(check.get());
  return parts;
}

Status CreateSecretsKey(const std::string& path) {
  SystemRandom random;
  return ServiceKeys::Create(path, random);
}

Result<std::unique_ptr<Foundation>> LayFoundation(const EngineSettings& settings,
                                                  const EngineDependencies& dependencies) {
  try {
    Result<ServiceKeys> keys = ServiceKeys::Load(settings.secrets_key_file);
    if (!keys.ok()) return keys.error();
    auto made = std::make_unique<Foundation>(settings, dependencies, std::move(*keys));
    Result<std::unique_ptr<SqlDatabase>> database = SqlDatabase::Open(
        settings.database, settings.connections,
        {.password_file = settings.database_password_file, .log = dependencies.log});
    if (!database.ok()) return database.error();
    made->database = std::move(*database);
    made->store = std::make_unique<SqlStore>(made->database, made->random);
    made->approvals = std::make_unique<ApprovalTable>(made->database);
    made->hand_offs = std::make_unique<HandOffTable>(made->database);
    made->passkeys = std::make_unique<PasskeyTable>(made->database);
    made->risk_table = std::make_unique<RiskTable>(*made->database);
    made->audit = std::make_unique<AuditLog>(settings.audit_file, *made->database, made->keys,
                                             made->random, made->clock());
    auto directory = MakeDirectory(*made);
    if (!directory.ok()) return directory.error();
    made->directory = std::move(*directory);
    return made;
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, settings.database + ": " + error.what()};
  }
}

Result<std::unique_ptr<FlowService>> MakeFlows(Foundation& foundation) {
  try {
    if (const std::string& first = foundation.settings.permit_key_file; !first.empty()) {
      const auto keys = ListPermitKeys(first, foundation.settings.permit_key_id);
      if (!keys.ok()) return keys.error();
      Result<SigningKey> key = SigningKey::Load(keys->back().key_file);
      if (!key.ok()) return key.error();
      foundation.permit_key = std::move(*key);
      foundation.permit_key_id = keys->back().id;
    }
    if (Status added = AddBreachChecks(foundation); !added.ok()) return added.error();
    auto engine = std::make_unique<ResetEngine>(foundation.Parts());
    // On a server another process may have transactions under way.
    const bool is_alone = foundation.database->dialect() == Dialect::kSqlite;
    if (auto* const followed = dynamic_cast<FollowedDirectory*>(foundation.directory.get())) {
      followed->followers().BuryLost(is_alone);
    }
    if (is_alone) {
      engine->SettlePending();
    } else {
      engine->SettleAbandoned();
    }
    return std::unique_ptr<FlowService>(std::move(engine));
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, foundation.settings.database + ": " + error.what()};
  }
}

std::unique_ptr<AdminService> MakeAdmin(Foundation& foundation, Actor actor) {
  return std::make_unique<StoreAdmin>(
      *foundation.store, *foundation.audit, foundation.hasher, foundation.keys, foundation.random,
      foundation.clock(), foundation.settings.issuer, foundation.settings.public_url,
      foundation.approvals.get(), std::move(actor), foundation.risk_table.get());
}

}  // namespace sspr::service
