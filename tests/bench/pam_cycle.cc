// SPDX-License-Identifier: Apache-2.0
// A bare PAM host: one login attempt, pam_start -> pam_authenticate -> pam_end, through the stack
// of a configuration folder. It links libc and libpam alone (no C++ run-time library), so every
// object that appears was brought in by the stack, and it loads nothing before the cycle, so the
// first cycle costs what it costs a login. It prints raw numbers; bench.py makes the sense of them.
#include <fcntl.h>
#include <link.h>
#include <security/pam_appl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

// The person of the benchmark: an account that every Debian machine has and no stack special-cases.
constexpr const char* kService = "login";
constexpr const char* kUser = "nobody";
constexpr const char* kTypedPassword = "benchmark";

struct Cost {
  std::int64_t wall_ns = 0;
  std::int64_t cpu_ns = 0;
  int result = PAM_SYSTEM_ERR;
};

// What the person types at every question, and when that was last done.
struct Typing {
  const char* answer = kTypedPassword;
  std::int64_t at_ns = 0;
};

struct Footprint {
  long private_dirty_kb = 0;
  int objects = 0;
};

std::int64_t NanosecondsOf(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

int Converse(int count, const pam_message** messages, pam_response** responses, void* data) {
  auto* typing = static_cast<Typing*>(data);
  auto* replies = static_cast<pam_response*>(
      std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  if (replies == nullptr) return PAM_BUF_ERR;
  for (int i = 0; i < count; ++i) {
    const int style = messages[i]->msg_style;
    if (style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON) {
      replies[i].resp = strdup(typing->answer);
      typing->at_ns = NanosecondsOf(CLOCK_MONOTONIC);
    }
  }
  *responses = replies;
  return PAM_SUCCESS;
}

int CountObject(dl_phdr_info*, std::size_t, void* count) {
  ++*static_cast<int*>(count);
  return 0;
}

Footprint FootprintNow() {
  static char text[8192];
  Footprint footprint;
  const int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  text[size > 0 ? size : 0] = '\0';
  const char* field = std::strstr(text, "\nPrivate_Dirty:");
  if (field != nullptr) footprint.private_dirty_kb = std::atol(field + 15);
  dl_iterate_phdr(CountObject, &footprint.objects);
  return footprint;
}

// Marks the measured part for strace; no program makes this call for any other reason.
void MarkForTrace(const char* text) { syscall(SYS_write, -1, text, std::strlen(text)); }

}  // namespace

// callgrind counts exactly this function and what it calls (--toggle-collect=PamCycle).
extern "C" __attribute__((noinline)) int PamCycle(const char* configuration, Footprint* during) {
  Typing typing;
  const pam_conv conversation{Converse, &typing};
  pam_handle_t* handle = nullptr;
  int result = pam_start_confdir(kService, kUser, &conversation, configuration, &handle);
  if (result != PAM_SUCCESS) return result;
  pam_set_item(handle, PAM_TTY, "tty1");
  result = pam_authenticate(handle, 0);
  if (during != nullptr) *during = FootprintNow();
  pam_end(handle, result);
  return result;
}

namespace {

Cost TimedCycle(const char* configuration) {
  Cost cost;
  const std::int64_t cpu = NanosecondsOf(CLOCK_PROCESS_CPUTIME_ID);
  const std::int64_t wall = NanosecondsOf(CLOCK_MONOTONIC);
  cost.result = PamCycle(configuration, nullptr);
  cost.wall_ns = NanosecondsOf(CLOCK_MONOTONIC) - wall;
  cost.cpu_ns = NanosecondsOf(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  return cost;
}

// One cycle in a fresh child: what a login process pays that has loaded nothing yet.
bool TimeInChild(const char* configuration, Cost& cost) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    const Cost mine = TimedCycle(configuration);
    _exit(write(ends[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
  }
  close(ends[1]);
  const bool whole = read(ends[0], &cost, sizeof cost) == sizeof cost;
  close(ends[0]);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return whole;
}

// Every round runs each stack once, so that a drift of the machine touches all of them alike.
int Time(int rounds, int stacks, char** configurations) {
  for (int round = 0; round < rounds; ++round) {
    for (int stack = 0; stack < stacks; ++stack) {
      Cost cost;
      if (!TimeInChild(configurations[stack], cost)) return 1;
      std::printf("%d %d %lld %lld %d\n", round, stack, static_cast<long long>(cost.wall_ns),
                  static_cast<long long>(cost.cpu_ns), cost.result);
      std::fflush(stdout);
    }
  }
  return 0;
}

int Once(const char* configuration) {
  MarkForTrace("cycle begins");
  const int result = PamCycle(configuration, nullptr);
  MarkForTrace("cycle ends");
  std::printf("result=%d\n", result);
  return 0;
}

int Memory(const char* configuration) {
  FootprintNow();  // so that its own pages are touched before anything is counted
  const Footprint before = FootprintNow();
  Footprint during;
  const int result = PamCycle(configuration, &during);
  const Footprint after = FootprintNow();
  std::printf("result=%d objects=%d left=%d private_dirty_kb=%ld\n", result,
              during.objects - before.objects, after.objects - before.objects,
              during.private_dirty_kb - before.private_dirty_kb);
  return 0;
}

// The person presses Enter at the first question: how long until the stack goes on without us.
int Forgotten(int rounds, const char* configuration) {
  for (int round = 0; round < rounds; ++round) {
    Typing typing{"", 0};
    const pam_conv conversation{Converse, &typing};
    pam_handle_t* handle = nullptr;
    if (pam_start_confdir(kService, kUser, &conversation, configuration, &handle) != PAM_SUCCESS) {
      return 1;
    }
    const int result = pam_authenticate(handle, 0);
    const std::int64_t end = NanosecondsOf(CLOCK_MONOTONIC);
    pam_end(handle, result);
    if (typing.at_ns == 0) {
      std::fputs("pam_cycle: the stack asked nothing\n", stderr);
      return 1;
    }
    std::printf("%lld\n", static_cast<long long>(end - typing.at_ns));
    std::fflush(stdout);
  }
  return 0;
}

int Usage() {
  std::fputs(
      "usage: pam_cycle time ROUNDS CONFDIR...   round, stack, wall ns, cpu ns, result per line\n"
      "       pam_cycle once CONFDIR             one cycle, marked for callgrind and strace\n"
      "       pam_cycle memory CONFDIR           what one cycle maps and dirties\n"
      "       pam_cycle forgotten ROUNDS CONFDIR ns from an empty answer to the stack's own end\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return Usage();
  if (std::strcmp(argv[1], "time") == 0 && argc > 3) {
    return Time(std::atoi(argv[2]), argc - 3, argv + 3);
  }
  if (std::strcmp(argv[1], "once") == 0) return Once(argv[2]);
  if (std::strcmp(argv[1], "memory") == 0) return Memory(argv[2]);
  if (std::strcmp(argv[1], "forgotten") == 0 && argc > 3) {
    return Forgotten(std::atoi(argv[2]), argv[3]);
  }
  return Usage();
}
