// SPDX-License-Identifier: Apache-2.0
// Who may do what: the one table. What is not in it nobody may.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "service/store/operator_table.h"

namespace sspr::service {

enum class OperatorAction {
  kSeeUsers,  // and their methods, masked
  kSeeFigures,
  kSeeCampaign,
  kSeePolicy,
  kSeeBanned,
  kSeeClients,
  kSeeDevices,
  kSeeAudit,
  kSeeOperators,
  kSeeRequests,
  kServeCaller,  // prove a caller, issue a pass
  kUnlockUser,
  kChangeUser,  // enable, groups, names, risk, methods
  kChangePolicy,
  kChangeBanned,
  kChangeClients,
  kChangeDevices,
  kChangeOperators,
  kApprove,  // what another operator asks
};

struct OperatorRight {
  OperatorAction action;
  const char* word;  // in the audit, when it is refused
  bool auditor;
  bool help_desk;
  bool admin;
};

std::span<const OperatorRight> OperatorRights();

bool May(OperatorRole role, OperatorAction action);

const char* Name(OperatorAction action);

// "auditor", "helpdesk", "admin".
const char* Name(OperatorRole role);
std::optional<OperatorRole> OperatorRoleOf(std::string_view word);

}  // namespace sspr::service
