// SPDX-License-Identifier: Apache-2.0
// sspr-setpw killed at every step that changes anything: it dies at the n-th openat, the n-th write
// and so on of a whole reset, for n = 1, 2, ... until one passes. Afterwards sspr-setpw --recover
// and the service's verdict must make it both or neither, wherever it died.
//
// SSPR_SWEEP=full visits every call; without it a sample of the frequent ones does.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "common/base/setpw_frames.h"
#include "tests/setpw/program_test.h"

namespace sspr::test {
namespace {

// Between two of these nothing outside the process changes, so a kill before each is a kill
// everywhere. openat creates, close releases locks.
struct Call {
  const char* name;
  int sample_step;
};
constexpr Call kChangingCalls[] = {{"mkdirat", 1},   {"renameat", 1}, {"unlinkat", 1},
                                   {"ftruncate", 1}, {"fchmod", 1},   {"fchown", 1},
                                   {"fsync", 2},     {"write", 2},    {"sendto", 2},
                                   {"openat", 7},    {"close", 7},    {"fcntl", 7}};

bool HasTracer() { return access("/usr/bin/strace", X_OK) == 0; }

// The tracer counts each kind of call by itself.
std::vector<std::string> KilledAt(const Call& call, int n) {
  const std::string name = call.name;
  return {"/usr/bin/strace",
          "-f",
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          "trace=" + name,
          "-e",
          "inject=" + name + ":signal=KILL:when=" + std::to_string(n)};
}

std::vector<std::string> FailingAt(const Call& call, int n) {
  const std::string name = call.name;
  return {"/usr/bin/strace",
          "-f",
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          "trace=" + name,
          "-e",
          "inject=" + name + ":error=EIO:when=" + std::to_string(n)};
}

std::string Where(const Call& call, int n) {
  return std::string("at ") + call.name + " " + std::to_string(n);
}

bool IsFullSweep() {
  const char* const wanted = std::getenv("SSPR_SWEEP");
  return wanted != nullptr && std::string_view(wanted) == "full";
}

// A sanitized program takes five times as long to start, and its memory errors show without a kill.
#if defined(__SANITIZE_ADDRESS__)
constexpr int kSampleOfSample = 5;
#else
constexpr int kSampleOfSample = 1;
#endif

int StepOf(const Call& call) { return IsFullSweep() ? 1 : call.sample_step * kSampleOfSample; }

class KilledTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (!HasTracer()) GTEST_SKIP() << "install strace";
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);  // it cannot look for leaks while traced
  }
  void ResetMachine() {
    machine().Reset();
    WriteFile("/etc/pam.d/common-password",
              "password required pam_pwhistory.so remember=2\n"
              "password sufficient pam_unix.so sha512 rounds=1000\n");
    WriteFile("/etc/security/opasswd", "bob:1001:1:$6$older$bobs.older.hash\n", 0600);
    WriteFile("/run/faillock/alice", "failures", 0600);
  }

  // How far a reset came before the kill.
  struct Attempt {
    bool proposed = false;   // the service may have been told
    bool committed = false;  // the caller was told that all is done
    Proposal proposal;
  };
  Attempt ResetOnce(const std::vector<std::string>& wrapper) {
    Attempt attempt;
    SetpwProcess setpw(0, wrapper);
    attempt.proposal.transaction = TransactionNumber('k');
    const auto ready = setpw.Prepare("alice");
    if (!ready || ready->type != FrameType::kReady) return attempt;
    attempt.proposal.nonce =
        *FixedBytesFrom<kNonceBytes>(std::string_view(ready->payload).substr(32, 32));
    const auto proposed = setpw.Propose(attempt.proposal.transaction, kNewPassword);
    if (!proposed || proposed->type != FrameType::kProposed) return attempt;
    attempt.proposed = true;
    attempt.proposal.commitment = *FixedBytesFrom<kCommitmentBytes>(proposed->payload);
    const auto committed = setpw.Ask(FrameType::kCommit, SignedFor(attempt.proposal));
    attempt.committed = committed && committed->type == FrameType::kCommitted;
    setpw.Wait();
    return attempt;
  }

  // What boot does: sspr-setpw --recover, then the service's word on what is open.
  void Recover(const Attempt& attempt) {
    RunSetpw({"--recover"}, nullptr);
    SetpwProcess setpw;
    const auto pending = setpw.Ask(FrameType::kListPending, "");
    ASSERT_TRUE(pending);
    if (pending->payload.size() <= 1) return;
    const bool succeeded = attempt.proposed;
    const auto resolved =
        setpw.Resolve(attempt.proposal.transaction,
                      static_cast<std::uint8_t>(succeeded ? Verdict::kSucceeded : Verdict::kFailed),
                      succeeded ? SignedFor(attempt.proposal) : std::string());
    ASSERT_TRUE(resolved);
    EXPECT_NE(resolved->payload.back(), static_cast<char>(Resolution::kKept));
  }

  void ExpectBothOrNeither(const Attempt& attempt, const std::string& what) {
    EXPECT_EQ(machine().WhatIsDamaged(), "") << what;
    EXPECT_TRUE(machine().Accepts("alice", attempt.proposed ? kNewPassword : kOldPassword)) << what;
    EXPECT_TRUE(machine().JournalFiles().empty()) << what;
    EXPECT_EQ(RunSetpw({"--recover"}, nullptr), 0) << what;
    for (const char* folder : {"/etc", "/etc/security", "/var/lib/sspr", "/var/lib/sspr/journal"}) {
      if (!std::filesystem::exists(folder)) continue;
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        EXPECT_FALSE(name.ends_with("new") || name.ends_with(".bad")) << what << ": " << name;
      }
    }
    const std::string history = ReadFile("/etc/security/opasswd");
    EXPECT_TRUE(history.starts_with("bob:1001:1:$6$older$bobs.older.hash\n")) << what;
    EXPECT_EQ(history.find("alice") != std::string::npos, attempt.proposed) << what;
    EXPECT_EQ(ReadFile("/run/faillock/alice"), attempt.proposed ? "" : "failures") << what;
  }
};

TEST_F(KilledTest, AtAnyStepOfAResetThenRecoveredIsBothOrNeither) {
  int points = 0;
  int died_proposed = 0;
  for (const Call& call : kChangingCalls) {
    bool passed = false;
    for (int n = 1; !passed; n += StepOf(call)) {
      ResetMachine();
      const Attempt attempt = ResetOnce(KilledAt(call, n));
      Recover(attempt);
      ExpectBothOrNeither(attempt, Where(call, n));
      if (HasFailure()) return;
      passed = attempt.committed;
      points += passed ? 0 : 1;
      died_proposed += attempt.proposed && !passed ? 1 : 0;
    }
  }
  RecordProperty("points", points);
  RecordProperty("points_between_proposal_and_commit", died_proposed);
  EXPECT_GT(points, 50 / kSampleOfSample);
  EXPECT_GT(died_proposed, 10 / kSampleOfSample);
}

TEST_F(KilledTest, AtAnyStepOfTheRecoveryThenRecoveredAgainIsBoth) {
  // Where the new shadow has been written and waits for its name.
  constexpr Call kRename{"renameat", 1};
  int spent = 0;
  for (int n = 1; spent == 0; ++n) {
    ResetMachine();
    const Attempt attempt = ResetOnce(KilledAt(kRename, n));
    ASSERT_FALSE(attempt.committed) << "no such call";
    if (std::filesystem::exists("/etc/.shadow.sspr-new")) spent = n;
  }
  int points = 0;
  for (const Call& call : kChangingCalls) {
    bool passed = false;
    for (int n = 1; !passed; n += StepOf(call)) {
      ResetMachine();
      const Attempt attempt = ResetOnce(KilledAt(kRename, spent));
      ASSERT_TRUE(attempt.proposed);
      ASSERT_TRUE(machine().Accepts("alice", kOldPassword));
      passed = RunSetpw({"--recover"}, nullptr, KilledAt(call, n)) == 0;
      RunSetpw({"--recover"}, nullptr);
      ExpectBothOrNeither(attempt, "recovery " + Where(call, n));
      if (HasFailure()) return;
      points += passed ? 0 : 1;
    }
  }
  RecordProperty("points", points);
  EXPECT_GT(points, 20 / kSampleOfSample);
}

// A disk of that many pages over the folder; what was in it is copied.
class SmallDisk {
 public:
  SmallDisk(const std::string& folder, int pages) : folder_(folder) {
    const std::string held = "/run/held";
    std::filesystem::remove_all(held);
    std::filesystem::create_directories(held);
    Copy(folder, held);
    const std::string size = "mode=0755,size=" + std::to_string(pages * 4096L);
    if (mount("tmpfs", folder.c_str(), "tmpfs", MS_NOSUID, size.c_str()) != 0) {
      throw std::runtime_error("mount a small disk");
    }
    try {
      Copy(held, folder);
    } catch (const std::filesystem::filesystem_error&) {
      fits_ = false;
    }
    chmod(folder.c_str(), folder == "/etc" ? 0755 : 0700);
  }
  // Leaves what is there now in the folder beneath.
  ~SmallDisk() {
    const std::string held = "/run/held";
    std::filesystem::remove_all(held);
    std::filesystem::create_directories(held);
    Copy(folder_, held);
    umount2(folder_.c_str(), MNT_DETACH);
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::filesystem::remove_all(entry.path());
    }
    Copy(held, folder_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  // False when even what was there before does not fit.
  bool fits() const { return fits_; }

 private:
  static void Copy(const std::string& from, const std::string& to) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(from)) {
      const std::filesystem::path target = to / entry.path().lexically_relative(from);
      struct stat about {};
      if (stat(entry.path().c_str(), &about) != 0) throw std::runtime_error("stat");
      if (entry.is_directory()) {
        std::filesystem::create_directories(target);
      } else {
        std::filesystem::copy_file(entry.path(), target);
      }
      if (chmod(target.c_str(), about.st_mode & 07777) != 0 ||
          chown(target.c_str(), about.st_uid, about.st_gid) != 0) {
        throw std::runtime_error("chmod");
      }
    }
  }

  std::string folder_;
  bool fits_ = true;
};

TEST_F(KilledTest, AFullDiskLeavesBothOrNeither) {
  for (const char* folder : {"/etc", "/var/lib/sspr"}) {
    int refused = 0;
    bool done = false;
    for (int pages = 2; !done; ++pages) {
      ASSERT_LT(pages, 64) << folder;
      ResetMachine();
      Attempt attempt;
      {
        const SmallDisk disk(folder, pages);
        if (!disk.fits()) continue;
        attempt = ResetOnce({});
        // On the full disk: nothing is worse than before.
        EXPECT_TRUE(machine().Accepts("alice", attempt.committed ? kNewPassword : kOldPassword))
            << folder << " " << pages;
      }
      refused += attempt.committed ? 0 : 1;
      done = attempt.committed;
      // Then there is room again.
      Recover(attempt);
      EXPECT_EQ(machine().WhatIsDamaged(), "") << folder << " " << pages;
      EXPECT_TRUE(machine().Accepts("alice", attempt.proposed ? kNewPassword : kOldPassword))
          << folder << " " << pages;
      EXPECT_TRUE(machine().JournalFiles().empty()) << folder << " " << pages;
      if (HasFailure()) return;
    }
    EXPECT_GT(refused, 0) << folder << ": no disk was ever full";
  }
}

TEST_F(KilledTest, WhatAKilledWriterLeftIsGoneAtTheNextReset) {
  ResetMachine();
  WriteFile("/etc/.shadow.sspr-new", "half a shadow file", 0640);
  WriteFile("/etc/security/.opasswd.sspr-new", "half a history", 0600);
  WriteFile("/var/lib/sspr/.journal.key.new", "half a key", 0600);
  const std::string entry = "/var/lib/sspr/journal/" + std::string(32, 'a') + ".entry.new";
  WriteFile(entry, "half an entry", 0600);
  ASSERT_EQ(chmod("/var/lib/sspr/journal", 0700), 0);
  SetpwProcess setpw;
  // Whoever is asked for: an account that is not reset here as well.
  ASSERT_TRUE(setpw.Prepare("root"));
  for (const char* path : {"/etc/.shadow.sspr-new", "/etc/security/.opasswd.sspr-new",
                           "/var/lib/sspr/.journal.key.new", entry.c_str()}) {
    EXPECT_FALSE(std::filesystem::exists(path)) << path;
  }
}

TEST_F(KilledTest, DiskErrorsAtAnyStepLeaveBothOrNeither) {
  constexpr Call kFailingCalls[] = {{"mkdirat", 1}, {"renameat", 1}, {"unlinkat", 1},
                                    {"fchown", 1},  {"fchmod", 1},   {"fsync", 1},
                                    {"write", 1},   {"openat", 5},   {"getrandom", 1}};
  int failed = 0;
  for (const Call& call : kFailingCalls) {
    for (int n = 1; n <= 8 * call.sample_step; n += StepOf(call)) {
      ResetMachine();
      const Attempt attempt = ResetOnce(FailingAt(call, n));
      Recover(attempt);
      // Only the history may be incomplete: it is no reason not to finish.
      EXPECT_EQ(machine().WhatIsDamaged(), "") << Where(call, n);
      EXPECT_TRUE(machine().Accepts("alice", attempt.proposed ? kNewPassword : kOldPassword))
          << Where(call, n);
      EXPECT_TRUE(machine().JournalFiles().empty()) << Where(call, n);
      if (HasFailure()) return;
      failed += attempt.committed ? 0 : 1;
    }
  }
  EXPECT_GT(failed, 20 / kSampleOfSample);
}

TEST_F(KilledTest, AfterTheProposalTheServiceDecides) {
  for (const bool succeeded : {false, true}) {
    ResetMachine();
    Attempt attempt;
    {
      SetpwProcess setpw;
      attempt.proposal = ProposeFor(setpw, "alice", 'k');
    }  // killed here
    attempt.proposed = succeeded;
    Recover(attempt);
    ExpectBothOrNeither(attempt, succeeded ? "succeeded" : "failed");
  }
}

}  // namespace
}  // namespace sspr::test
