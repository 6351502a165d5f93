// SPDX-License-Identifier: Apache-2.0
#include "tests/host_safety/process_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <link.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>

extern char** environ;

namespace sspr::test {
namespace {

// Each open descriptor with what it is and its flags. Looks at them one by one: opening /proc
// needs a descriptor, which a host at its limit has not got.
std::string Descriptors() {
  std::string all;
  for (int fd = 0; fd < 256; ++fd) {
    struct stat what {};
    if (fstat(fd, &what) != 0) continue;
    all += std::to_string(fd) + "=" + std::to_string(what.st_dev) + ":" +
           std::to_string(what.st_ino) + "/" + std::to_string(fcntl(fd, F_GETFD)) + "/" +
           std::to_string(fcntl(fd, F_GETFL)) + " ";
  }
  return all;
}

std::string Threads() {
  DIR* tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return "unknown";
  int count = 0;
  while (readdir(tasks) != nullptr) ++count;
  closedir(tasks);
  return std::to_string(count - 2);  // "." and ".."
}

std::string Signals() {
  std::string all;
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0) continue;
    char text[96];
    std::snprintf(text, sizeof text, "%d=%p/%x/%d ", number,
                  reinterpret_cast<void*>(action.sa_handler),
                  static_cast<unsigned>(action.sa_flags), sigismember(&blocked, number));
    all += text;
  }
  return all;
}

// Whether each timer runs, and its interval. What is left of one passes by itself.
std::string Timers() {
  std::string all;
  for (const __itimer_which_t which : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
    itimerval timer{};
    getitimer(which, &timer);
    const bool runs = timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0;
    all += (runs ? "runs every " : "off ") + std::to_string(timer.it_interval.tv_sec) + "." +
           std::to_string(timer.it_interval.tv_usec) + " ";
  }
  return all;
}

std::string Environment() {
  std::string all;
  for (char** entry = environ; *entry != nullptr; ++entry) all += std::string(*entry) + "\n";
  return all;
}

std::string Folder() {
  struct stat here {};
  struct stat root {};
  stat(".", &here);
  stat("/", &root);
  return std::to_string(here.st_ino) + " in " + std::to_string(root.st_ino);
}

std::string Mask() {
  const mode_t mask = umask(0);
  umask(mask);
  return std::to_string(mask);
}

std::string Limits() {
  std::string all;
  for (int which = 0; which < static_cast<int>(RLIM_NLIMITS); ++which) {
    rlimit limit{};
    getrlimit(static_cast<__rlimit_resource>(which), &limit);
    all += std::to_string(limit.rlim_cur) + "/" + std::to_string(limit.rlim_max) + " ";
  }
  return all;
}

std::string Identity() {
  return std::to_string(getuid()) + " " + std::to_string(geteuid()) + " " +
         std::to_string(getgid()) + " " + std::to_string(getegid());
}

std::string Children() {
  return waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD ? "none" : "some";
}

// Objects of ours in the address space.
int CountObject(dl_phdr_info* info, std::size_t /*size*/, void* names) {
  const std::string name = info->dlpi_name;
  if (name.find("pam_") != std::string::npos)
    static_cast<std::set<std::string>*>(names)->insert(name);
  return 0;
}

std::string Objects() {
  std::set<std::string> names;
  dl_iterate_phdr(&CountObject, &names);
  std::string all;
  for (const std::string& name : names) all += name + " ";
  return all;
}

}  // namespace

ProcessState TakeProcessState() {
  return {{"descriptors", Descriptors()}, {"signals", Signals()},
          {"timers", Timers()},           {"environment", Environment()},
          {"folder", Folder()},           {"umask", Mask()},
          {"limits", Limits()},           {"identity", Identity()},
          {"children", Children()},       {"objects", Objects()},
          {"threads", Threads()},         {"locale", std::setlocale(LC_ALL, nullptr)}};
}

std::string Differences(const ProcessState& before, const ProcessState& after) {
  std::string all;
  for (const auto& [name, value] : before) {
    const std::string& now = after.at(name);
    if (now != value)
      all.append(name).append(": ").append(value).append(" -> ").append(now) += '\n';
  }
  return all;
}

}  // namespace sspr::test
