// SPDX-License-Identifier: Apache-2.0
// Does what the service asks, in the directory. A password is set at most once for a transaction:
// the ledger, a database of the agent's own, knows what was begun before the directory is asked,
// and what came of it, also after the agent was killed.
//
// Safe from several threads at once.
#pragma once

#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/writeback/sealing_key.h"
#include "service/crypto/random.h"
#include "service/directory/ldap_directory.h"
#include "service/store/directory_claims.h"
#include "service/store/sql_store.h"
#include "service/writeback/messages.h"
#include "writeback/agent_rules.h"

namespace sspr {

class JobWorker {
 public:
  // Opens the ledger. clock outlives it. kInternal or kPolicy, with a sentence, otherwise.
  static Result<std::unique_ptr<JobWorker>> Make(const AgentConfig& config,
                                                 const std::string& ledger_file,
                                                 std::string agent_id, SealingKey key,
                                                 const Clock& clock);

  // Never throws.
  service::WritebackAnswer Do(const service::WritebackJob& job) noexcept;

 private:
  JobWorker(AgentRuleSettings rules, std::string agent_id, SealingKey key, const Clock& clock)
      : rules_(std::move(rules)),
        agent_id_(std::move(agent_id)),
        key_(std::move(key)),
        clock_(clock) {}

  service::WritebackAnswer Try(const service::WritebackJob& job);
  service::WritebackAnswer Found(std::optional<service::DirectoryUser> user);
  service::WritebackAnswer Verify(const service::WritebackJob& job);
  service::WritebackAnswer Unlock(const service::WritebackJob& job);
  service::WritebackAnswer Set(const service::WritebackJob& job);
  service::WritebackAnswer FindOut(const service::WritebackJob& job);
  Result<Secret> Open(const service::WritebackJob& job) const;

  const AgentRules rules_;
  const std::string agent_id_;
  const SealingKey key_;
  const Clock& clock_;
  service::SystemRandom random_;
  std::shared_ptr<service::SqlDatabase> database_;
  std::unique_ptr<service::SqlStore> store_;
  std::unique_ptr<service::DirectoryClaims> claims_;
  std::unique_ptr<service::Directory> directory_;
};

}  // namespace sspr
