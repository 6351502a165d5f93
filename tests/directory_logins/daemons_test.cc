// SPDX-License-Identifier: Apache-2.0
// Only the program that is meant gets the signal; what hangs is not waited for; what is not there
// is no fault.
#include "pam_module/online/daemons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

namespace sspr::online {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr milliseconds kLong{60'000};

// A process of that name, which ends by SIGUSR2 alone; ready when its name and mask stand.
class Daemon {
 public:
  explicit Daemon(const char* name) {
    std::array<int, 2> ready{};
    if (pipe(ready.data()) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      std::signal(SIGUSR2, SIG_DFL);
      prctl(PR_SET_NAME, name);
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const char byte = '!';
      if (write(ready[1], &byte, 1) != 1) _exit(1);
      for (;;) pause();
    }
    char byte = 0;
    if (read(ready[0], &byte, 1) != 1) throw std::runtime_error("no child");
    close(ready[0]);
    close(ready[1]);
  }
  ~Daemon() {
    if (pid_ > 0) End();
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  pid_t pid() const { return pid_; }
  // The signal that ended it: SIGUSR2, or our own SIGKILL.
  int End(bool kill_it = true) {
    if (kill_it) kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

 private:
  pid_t pid_ = -1;
};

class DaemonsTest : public ::testing::Test {
 protected:
  std::string PidFile(const std::string& text) {
    std::string path = ::testing::TempDir() + "sspr-online-" + std::to_string(getpid()) + ".pid";
    std::ofstream(path) << text;
    path_ = path;
    return path;
  }
  void TearDown() override {
    if (!path_.empty()) unlink(path_.c_str());
  }

 private:
  std::string path_;
};

TEST_F(DaemonsTest, TheProgramThatIsMeantGetsTheSignal) {
  Daemon sssd("sssd");
  const std::string file = PidFile(std::to_string(sssd.pid()) + "\n");
  EXPECT_EQ(SignalDaemon(file, "sssd", 0).told, Told::kTold);
  EXPECT_EQ(SignalDaemon(file, "sssd", SIGUSR2).told, Told::kTold);
  EXPECT_EQ(sssd.End(false), SIGUSR2);
}

TEST_F(DaemonsTest, AnotherProgramUnderTheNumberIsLeftAlone) {
  Daemon other("sssd_nss");
  EXPECT_EQ(SignalDaemon(PidFile(std::to_string(other.pid())), "sssd", SIGUSR2).told,
            Told::kNotThere);
  EXPECT_EQ(other.End(), SIGKILL);
}

TEST_F(DaemonsTest, NoFileNoNumberAndNobodyAreNobody) {
  EXPECT_EQ(SignalDaemon("/nonexistent/sssd.pid", "sssd", SIGUSR2).told, Told::kNotThere);
  Daemon gone("sssd");
  const std::string number = std::to_string(gone.pid());
  gone.End();
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("x"), std::string("0"), std::string("1"),
        std::string("-1"), std::string("99999999999999999999"), number + " ", number}) {
    EXPECT_EQ(SignalDaemon(PidFile(text), "sssd", SIGUSR2).told, Told::kNotThere) << text;
  }
}

TEST_F(DaemonsTest, AProgramRunsWithoutStreamsAndEnvironment) {
  EXPECT_EQ(RunProgram({"/bin/true"}, kLong).told, Told::kTold);
  EXPECT_EQ(RunProgram({"/bin/sh", "-c",
                        "test -z \"$HOME\" && test /dev/null -ef /proc/$$/fd/0 && "
                        "test /dev/null -ef /proc/$$/fd/1 && test /dev/null -ef /proc/$$/fd/2"},
                       kLong)
                .told,
            Told::kTold);
  EXPECT_EQ(RunProgram({"/nonexistent/smbcontrol"}, kLong).told, Told::kNotThere);
}

TEST_F(DaemonsTest, WhatFailsOrHangsIsSaid) {
  const Answer failed = RunProgram({"/bin/false"}, kLong);
  EXPECT_EQ(failed.told, Told::kFailed);
  EXPECT_THAT(failed.why, HasSubstr("/bin/false failed"));
  const Answer hung = RunProgram({"/bin/sleep", "600"}, milliseconds(50));
  EXPECT_EQ(hung.told, Told::kFailed);
  EXPECT_THAT(hung.why, HasSubstr("not done in time"));
}

}  // namespace
}  // namespace sspr::online
