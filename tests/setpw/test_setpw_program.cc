// SPDX-License-Identifier: Apache-2.0
// The real sspr-setpw, from the first frame to the changed /etc/shadow.
#include <shadow.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/base/setpw_frames.h"
#include "tests/setpw/program_test.h"

namespace sspr::test {
namespace {

std::string Byte(auto value) { return std::string(1, static_cast<char>(value)); }

TEST_F(ProgramTest, SetsThePasswordThatThePermitNames) {
  SetpwProcess setpw(kFlowUid);
  EXPECT_EQ(setpw.Ask(FrameType::kListPending, "")->payload, Byte(0));
  const Proposal proposal = ProposeFor(setpw);
  EXPECT_TRUE(machine().Accepts("alice", kOldPassword)) << "changed before the permit";
  EXPECT_EQ(machine().JournalFiles().size(), 1u);
  const auto committed = setpw.Ask(FrameType::kCommit, SignedFor(proposal));
  ASSERT_TRUE(committed);
  EXPECT_EQ(committed->type, FrameType::kCommitted);
  EXPECT_EQ(setpw.Wait(), 0);
  EXPECT_TRUE(machine().Accepts("alice", kNewPassword));
  EXPECT_EQ(machine().WhatIsDamaged(), "");
  EXPECT_TRUE(machine().JournalFiles().empty());
  EXPECT_NE(machine().TakeLog().find("SSPR-S007"), std::string::npos);
}

}  // namespace
}  // namespace sspr::test
