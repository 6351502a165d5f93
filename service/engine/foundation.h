// SPDX-License-Identifier: Apache-2.0
// What a process of the service stands on, opened once: keys, database, audit file, hasher,
// directory. The engine of the flows, the administration and whatever else answers requests are
// made on top of it and do not outlive it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/audit/audit_log.h"
#include "service/breach/breach_check.h"
#include "service/crypto/password_hasher.h"
#include "service/crypto/random.h"
#include "service/crypto/service_keys.h"
#include "service/directory/directory.h"
#include "service/engine/admin_service.h"
#include "service/engine/engine_parts.h"
#include "service/engine/engine_settings.h"
#include "service/store/approval_table.h"
#include "service/store/hand_off_table.h"
#include "service/store/passkey_table.h"
#include "service/store/sql_database.h"
#include "service/store/sql_store.h"

namespace sspr::service {

struct Foundation {
  Foundation(EngineSettings opened_settings, EngineDependencies opened_dependencies,
             ServiceKeys opened_keys)
      : settings(std::move(opened_settings)),
        dependencies(std::move(opened_dependencies)),
        keys(std::move(opened_keys)),
        hasher(random, settings.hashes_at_once) {}

  const EngineSettings settings;
  const EngineDependencies dependencies;
  SystemRandom random;
  const ServiceKeys keys;
  PasswordHasher hasher;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<RiskTable> risk_table;
  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<ApprovalTable> approvals;
  std::unique_ptr<HandOffTable> hand_offs;
  std::unique_ptr<PasskeyTable> passkeys;
  std::unique_ptr<Directory> directory;
  // What only the flows need; MakeFlows loads it.
  std::optional<SigningKey> permit_key;
  std::uint16_t permit_key_id = 0;  // of that
  std::vector<std::unique_ptr<BreachCheck>> breach_checks;

  const Clock& clock() const { return *dependencies.clock; }
  // For the parts of an engine. Valid as long as the foundation is.
  EngineParts Parts();
};

// Opens everything and brings the database up to the newest schema. kInternal; the detail names
// the file and what to do.
Result<std::unique_ptr<Foundation>> LayFoundation(const EngineSettings& settings,
                                                  const EngineDependencies& dependencies);

// On a foundation that outlives them. MakeFlows loads the permit key and the lists of leaked
// passwords, and settles what a crash left pending.
Result<std::unique_ptr<FlowService>> MakeFlows(Foundation& foundation);
// What it changes is audited as done by the actor.
std::unique_ptr<AdminService> MakeAdmin(Foundation& foundation, Actor actor = {});

}  // namespace sspr::service
