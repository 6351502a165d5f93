// SPDX-License-Identifier: Apache-2.0
// The agents on the premises: codes that register them, their keys, their revocation. ssprctl and
// the API stand on this; every change is audited before it is made.
//
// Errors: kPolicy (the value breaks a rule; the detail is a sentence), kDenied (there is no such
// agent), kInternal (database or audit). Safe from several threads at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/audit/audit_log.h"
#include "service/crypto/random.h"
#include "service/devices/device_registry.h"
#include "service/store/flow_store.h"
#include "service/writeback/agent_table.h"

namespace sspr::service {

struct AgentCode {
  std::string id;
  std::string text;  // shown once
  UnixSeconds expires_at = 0;
};

struct AgentRegistration {
  std::string_view code;
  ProvenKey key;  // of the request itself
  std::string sealing_key;
  std::string name;
  std::string versions;
  std::string address;
  std::string correlation_id;
};

enum class RegisterRefusal { kMalformed, kBadCode, kRevoked, kTooMany, kTooManyAgents, kInternal };

class AgentRegistry {
 public:
  // All outlive it.
  AgentRegistry(SqlDatabase& database, FlowStore& store, AuditLog& audit, Random& random,
                const Clock& clock);

  // minutes: 1 to 1440.
  Result<AgentCode> IssueCode(int minutes, std::string_view by);
  Result<std::vector<AgentRecord>> List();
  // By its id or a beginning of it of at least 8 digits.
  Result<AgentRecord> Show(std::string_view id);
  Status Revoke(std::string_view id, std::string_view by);
  Status Remove(std::string_view id, std::string_view by);

  // Nothing when it is done: the agent's id is the thumbprint of its key.
  std::optional<RegisterRefusal> Register(const AgentRegistration& request);

  // One that may be asked. Throws StoreFailure.
  std::optional<AgentRecord> Known(std::string_view id);
  // All that may be asked. Throws StoreFailure.
  std::vector<AgentRecord> Active();
  // It was heard of just now. Throws StoreFailure.
  void Touch(const AgentRecord& agent, std::string_view versions);

 private:
  void Note(const char* event, std::string_view agent, const char* outcome, std::string reason,
            std::string_view address = {});

  AgentTable table_;
  FlowStore& store_;
  AuditLog& audit_;
  Random& random_;
  const Clock& clock_;
};

}  // namespace sspr::service
