// SPDX-License-Identifier: Apache-2.0
// sspr-canary: does a normal login still answer? Holds two logins through the machine's real PAM
// stack, one with the right password and one with a wrong one, as an account that only it can see.
// The package runs it after it put its profile into the stack, and takes the profile out again when
// the answer is no.
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "pam_module/canary/conversation.h"
#include "pam_module/canary/private_accounts.h"

namespace sspr {
namespace {

constexpr char kUsage[] =
    "Usage: sspr-canary [--service NAME]... [--timeout SECONDS]\n"
    "       sspr-canary --help | --version\n"
    "\n"
    "Tries whether a normal login still answers: through the PAM service 'login', or those that\n"
    "are named, with an account that exists for this program alone, and without the network.\n"
    "Each login may take so many SECONDS (1 to 300; 30).\n"
    "\n"
    "Exit codes: 0 it does, 1 it does not, 2 wrong usage, 3 it could not be tried here.\n";

constexpr int kAnswers = 0;
constexpr int kAnswersNot = 1;
constexpr int kWrongUsage = 2;
constexpr int kNotTried = 3;

// What a child that held a login says by its exit code. Its detail is on the pipe.
constexpr int kChildAccepted = 10;
constexpr int kChildRefused = 11;
constexpr int kChildBroken = 12;
constexpr int kChildNotTried = 13;

// Two hashes and the name services of a slow machine; a person would have gone by then.
constexpr int kUsualSeconds = 30;
constexpr int kMostSeconds = 300;

struct Attempt {
  int code = kChildNotTried;
  std::string detail;
};

int Hold(const std::string& folder, const std::string& service, bool right, std::string& detail) {
  const auto account = InventAccount();
  const Status entered =
      account.ok() ? EnterPrivateAccounts(folder, *account) : Status(account.error());
  if (!entered) {
    detail = entered.error().detail;
    return kChildNotTried;
  }
  const LoginAnswer answer =
      TryLogin(service, account->name, right ? account->password : account->password + "-wrong");
  detail = answer.detail;
  switch (answer.login) {
    case Login::kAccepted:
      return kChildAccepted;
    case Login::kRefused:
      return kChildRefused;
    case Login::kBroken:
      return kChildBroken;
  }
  return kChildBroken;
}

[[noreturn]] void RunChild(int pipe, const std::string& folder, const std::string& service,
                           bool right) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // What modules start must not outlive the child unseen, nor take signals of our terminal.
  setpgid(0, 0);
  std::string detail;
  int code = kChildBroken;
  try {
    code = Hold(folder, service, right, detail);
  } catch (const std::exception& fault) {
    detail = fault.what();
  }
  const ssize_t written = write(pipe, detail.data(), detail.size());
  _exit(written < 0 ? kChildBroken : code);
}

// The pipe's other end is closed when the child has ended, however it ended.
Attempt Await(pid_t child, int pipe, int seconds) {
  pollfd wait{pipe, POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&wait, 1, seconds * 1000);
  } while (ready < 0 && errno == EINTR);
  const bool late = ready == 0;
  if (late) kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Attempt attempt;
  if (late) {
    attempt = {kChildBroken, "no answer within " + std::to_string(seconds) + " s"};
  } else if (WIFSIGNALED(status)) {
    attempt = {kChildBroken, std::string("the login crashed: ") + strsignal(WTERMSIG(status))};
  } else {
    char detail[512];
    const ssize_t size = read(pipe, detail, sizeof detail);
    attempt = {WEXITSTATUS(status),
               std::string(detail, size > 0 ? static_cast<std::size_t>(size) : 0)};
    if (attempt.code < kChildAccepted || attempt.code > kChildNotTried) {
      attempt = {kChildBroken, "a module ended the login's process"};
    }
  }
  return attempt;
}

Attempt Try(const std::string& service, bool right, int seconds) {
  char folder[] = "/run/sspr-canary.XXXXXX";
  int pipes[2];
  if (mkdtemp(folder) == nullptr) return {kChildNotTried, std::string("/run: ") + strerror(errno)};
  Attempt attempt{kChildNotTried, "no process could be started"};
  if (pipe2(pipes, O_CLOEXEC) == 0) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) RunChild(pipes[1], folder, service, right);
    close(pipes[1]);
    if (child > 0) attempt = Await(child, pipes[0], seconds);
    close(pipes[0]);
  }
  rmdir(folder);
  return attempt;
}

int Say(int code, const std::string& service, const std::string& what, const std::string& detail) {
  std::fprintf(code == kAnswers ? stdout : stderr, "sspr-canary: %s: %s%s%s\n", service.c_str(),
               what.c_str(), detail.empty() ? "" : ": ", detail.c_str());
  return code;
}

int Look(const std::string& service, int seconds) {
  if (access(("/etc/pam.d/" + service).c_str(), R_OK) != 0) {
    return Say(kNotTried, service, "this machine has no such PAM service", "");
  }
  const Attempt right = Try(service, true, seconds);
  if (right.code == kChildNotTried) {
    return Say(kNotTried, service, "it cannot be tried here", right.detail);
  }
  if (right.code != kChildAccepted) {
    return Say(kAnswersNot, service, "the right password does not log in", right.detail);
  }
  const Attempt wrong = Try(service, false, seconds);
  if (wrong.code == kChildAccepted) {
    return Say(kAnswersNot, service, "a wrong password logs in", wrong.detail);
  }
  if (wrong.code != kChildRefused) {
    return Say(kAnswersNot, service, "a wrong password is not refused in order", wrong.detail);
  }
  return Say(kAnswers, service, "a normal login answers", "");
}

bool ParseSeconds(std::string_view text, int& seconds) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc() && end == text.data() + text.size() && seconds >= 1 &&
         seconds <= kMostSeconds;
}

int Main(int argc, char** argv) {
  static constexpr option kOptions[] = {
      {"service", required_argument, nullptr, 's'},
      {"timeout", required_argument, nullptr, 't'},
      {"help", no_argument, nullptr, 'h'},
      {"version", no_argument, nullptr, 'v'},
      {nullptr, 0, nullptr, 0},
  };
  std::vector<std::string> services;
  int seconds = kUsualSeconds;
  int found = 0;
  while ((found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1) {
    if (found == 's' && std::string_view(optarg).find('/') == std::string_view::npos) {
      services.emplace_back(optarg);
    } else if (found == 't' && ParseSeconds(optarg, seconds)) {
      continue;
    } else if (found == 'h') {
      std::fputs(kUsage, stdout);
      return kAnswers;
    } else if (found == 'v') {
      std::puts("sspr-canary " SSPR_VERSION);
      return kAnswers;
    } else {
      optind = argc + 1;
      break;
    }
  }
  if (optind != argc) {
    std::fputs("Try sspr-canary --help.\n", stderr);
    return kWrongUsage;
  }
  if (services.empty()) services.emplace_back("login");
  int worst = kAnswers;
  for (const std::string& service : services) {
    const int code = Look(service, seconds);
    if (code == kAnswersNot || worst == kAnswers) worst = code;
  }
  return worst;
}

}  // namespace
}  // namespace sspr

int main(int argc, char** argv) {
  try {
    return sspr::Main(argc, argv);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "sspr-canary: %s\n", fault.what());
    return sspr::kNotTried;
  }
}
