// SPDX-License-Identifier: Apache-2.0
#include "service/engine/make_engine.h"

#include <exception>
#include <optional>
#include <utility>

#include "service/audit/audit_log.h"
#include "service/breach/breach_filter.h"
#include "service/breach/range_service.h"
#include "service/crypto/password_hasher.h"
#include "service/crypto/service_keys.h"
#include "service/directory/built_in_directory.h"
#include "service/engine/reset_engine.h"
#include "service/engine/store_admin.h"
#include "service/store/sql_store.h"

namespace sspr::service {
namespace {

// What an engine or an administration stands on, in the order in which it is made.
struct Foundation {
  Foundation(ServiceKeys opened_keys, unsigned hashes_at_once)
      : keys(std::move(opened_keys)), hasher(random, hashes_at_once) {}

  SystemRandom random;
  ServiceKeys keys;
  PasswordHasher hasher;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<AuditLog> audit;
  std::optional<SigningKey> permit_key;
  std::vector<std::unique_ptr<BreachCheck>> breach_checks;
};

Status AddBreachChecks(const EngineSettings& settings, Foundation& foundation) {
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

Result<std::unique_ptr<Foundation>> Lay(const EngineSettings& settings, const Clock& clock) {
  Result<ServiceKeys> keys = ServiceKeys::Load(settings.secrets_key_file);
  if (!keys.ok()) return keys.error();
  auto made = std::make_unique<Foundation>(std::move(*keys), settings.hashes_at_once);
  Result<std::unique_ptr<SqlStore>> store =
      SqlStore::Open(settings.database, settings.connections, made->random);
  if (!store.ok()) return store.error();
  made->store = std::move(*store);
  made->audit = std::make_unique<AuditLog>(settings.audit_file, *made->store, clock);
  return made;
}

// Owns what the engine inside it refers to.
class OwningEngine : public ResetEngine {
 public:
  OwningEngine(std::unique_ptr<Foundation> foundation, std::unique_ptr<BuiltInDirectory> directory,
               EngineParts parts)
      : ResetEngine(std::move(parts)),
        directory_(std::move(directory)),
        foundation_(std::move(foundation)) {}

 private:
  std::unique_ptr<BuiltInDirectory> directory_;
  std::unique_ptr<Foundation> foundation_;
};

class OwningAdmin : public StoreAdmin {
 public:
  OwningAdmin(std::unique_ptr<Foundation> foundation, const Clock& clock, std::string issuer)
      : StoreAdmin(*foundation->store, *foundation->audit, foundation->hasher, foundation->keys,
                   foundation->random, clock, std::move(issuer)),
        foundation_(std::move(foundation)) {}

 private:
  std::unique_ptr<Foundation> foundation_;
};

}  // namespace

Status CreateSecretsKey(const std::string& path) {
  SystemRandom random;
  return ServiceKeys::Create(path, random);
}

Result<std::unique_ptr<FlowService>> MakeEngine(const EngineSettings& settings,
                                                const EngineDependencies& dependencies) {
  try {
    Result<std::unique_ptr<Foundation>> laid = Lay(settings, *dependencies.clock);
    if (!laid.ok()) return laid.error();
    std::unique_ptr<Foundation> foundation = std::move(*laid);
    if (!settings.permit_key_file.empty()) {
      Result<SigningKey> key = SigningKey::Load(settings.permit_key_file);
      if (!key.ok()) return key.error();
      foundation->permit_key = std::move(*key);
    }
    if (Status added = AddBreachChecks(settings, *foundation); !added.ok()) return added.error();
    auto directory = std::make_unique<BuiltInDirectory>(*foundation->store, foundation->hasher,
                                                        *dependencies.clock);
    EngineParts parts{.store = *foundation->store,
                      .directory = *directory,
                      .audit = *foundation->audit,
                      .hasher = foundation->hasher,
                      .keys = foundation->keys,
                      .random = foundation->random,
                      .clock = *dependencies.clock,
                      .deliver = dependencies.deliver,
                      .log = dependencies.log,
                      .permit_key = foundation->permit_key ? &*foundation->permit_key : nullptr,
                      .permit_key_id = settings.permit_key_id};
    for (const auto& check : foundation->breach_checks) parts.breach_checks.push_back(check.get());
    auto engine = std::make_unique<OwningEngine>(std::move(foundation), std::move(directory),
                                                 std::move(parts));
    engine->SettlePending();
    return std::unique_ptr<FlowService>(std::move(engine));
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, settings.database + ": " + error.what()};
  }
}

Result<std::unique_ptr<AdminService>> MakeAdmin(const EngineSettings& settings,
                                                const EngineDependencies& dependencies) {
  try {
    Result<std::unique_ptr<Foundation>> laid = Lay(settings, *dependencies.clock);
    if (!laid.ok()) return laid.error();
    return std::unique_ptr<AdminService>(
        std::make_unique<OwningAdmin>(std::move(*laid), *dependencies.clock, settings.issuer));
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, settings.database + ": " + error.what()};
  }
}

}  // namespace sspr::service
