// SPDX-License-Identifier: Apache-2.0
// Who may do what, as a matrix that is written down twice.
#include <gtest/gtest.h>

#include <string>

#include "service/operators/operator_rights.h"

namespace sspr::service {
namespace {

using Action = OperatorAction;

struct Expected {
  Action action;
  const char* who;  // A auditor, H help desk, D administrator
};

constexpr Expected kMatrix[] = {
    {Action::kSeeUsers, "AHD"},    {Action::kSeeFigures, "AHD"},  {Action::kSeeCampaign, "AHD"},
    {Action::kSeePolicy, "AD"},    {Action::kSeeBanned, "AD"},    {Action::kSeeClients, "AD"},
    {Action::kSeeDevices, "AD"},   {Action::kSeeAudit, "AD"},     {Action::kSeeOperators, "AD"},
    {Action::kSeeRequests, "AHD"}, {Action::kServeCaller, "HD"},  {Action::kUnlockUser, "HD"},
    {Action::kChangeUser, "D"},    {Action::kChangePolicy, "D"},  {Action::kChangeBanned, "D"},
    {Action::kChangeClients, "D"}, {Action::kChangeDevices, "D"}, {Action::kChangeOperators, "D"},
    {Action::kApprove, "D"},
};

TEST(OperatorRights, EachRoleMayWhatTheMatrixSaysAndNothingElse) {
  for (const Expected& row : kMatrix) {
    const std::string who = row.who;
    EXPECT_EQ(May(OperatorRole::kAuditor, row.action), who.find('A') != std::string::npos)
        << Name(row.action);
    EXPECT_EQ(May(OperatorRole::kHelpDesk, row.action), who.find('H') != std::string::npos)
        << Name(row.action);
    EXPECT_EQ(May(OperatorRole::kAdmin, row.action), who.find('D') != std::string::npos)
        << Name(row.action);
  }
  EXPECT_EQ(OperatorRights().size(), std::size(kMatrix)) << "a right that no test knows";
}

TEST(OperatorRights, WhatIsNotInTheTableNobodyMay) {
  for (const auto role : {OperatorRole::kAuditor, OperatorRole::kHelpDesk, OperatorRole::kAdmin}) {
    EXPECT_FALSE(May(role, static_cast<Action>(1000)));
  }
  EXPECT_FALSE(May(static_cast<OperatorRole>(7), Action::kSeeUsers)) << "of a newer database";
}

TEST(OperatorRights, AnAuditorChangesNothing) {
  for (const OperatorRight& right : OperatorRights()) {
    EXPECT_TRUE(!right.auditor || right.action < Action::kServeCaller) << right.word;
  }
}

TEST(OperatorRights, RolesHaveTheirWords) {
  for (const auto role : {OperatorRole::kAuditor, OperatorRole::kHelpDesk, OperatorRole::kAdmin}) {
    EXPECT_EQ(OperatorRoleOf(Name(role)), role);
  }
  EXPECT_EQ(OperatorRoleOf("root"), std::nullopt);
  EXPECT_EQ(OperatorRoleOf(""), std::nullopt);
}

}  // namespace
}  // namespace sspr::service
