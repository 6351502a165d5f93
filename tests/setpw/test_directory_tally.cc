// SPDX-License-Identifier: Apache-2.0
// An account of a directory has no password on this machine, but pam_faillock counts its failed
// logins here: the real sspr-setpw forgets them, and does nothing else for it.
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <ctime>

#include "common/base/setpw_frames.h"
#include "common/base/setpw_locked.h"
#include "tests/setpw/program_test.h"

namespace sspr::test {
namespace {

std::string ByteOf(auto value) { return std::string(1, static_cast<char>(value)); }

// A record as pam_faillock writes it.
std::string FailureAt(std::uint64_t time) {
  constexpr std::uint16_t kValid = 1;
  std::string record(64, '\0');
  std::memcpy(record.data() + 54, &kValid, sizeof kValid);
  std::memcpy(record.data() + 56, &time, sizeof time);
  return record;
}

// Of a directory: not in passwd, and its tally belongs to the uid that the directory gave it.
constexpr uid_t kDanasUid = 200'117;

class DirectoryTally : public ProgramTest {
 public:
  void SetUp() override {
    ProgramTest::SetUp();
    const auto now = static_cast<std::uint64_t>(time(nullptr));
    for (int i = 0; i < 3; ++i) failures_ += FailureAt(now);
    Tally("dana", kDanasUid);
  }
  void Tally(const std::string& name, uid_t owner) const {
    WriteFile("/run/faillock/" + name, failures_, 0660);
    ASSERT_EQ(chown(("/run/faillock/" + name).c_str(), owner, 0), 0);
  }
  static std::optional<Reply> Prepare(SetpwProcess& setpw, std::string_view name) {
    return setpw.Ask(FrameType::kPrepare, std::string(1, '\0') + static_cast<char>(name.size()) +
                                              std::string(name) + '\1');
  }
  static std::string Signed(const Reply& ready, std::string_view account,
                            PermitOperation operation = PermitOperation::kUnlock) {
    Permit permit = machine().PermitFor(
        account, *FixedBytesFrom<kNonceBytes>(std::string_view(ready.payload).substr(32, 32)), {},
        TransactionNumber('t'));
    permit.operation = operation;
    return machine().Signed(permit);
  }
  std::string failures_;
};

TEST_F(DirectoryTally, IsForgottenUnderAPermit) {
  SetpwProcess setpw(kFlowUid);
  const auto ready = Prepare(setpw, "dana");
  ASSERT_EQ(ready->type, FrameType::kReady);
  EXPECT_EQ(ready->payload.substr(64), ByteOf(kLockedOut | kOfDirectory) + ByteOf(0));
  EXPECT_EQ(setpw.Ask(FrameType::kUnlock, Signed(*ready, "dana"))->type, FrameType::kCommitted);
  EXPECT_EQ(ReadFile("/run/faillock/dana"), "");
  EXPECT_EQ(setpw.Wait(), 0);
  EXPECT_TRUE(machine().JournalFiles().empty());
  EXPECT_NE(machine().TakeLog().find("SSPR-S020"), std::string::npos);
}

TEST_F(DirectoryTally, StaysUnderAnyOtherPermit) {
  Tally("emil", kDanasUid + 1);
  const std::pair<const char*, PermitOperation> cases[] = {{"emil", PermitOperation::kUnlock},
                                                           {"alice", PermitOperation::kUnlock},
                                                           {"dana", PermitOperation::kReset}};
  for (const auto& [account, operation] : cases) {
    SetpwProcess setpw(kFlowUid);
    const auto ready = Prepare(setpw, "dana");
    const auto answer = setpw.Ask(FrameType::kUnlock, Signed(*ready, account, operation));
    EXPECT_EQ(answer->type, FrameType::kFailed);
    EXPECT_EQ(answer->payload, ByteOf(FailureReason::kBadPermit));
  }
  SetpwProcess first(kFlowUid);
  const auto earlier = Prepare(first, "dana");
  SetpwProcess second(kFlowUid);
  ASSERT_TRUE(Prepare(second, "dana"));
  EXPECT_EQ(second.Ask(FrameType::kUnlock, Signed(*earlier, "dana"))->type, FrameType::kFailed)
      << "the permit of another dialogue";
  EXPECT_EQ(ReadFile("/run/faillock/dana"), failures_);
  EXPECT_EQ(ReadFile("/run/faillock/emil"), failures_);
}

TEST_F(DirectoryTally, ThatIsNotAPersonsIsLeftAlone) {
  for (const uid_t owner : {0u, 999u, 65534u}) {
    Tally("dana", owner);
    SetpwProcess setpw(kFlowUid);
    const auto ready = Prepare(setpw, "dana");
    EXPECT_EQ(setpw.Ask(FrameType::kUnlock, Signed(*ready, "dana"))->type, FrameType::kFailed);
    EXPECT_EQ(ReadFile("/run/faillock/dana"), failures_) << owner;
  }
}

TEST_F(DirectoryTally, OfANameThatIsNoDirectorysIsNobodys) {
  for (const char* const name : {"Alice", "ROOT", "Nobody", "+dana"}) {
    SetpwProcess setpw(kFlowUid);
    const auto answer = Prepare(setpw, name);
    ASSERT_TRUE(answer) << name;
    EXPECT_EQ(answer->type, FrameType::kRefused) << name;
  }
  for (const char* const name : {"../dana", "da/na", ".", "-dana", ""}) {
    SetpwProcess setpw(kFlowUid);
    EXPECT_FALSE(Prepare(setpw, name)) << name;
  }
  WriteFile("/etc/group", ReadFile("/etc/group") + "docker:x:40:dana\n");  // a denied group
  SetpwProcess setpw(kFlowUid);
  EXPECT_EQ(Prepare(setpw, "dana")->type, FrameType::kRefused);
}

TEST_F(DirectoryTally, IsAllThatCanBeAskedFor) {
  const std::string transaction(16, 'z');
  const std::pair<FrameType, std::string> cases[] = {
      {FrameType::kPropose, transaction + kNewPassword},
      {FrameType::kRemember, kOldPassword},
      {FrameType::kCommit, std::string(256, 'p')},
      {FrameType::kListPending, ""}};
  for (const auto& [type, payload] : cases) {
    SetpwProcess setpw(kFlowUid);
    ASSERT_TRUE(Prepare(setpw, "dana"));
    EXPECT_FALSE(setpw.Ask(type, payload)) << static_cast<int>(type);
  }
  SetpwProcess setpw(kFlowUid);
  ASSERT_TRUE(Prepare(setpw, "dana"));
  EXPECT_EQ(setpw.Ask(FrameType::kAbort, "")->type, FrameType::kAborted);
}

TEST_F(DirectoryTally, AnAccountOfTheMachineIsStillItsOwn) {
  SetpwProcess setpw(kFlowUid);
  const auto ready = Prepare(setpw, "alice");
  ASSERT_EQ(ready->type, FrameType::kReady);
  EXPECT_EQ(ready->payload.substr(64), ByteOf(0) + ByteOf(0));
  EXPECT_EQ(setpw.Propose(TransactionNumber('t'), kNewPassword)->type, FrameType::kProposed);
}

}  // namespace
}  // namespace sspr::test
