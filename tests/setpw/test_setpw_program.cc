// SPDX-License-Identifier: Apache-2.0
// The real sspr-setpw, from the first frame to the changed /etc/shadow.
#include <fcntl.h>
#include <shadow.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/base/setpw_frames.h"
#include "tests/setpw/program_test.h"

namespace sspr::test {
namespace {

std::string Byte(auto value) { return std::string(1, static_cast<char>(value)); }

std::string StatusField(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":"))
      return line.substr(line.find_first_not_of(" \t", name.size() + 1));
  }
  return "";
}

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

TEST_F(ProgramTest, NeitherPasswordNorHashReachesTheLogOrTheJournal) {
  SetpwProcess setpw(kFlowUid);
  const Proposal proposal = ProposeFor(setpw);
  const std::string entry = ReadFile("/var/lib/sspr/journal/" + machine().JournalFiles().at(0));
  ASSERT_EQ(setpw.Ask(FrameType::kCommit, SignedFor(proposal))->type, FrameType::kCommitted);
  const std::string log = machine().TakeLog();
  const std::string hash = machine().HashOf("alice");
  const std::string checksum = hash.substr(hash.rfind('$') + 1);
  for (const std::string& where : {log, entry}) {
    EXPECT_EQ(where.find(kNewPassword), std::string::npos);
    EXPECT_EQ(where.find(checksum), std::string::npos);
  }
}

TEST_F(ProgramTest, HashesAsTheMachineIsConfigured) {
  WriteFile("/etc/pam.d/common-password", "password sufficient pam_unix.so yescrypt rounds=3\n");
  SetpwProcess setpw;
  const Proposal proposal = ProposeFor(setpw);
  ASSERT_EQ(setpw.Ask(FrameType::kCommit, SignedFor(proposal))->type, FrameType::kCommitted);
  EXPECT_TRUE(machine().HashOf("alice").starts_with("$y$j7T$")) << machine().HashOf("alice");
  EXPECT_TRUE(machine().Accepts("alice", kNewPassword));
}

TEST_F(ProgramTest, StaysSmallAlthoughTheHashTakesSixteenMebibytes) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "sanitizers take memory of their own";
#endif
  WriteFile("/etc/pam.d/common-password", "password sufficient pam_unix.so yescrypt\n");
  WriteFile("/etc/security/pwquality.conf", "minlen = 8\n");
  Proposal open;
  {
    SetpwProcess setpw;
    open = ProposeFor(setpw, "bob", 'b');
    setpw.CloseSending();
    EXPECT_EQ(setpw.Wait(), 0);
  }
  SetpwProcess setpw;
  EXPECT_EQ(setpw.Resolve(open.transaction, 2, SignedFor(open, "bob"))->payload.substr(16),
            Byte(Resolution::kCompleted));
  ProposeFor(setpw);
  const int kilobytes = std::stoi(StatusField(setpw.pid(), "VmHWM"));
  RecordProperty("VmHWM_kB", kilobytes);
  EXPECT_LT(kilobytes, 6 * 1024);
}

TEST_F(ProgramTest, ConfinesItselfBeforeItListens) {
  setenv("LD_LIBRARY_PATH", "/nowhere", 1);
  setenv("CANARY", "environment", 1);
  const int stray = open("/etc/shadow", O_RDONLY);  // inherited: no O_CLOEXEC
  SetpwProcess setpw;
  close(stray);
  unsetenv("LD_LIBRARY_PATH");
  unsetenv("CANARY");
  ASSERT_TRUE(setpw.Ask(FrameType::kListPending, ""));
  const std::string proc = "/proc/" + std::to_string(setpw.pid());
  EXPECT_EQ(StatusField(setpw.pid(), "NoNewPrivs"), "1");
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_EQ(StatusField(setpw.pid(), "Seccomp"), "2");
#endif
  EXPECT_EQ(StatusField(setpw.pid(), "Umask"), "0077");
  EXPECT_EQ(std::filesystem::read_symlink(proc + "/cwd"), "/");
  int beyond_streams = 0;
  for (const auto& fd : std::filesystem::directory_iterator(proc + "/fd")) {
    const std::string target = std::filesystem::read_symlink(fd.path()).string();
    EXPECT_EQ(target.find("shadow"), std::string::npos);
    beyond_streams += std::stoi(fd.path().filename()) > 2 ? 1 : 0;
  }
  EXPECT_LE(beyond_streams, 3) << "the log, the state folder, the journal folder";
}

TEST_F(ProgramTest, OnlyRootAndTheFlowUserAreServed) {
  for (const uid_t uid : {uid_t{0}, kFlowUid}) {
    SetpwProcess setpw(uid);
    EXPECT_TRUE(setpw.Ask(FrameType::kListPending, "")) << uid;
  }
  for (const uid_t uid : {kAliceUid, uid_t{65534}, uid_t{991}, uid_t{4294967294}}) {
    machine().TakeLog();
    SetpwProcess setpw(uid);
    EXPECT_FALSE(setpw.Ask(FrameType::kListPending, "")) << uid;
    EXPECT_EQ(setpw.Wait(), 1) << uid;
    EXPECT_NE(machine().TakeLog().find("SSPR-S002"), std::string::npos);
  }
}

TEST_F(ProgramTest, WithoutTheFlowUserOnlyRootIsServed) {
  WriteFile("/etc/sspr/sspr.conf", "[machine]\nflow_user = nobody-of-that-name\n");
  SetpwProcess setpw(kFlowUid);
  EXPECT_FALSE(setpw.Ask(FrameType::kListPending, ""));
}

TEST_F(ProgramTest, RefusesAccountsThatAreNotItsToReset) {
  SetpwProcess setpw;
  const std::pair<const char*, RefusalReason> cases[] = {
      {"root", RefusalReason::kNotPermitted},    {"daemon", RefusalReason::kNotPermitted},
      {"sspr", RefusalReason::kNotPermitted},    {"carol", RefusalReason::kNotPermitted},
      {"dave", RefusalReason::kNotPermitted},    {"ALICE", RefusalReason::kNotLocal},
      {"nobody1", RefusalReason::kNotLocal},     {"alice@example.org", RefusalReason::kNotLocal},
      {"CORP\\alice", RefusalReason::kNotLocal},
  };
  for (const auto& [account, reason] : cases) {
    const auto reply = setpw.Prepare(account);
    ASSERT_TRUE(reply) << account;
    EXPECT_EQ(reply->type, FrameType::kRefused) << account;
    EXPECT_EQ(reply->payload, Byte(reason)) << account;
  }
  EXPECT_EQ(setpw.Prepare("alice")->type, FrameType::kReady) << "refusals leave it idle";
}

TEST_F(ProgramTest, NamesThatCannotBeCarriedEndTheConnection) {
  for (const char* name : {"", "-alice", "al:ice", "alice\nroot", "../alice", "$(id)", "a b"}) {
    SetpwProcess setpw;
    EXPECT_FALSE(setpw.Prepare(name)) << name;
  }
  EXPECT_EQ(machine().WhatIsDamaged(), "");
}

TEST_F(ProgramTest, TwoResetsOfOneAccountExcludeEachOther) {
  SetpwProcess first;
  ASSERT_EQ(first.Prepare("alice")->type, FrameType::kReady);
  SetpwProcess second;
  EXPECT_EQ(second.Prepare("alice")->payload, Byte(RefusalReason::kBusy));
  EXPECT_EQ(second.Prepare("bob")->type, FrameType::kReady);
}

TEST_F(ProgramTest, ALiveTransactionIsNeitherListedNorResolvedByOthers) {
  SetpwProcess first;
  const Proposal proposal = ProposeFor(first);
  SetpwProcess second;
  EXPECT_EQ(second.Ask(FrameType::kListPending, "")->payload, Byte(0));
  const auto resolved = second.Resolve(proposal.transaction, 0);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->payload.substr(16), Byte(Resolution::kKept));
  EXPECT_EQ(first.Ask(FrameType::kCommit, SignedFor(proposal))->type, FrameType::kCommitted);
}

TEST_F(ProgramTest, WithoutEnrolmentNobodyIsReset) {
  std::filesystem::remove("/etc/sspr/permit.pub");
  SetpwProcess setpw;
  EXPECT_EQ(setpw.Prepare("alice")->payload, Byte(RefusalReason::kNotEnrolled));
  EXPECT_EQ(setpw.Prepare("stranger")->payload, Byte(RefusalReason::kNotLocal));
}

TEST_F(ProgramTest, BadConfigurationIsNamedAndNothingIsDone) {
  struct {
    const char* what;
    const char* path;
    std::string text;
    unsigned mode;
    const char* named;
  } const cases[] = {
      {"typo", "/etc/sspr/sspr.conf", "[machine]\nmin_udi = 1000\n", 0644, "sspr.conf:2"},
      {"uid of the system", "/etc/sspr/sspr.conf", "[machine]\nmin_uid = 0\n", 0644, "sspr.conf:2"},
      {"others may write", "/etc/sspr/sspr.conf", "[machine]\n", 0666, "sspr.conf"},
      {"device id", "/etc/sspr/device.id", "zz\n", 0644, "device.id:1"},
      {"key others may write", "/etc/sspr/permit.pub", "x", 0664, "permit.pub"},
      {"not a key", "/etc/sspr/permit.pub", "x", 0644, "permit.pub"},
      {"hash method", "/etc/login.defs", "ENCRYPT_METHOD ROT13\n", 0644, "ENCRYPT_METHOD"},
  };
  for (const auto& c : cases) {
    machine().Reset();
    WriteFile("/etc/pam.d/common-password", "password required pam_unix.so\n");
    WriteFile(c.path, c.text, c.mode);
    SetpwProcess setpw;
    EXPECT_EQ(setpw.Ask(FrameType::kListPending, "")->payload, Byte(0)) << c.what;
    EXPECT_EQ(setpw.Prepare("alice")->payload, Byte(RefusalReason::kInternal)) << c.what;
    EXPECT_EQ(setpw.Resolve(TransactionNumber('t'), 0)->payload.substr(16),
              Byte(Resolution::kKept));
    const std::string log = machine().TakeLog();
    EXPECT_NE(log.find("SSPR-S001"), std::string::npos) << c.what;
    EXPECT_NE(log.find(c.named), std::string::npos) << c.what << ": " << log;
    EXPECT_EQ(RunSetpw({"--recover"}, nullptr), 2) << c.what;
  }
}

TEST_F(ProgramTest, StateFolderOfOthersIsNotUsed) {
  ASSERT_EQ(chmod("/var/lib/sspr", 0777), 0);
  SetpwProcess setpw;
  EXPECT_EQ(setpw.Prepare("alice")->payload, Byte(RefusalReason::kInternal));
}

TEST_F(ProgramTest, RejectedPasswordsLeaveNothingBehind) {
  WriteFile("/etc/security/pwquality.conf", "minlen = 14\n");
  SetpwProcess setpw;
  ASSERT_EQ(setpw.Prepare("alice")->type, FrameType::kReady);
  const std::pair<std::string, RejectionReason> cases[] = {
      {"short1", RejectionReason::kTooWeak},
      {std::string(512, 'x'), RejectionReason::kTooLong},
      {std::string(257, 'x'), RejectionReason::kTooLong},
      {"tab\tin the middle of it", RejectionReason::kNotTypable},
      {"not utf-8 \xff and more of it", RejectionReason::kNotTypable},
      {"decomposed e\xCC\x81 and more", RejectionReason::kNotTypable},
      {kOldPassword, RejectionReason::kUsedBefore},
  };
  for (const auto& [password, reason] : cases) {
    const auto reply = setpw.Propose(TransactionNumber('t'), password);
    ASSERT_TRUE(reply) << password;
    EXPECT_EQ(reply->type, FrameType::kRejected) << password;
    EXPECT_EQ(reply->payload.substr(0, 1), Byte(reason)) << password;
    EXPECT_TRUE(machine().JournalFiles().empty());
  }
  EXPECT_EQ(setpw.Propose(TransactionNumber('t'), kNewPassword)->type, FrameType::kProposed);
}

TEST_F(ProgramTest, ASecondProposalReplacesTheFirst) {
  SetpwProcess setpw;
  const Proposal first = ProposeFor(setpw, "alice", '1', "the first proposal 1");
  const auto again = setpw.Propose(TransactionNumber('2'), kNewPassword);
  ASSERT_EQ(again->type, FrameType::kProposed);
  EXPECT_EQ(machine().JournalFiles().size(), 1u);
  Proposal second = first;
  second.transaction = TransactionNumber('2');
  second.commitment = *FixedBytesFrom<kCommitmentBytes>(again->payload);
  EXPECT_NE(second.commitment, first.commitment);
  EXPECT_EQ(setpw.Ask(FrameType::kCommit, SignedFor(second))->type, FrameType::kCommitted);
  EXPECT_TRUE(machine().Accepts("alice", kNewPassword));
}

TEST_F(ProgramTest, AbortVoidsTheEntry) {
  SetpwProcess setpw;
  ProposeFor(setpw);
  EXPECT_EQ(setpw.Ask(FrameType::kAbort, "")->type, FrameType::kAborted);
  EXPECT_EQ(setpw.Wait(), 0);
  EXPECT_TRUE(machine().JournalFiles().empty());
  EXPECT_TRUE(machine().Accepts("alice", kOldPassword));
}

TEST_F(ProgramTest, ACallerWhoLeavesKeepsTheTransactionOpenUntilTheVerdict) {
  for (const Verdict verdict : {Verdict::kFailed, Verdict::kSucceeded}) {
    machine().Reset();
    Proposal proposal;
    {
      SetpwProcess setpw;
      proposal = ProposeFor(setpw);
      setpw.CloseSending();
      EXPECT_EQ(setpw.Wait(), 0);
    }
    std::string out;
    EXPECT_EQ(RunSetpw({"--recover"}, &out), 1);
    EXPECT_NE(out.find("alice waits for the service's answer"), std::string::npos) << out;
    SetpwProcess setpw(kFlowUid);
    EXPECT_EQ(setpw.Ask(FrameType::kListPending, "")->payload,
              Byte(1) + std::string(View(proposal.transaction)));
    EXPECT_EQ(setpw.Resolve(proposal.transaction, 1)->payload.substr(16), Byte(Resolution::kKept));
    const bool succeeded = verdict == Verdict::kSucceeded;
    const auto reply = setpw.Resolve(proposal.transaction, static_cast<std::uint8_t>(verdict),
                                     succeeded ? SignedFor(proposal) : std::string());
    EXPECT_EQ(reply->payload.substr(16),
              Byte(succeeded ? Resolution::kCompleted : Resolution::kVoided));
    EXPECT_TRUE(machine().Accepts("alice", succeeded ? kNewPassword : kOldPassword));
    EXPECT_TRUE(machine().JournalFiles().empty());
    EXPECT_EQ(machine().WhatIsDamaged(), "");
    EXPECT_EQ(setpw.Resolve(proposal.transaction, 0)->payload.substr(16),
              Byte(Resolution::kVoided));
  }
}

TEST_F(ProgramTest, APasswordSetMeanwhileIsNeverOverwritten) {
  SetpwProcess setpw;
  const Proposal proposal = ProposeFor(setpw);
  std::string shadow = ReadFile("/etc/shadow");
  const std::string line = "alice:" + machine().HashOf("alice");
  shadow.replace(shadow.find(line), line.size(), "alice:$6$other$fromTheAdministrator");
  WriteFile("/etc/shadow", shadow, 0640);
  const auto failed = setpw.Ask(FrameType::kCommit, SignedFor(proposal));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->type, FrameType::kFailed);
  EXPECT_EQ(failed->payload, Byte(FailureReason::kChanged));
  EXPECT_EQ(ReadFile("/etc/shadow"), shadow);
  EXPECT_TRUE(machine().JournalFiles().empty());
}

TEST_F(ProgramTest, WaitsForTheLockThatPasswdTakes) {
  SetpwProcess setpw;
  const Proposal proposal = ProposeFor(setpw);
  ASSERT_EQ(lckpwdf(), 0);
  ASSERT_TRUE(setpw.Send(FrameType::kCommit, SignedFor(proposal)));
  // Byte 5 of an entry is its state: wait until the permit is spent.
  const std::string entry = "/var/lib/sspr/journal/" + machine().JournalFiles().at(0);
  while (ReadFile(entry).at(5) != 2) usleep(1000);
  EXPECT_TRUE(machine().Accepts("alice", kOldPassword));
  ASSERT_EQ(ulckpwdf(), 0);
  EXPECT_EQ(setpw.Receive()->type, FrameType::kCommitted);
  EXPECT_TRUE(machine().Accepts("alice", kNewPassword));
}

TEST_F(ProgramTest, ClearsTheTallyOfFailedLoginsAndKeepsTheHistory) {
  WriteFile("/etc/pam.d/common-password",
            "password required pam_pwhistory.so remember=3\n"
            "password sufficient pam_unix.so sha512 rounds=1000 use_authtok\n");
  std::filesystem::create_directory("/etc/security");
  WriteFile("/run/faillock/alice", "six failures", 0600);
  WriteFile("/run/faillock/bob", "not his", 0600);
  const std::string old_hash = machine().HashOf("alice");
  {
    SetpwProcess setpw;
    const Proposal proposal = ProposeFor(setpw);
    EXPECT_EQ(setpw.Ask(FrameType::kCommit, SignedFor(proposal))->type, FrameType::kCommitted);
  }
  EXPECT_EQ(ReadFile("/run/faillock/alice"), "");
  EXPECT_EQ(ReadFile("/run/faillock/bob"), "not his");
  EXPECT_EQ(ReadFile("/etc/security/opasswd"), "alice:1000:1:" + old_hash + "\n");
  SetpwProcess setpw;
  ASSERT_EQ(setpw.Prepare("alice")->type, FrameType::kReady);
  EXPECT_EQ(setpw.Propose(TransactionNumber('u'), kOldPassword)->payload.substr(0, 1),
            Byte(RejectionReason::kUsedBefore));
}

// A record as pam_faillock writes it.
std::string Failure(std::uint64_t time, std::uint16_t status = 1) {
  std::string record(64, '\0');
  std::memcpy(record.data() + 54, &status, sizeof status);
  std::memcpy(record.data() + 56, &time, sizeof time);
  return record;
}

TEST_F(ProgramTest, UnlocksUnderAPermitForThatAlone) {
  const auto now = static_cast<std::uint64_t>(time(nullptr));
  const std::string failures = Failure(now) + Failure(now) + Failure(now);
  WriteFile("/run/faillock/alice", failures, 0600);
  const std::string old_hash = machine().HashOf("alice");
  for (const bool permitted : {false, true}) {
    SetpwProcess setpw;
    const auto ready = setpw.Prepare("alice");
    ASSERT_EQ(ready->type, FrameType::kReady);
    EXPECT_EQ(ready->payload.substr(64), Byte(1) + Byte(0)) << "locked out, no old secrets";
    Permit permit = machine().PermitFor(
        "alice", *FixedBytesFrom<kNonceBytes>(std::string_view(ready->payload).substr(32, 32)), {},
        TransactionNumber('t'));
    permit.operation = permitted ? PermitOperation::kUnlock : PermitOperation::kReset;
    const auto answer = setpw.Ask(FrameType::kUnlock, machine().Signed(permit));
    EXPECT_EQ(answer->type, permitted ? FrameType::kCommitted : FrameType::kFailed);
    // The old password goes on opening all that it opened.
    if (permitted) {
      EXPECT_EQ(answer->payload, Byte(0) + Byte(0) + Byte(0));
    }
    EXPECT_EQ(ReadFile("/run/faillock/alice"), permitted ? "" : failures);
    EXPECT_EQ(setpw.Wait(), 0);
  }
  EXPECT_EQ(machine().HashOf("alice"), old_hash);
  EXPECT_TRUE(machine().JournalFiles().empty());
  EXPECT_NE(machine().TakeLog().find("SSPR-S020"), std::string::npos);
}

TEST_F(ProgramTest, APermitToUnlockSetsNoPassword) {
  SetpwProcess setpw;
  const Proposal proposal = ProposeFor(setpw);
  Permit permit = PermitFor(proposal);
  permit.operation = PermitOperation::kUnlock;
  EXPECT_EQ(setpw.Ask(FrameType::kCommit, machine().Signed(permit))->type, FrameType::kFailed);
  EXPECT_TRUE(machine().Accepts("alice", kOldPassword));
}

TEST_F(ProgramTest, APermitToUnlockIsGoodForOneDialogue) {
  SetpwProcess first;
  const auto ready = first.Prepare("alice");
  Permit permit = machine().PermitFor(
      "alice", *FixedBytesFrom<kNonceBytes>(std::string_view(ready->payload).substr(32, 32)), {},
      TransactionNumber('t'));
  permit.operation = PermitOperation::kUnlock;
  EXPECT_EQ(first.Ask(FrameType::kUnlock, machine().Signed(permit))->type, FrameType::kCommitted);
  EXPECT_EQ(first.Wait(), 0);
  SetpwProcess second;
  ASSERT_EQ(second.Prepare("alice")->type, FrameType::kReady);
  const auto answer = second.Ask(FrameType::kUnlock, machine().Signed(permit));
  ASSERT_EQ(answer->type, FrameType::kFailed);
  EXPECT_EQ(answer->payload, Byte(FailureReason::kBadPermit));
}

TEST_F(ProgramTest, AReadOnlyDiskShowsBeforeAnythingIsSent) {
  SetpwProcess setpw;
  ASSERT_EQ(setpw.Prepare("alice")->type, FrameType::kReady);
  machine().MakeEtcReadOnly(true);
  const auto reply = setpw.Propose(TransactionNumber('t'), kNewPassword);
  machine().MakeEtcReadOnly(false);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->type, FrameType::kRejected);
  EXPECT_EQ(reply->payload.substr(0, 1), Byte(RejectionReason::kInternal));
  EXPECT_TRUE(machine().JournalFiles().empty());
}

TEST_F(ProgramTest, AReadOnlyRootIsNamedBeforeAnythingIsAskedAndStopsNoAccountOfADirectory) {
  machine().MakeEtcReadOnly(true);
  SetpwProcess setpw;
  const auto local = setpw.Prepare("alice");
  const auto other = setpw.Prepare("somebody-of-the-directory");
  machine().MakeEtcReadOnly(false);
  ASSERT_TRUE(local && other);
  EXPECT_EQ(local->type, FrameType::kRefused);
  EXPECT_EQ(local->payload, Byte(RefusalReason::kReadOnly));
  EXPECT_EQ(other->payload, Byte(RefusalReason::kNotLocal));
}

TEST_F(ProgramTest, WithoutAStateFolderAccountsOfADirectoryAreStillNoneOfOurs) {
  ASSERT_EQ(chmod("/var/lib/sspr", 0777), 0);
  SetpwProcess setpw;
  EXPECT_EQ(setpw.Prepare("somebody-of-the-directory")->payload, Byte(RefusalReason::kNotLocal));
  EXPECT_EQ(setpw.Prepare("alice")->payload, Byte(RefusalReason::kInternal));
}

TEST_F(ProgramTest, WorksWithTheCapabilitiesThatItsUnitLeaves) {
  ASSERT_EQ(chmod("/etc/shadow", 0), 0);
  WriteFile("/run/faillock/alice", "failures", 0600);
  ASSERT_EQ(chown("/run/faillock/alice", kAliceUid, 0), 0);
  SetpwProcess setpw(
      kFlowUid, {"/usr/bin/setpriv", "--bounding-set=-all,+chown,+dac_override,+setuid,+setgid",
                 "--inh-caps=-all"});
  const Proposal proposal = ProposeFor(setpw);
  EXPECT_EQ(setpw.Ask(FrameType::kCommit, SignedFor(proposal))->type, FrameType::kCommitted);
  EXPECT_EQ(ReadFile("/run/faillock/alice"), "");
  struct stat about {};
  ASSERT_EQ(stat("/etc/shadow", &about), 0);
  EXPECT_EQ(about.st_mode & 07777u, 0u);
  EXPECT_EQ(about.st_gid, 42u);
}

TEST_F(ProgramTest, HelpAndVersionAndWrongOptions) {
  std::string out;
  EXPECT_EQ(RunSetpw({"--help"}, &out), 0);
  EXPECT_NE(out.find("--recover"), std::string::npos);
  EXPECT_EQ(RunSetpw({"--version"}, &out), 0);
  EXPECT_NE(out.find("sspr-setpw "), std::string::npos);
  EXPECT_EQ(RunSetpw({"alice"}, &out), 2);
  EXPECT_EQ(RunSetpw({"--recover"}, &out), 0);
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace sspr::test
