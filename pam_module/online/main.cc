// SPDX-License-Identifier: Apache-2.0
// sspr-online: one process per connection, started by its socket unit as root when the password of
// an account of the directory was set, just before the login's own modules are asked. It tells SSSD
// and winbind that the directory is there again, and ends. It reads nothing from the caller: that
// somebody called is all there is to know, and the kernel lets sspr-flow's user alone call.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <thread>

#include "pam_module/online/daemons.h"

namespace {

using sspr::online::Answer;
using sspr::online::RunProgram;
using sspr::online::SignalDaemon;
using sspr::online::Told;
using std::chrono::milliseconds;

// sspr-flow waits 6 s for all of it.
constexpr milliseconds kProgramLimit{2500};
// SSSD answers no signal: its parts hear of it and look for the directory in this time.
constexpr milliseconds kLookingTime{1000};
// Of SSSD up to 2.9, and later.
constexpr const char* kSssdPidFiles[] = {"/run/sssd.pid", "/run/sssd/sssd.pid"};
constexpr char kWinbindPidFile[] = "/run/samba/winbindd.pid";
constexpr char kSmbControl[] = "/usr/bin/smbcontrol";

constexpr char kUsage[] =
    "usage: sspr-online\n"
    "Tells SSSD and winbind that the directory is there again. Started by its socket unit when a\n"
    "password of the directory was reset; by hand it does the same.\n"
    "  --help, --version\n";

bool TakeFixedSurroundings() {
  const int nothing = open("/dev/null", O_RDWR);
  if (nothing < 0 || dup2(nothing, 1) < 0 || dup2(nothing, 2) < 0) return false;
  // Descriptor 0 stays: the caller waits until it is closed.
  if (close_range(3, ~0U, 0) != 0 || fcntl(0, F_SETFD, FD_CLOEXEC) != 0) return false;
  sigset_t none;
  sigemptyset(&none);
  if (sigprocmask(SIG_SETMASK, &none, nullptr) != 0) return false;
  std::signal(SIGCHLD, SIG_DFL);
  std::signal(SIGPIPE, SIG_IGN);
  umask(077);
  const rlimit no_core{0, 0};
  return clearenv() == 0 && chdir("/") == 0 && setrlimit(RLIMIT_CORE, &no_core) == 0 &&
         prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

Answer TellSssd() {
  for (const char* const pid_file : kSssdPidFiles) {
    Answer answer = SignalDaemon(pid_file, "sssd", SIGUSR2);  // sssd(8): go online immediately
    if (answer.told != Told::kNotThere) return answer;
  }
  return {};
}

Answer TellWinbind() {
  constexpr int kLookOnly = 0;
  Answer there = SignalDaemon(kWinbindPidFile, "winbindd", kLookOnly);
  if (there.told != Told::kTold) return there;
  return RunProgram({kSmbControl, "winbindd", "online"}, kProgramLimit);
}

void Log(const Answer& answer, const char* told, const char* who) {
  switch (answer.told) {
    case Told::kNotThere:
      return;
    case Told::kTold:
      syslog(LOG_NOTICE, "%s", told);
      return;
    case Told::kFailed:
      syslog(LOG_WARNING, "SSPR-O003 %s could not be told that the directory is there: %s", who,
             answer.why.c_str());
      return;
  }
}

int Work() {
  openlog("sspr-online", LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
  const Answer sssd = TellSssd();
  const auto told_at = std::chrono::steady_clock::now();
  Log(sssd, "SSPR-O001 SSSD was told that the directory is there", "SSSD");
  Log(TellWinbind(), "SSPR-O002 winbind was told that the directory is there", "winbind");
  if (sssd.told == Told::kTold) std::this_thread::sleep_until(told_at + kLookingTime);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) return std::fputs(kUsage, stdout) < 0;
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    return std::puts("sspr-online " SSPR_VERSION) < 0;
  }
  if (argc != 1) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  try {
    return TakeFixedSurroundings() ? Work() : 1;
  } catch (const std::exception&) {
    return 1;
  }
}
