// SPDX-License-Identifier: Apache-2.0
// What the service has for agents on the premises: who they are, and what they are asked.
#pragma once

#include <functional>
#include <string_view>

#include "service/writeback/agent_registry.h"
#include "service/writeback/job_hub.h"

namespace sspr::service {

struct WritebackDesk {
  // All outlive it.
  WritebackDesk(SqlDatabase& database, FlowStore& store, AuditLog& audit, Random& random,
                const Clock& clock, std::function<void(std::string_view)> log,
                JobHubSettings settings = {})
      : registry(database, store, audit, random, clock),
        hub(database, registry, random, clock, std::move(log), settings) {}

  AgentRegistry registry;
  JobHub hub;
};

}  // namespace sspr::service
