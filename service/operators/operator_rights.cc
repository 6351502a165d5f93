// SPDX-License-Identifier: Apache-2.0
#include "service/operators/operator_rights.h"

#include <array>

namespace sspr::service {
namespace {

using Action = OperatorAction;

// An auditor sees everything and changes nothing; the help desk serves callers and sees no more
// than that takes.
constexpr auto kRights = std::to_array<OperatorRight>({
    // action, word, auditor, help desk, admin
    {Action::kSeeUsers, "users", true, true, true},
    {Action::kSeeFigures, "figures", true, true, true},
    {Action::kSeeCampaign, "campaign", true, true, true},
    {Action::kSeePolicy, "policy", true, false, true},
    {Action::kSeeBanned, "banned", true, false, true},
    {Action::kSeeClients, "clients", true, false, true},
    {Action::kSeeDevices, "devices", true, false, true},
    {Action::kSeeAudit, "audit", true, false, true},
    {Action::kSeeOperators, "operators", true, false, true},
    {Action::kSeeRequests, "requests", true, true, true},
    {Action::kServeCaller, "serve_caller", false, true, true},
    {Action::kUnlockUser, "unlock", false, true, true},
    {Action::kChangeUser, "change_user", false, false, true},
    {Action::kChangePolicy, "change_policy", false, false, true},
    {Action::kChangeBanned, "change_banned", false, false, true},
    {Action::kChangeClients, "change_clients", false, false, true},
    {Action::kChangeDevices, "change_devices", false, false, true},
    {Action::kChangeOperators, "change_operators", false, false, true},
    {Action::kApprove, "approve", false, false, true},
});

const OperatorRight* Find(OperatorAction action) {
  for (const OperatorRight& right : kRights) {
    if (right.action == action) return &right;
  }
  return nullptr;
}

constexpr std::array<const char*, 3> kRoles{"auditor", "helpdesk", "admin"};

}  // namespace

std::span<const OperatorRight> OperatorRights() { return kRights; }

bool May(OperatorRole role, OperatorAction action) {
  const OperatorRight* const right = Find(action);
  if (right == nullptr) return false;
  switch (role) {
    case OperatorRole::kAuditor:
      return right->auditor;
    case OperatorRole::kHelpDesk:
      return right->help_desk;
    case OperatorRole::kAdmin:
      return right->admin;
  }
  return false;
}

const char* Name(OperatorAction action) {
  const OperatorRight* const right = Find(action);
  return right != nullptr ? right->word : "unknown";
}

const char* Name(OperatorRole role) {
  const auto index = static_cast<std::size_t>(role);
  return index < kRoles.size() ? kRoles[index] : "none";
}

std::optional<OperatorRole> OperatorRoleOf(std::string_view word) {
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (word == kRoles[i]) return static_cast<OperatorRole>(i);
  }
  return std::nullopt;
}

}  // namespace sspr::service
