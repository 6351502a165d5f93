// SPDX-License-Identifier: Apache-2.0
// A program that hosts a login as badly as a program can, and says what the login did to it.
//
//   hostile_host CONFDIR SERVICE REPORT [WORD]...
//
// WORDs: reaper (a SIGCHLD handler that reaps everything), threads (ten more), no-standard
// (descriptors 0 to 2 closed), full (two
// left under RLIMIT_NOFILE 8), full-later
// (none left from the first question on), no-new-privs, locale, interrupts (a signal each
// millisecond), alarm (a pending one), masked (all signals blocked), KIND@N (the conversation
// function misbehaves at its Nth call, counted from 0; the kinds are in Misbehave).
// The report is one line "result R calls N" and one for each property that was changed.
#include <fcntl.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "tests/host_safety/process_state.h"

namespace {

constexpr int kDescriptors = 8;
constexpr std::size_t kLeftWhenFull = 2;  // libpam needs them: its configuration and a module
constexpr int kThreads = 10;

volatile sig_atomic_t children_reaped = 0;

struct Host {
  // What the person types: the empty trigger, a code, the new password twice, then a wrong one at
  // the normal prompt that follows an abandoned reset.
  std::string new_password = "right";
  int calls = 0;
  int hidden = 0;
  int misbehaves_at = -1;
  std::string kind;
  bool full_later = false;
  std::vector<int> fillers;
};

void Reap(int /*signal*/) {
  while (waitpid(-1, nullptr, WNOHANG) > 0) children_reaped = children_reaped + 1;
}

void Interrupt(int /*signal*/) {}

void Handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;  // without SA_RESTART: every call may end with EINTR
  sigaction(signal, &action, nullptr);
}

void* Sleep(void* /*unused*/) {
  for (;;) pause();
}

void StartThreads() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);  // signals are the login's thread's alone
  for (int i = 0; i < kThreads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, &Sleep, nullptr) != 0) abort();
    pthread_detach(thread);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void LimitDescriptors() {
  const rlimit limit{kDescriptors, kDescriptors};
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Opens descriptors until only `left` are free below the limit, the lowest ones.
void Fill(std::vector<int>& fillers, std::size_t left) {
  for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY)) {
    fillers.push_back(fd);
  }
  const std::size_t count = std::min(left, fillers.size());
  for (std::size_t i = 0; i < count; ++i) close(fillers[i]);
  fillers.erase(fillers.begin(), fillers.begin() + static_cast<std::ptrdiff_t>(count));
}

void Release(std::vector<int>& fillers) {
  for (const int fd : fillers) close(fd);
  fillers.clear();
}

pam_response* Answer(const char* text) {
  auto* response = static_cast<pam_response*>(calloc(1, sizeof(pam_response)));
  if (text != nullptr) response->resp = strdup(text);
  return response;
}

// The misbehaviour by name; -1 when there is none of that name.
int Misbehave(const std::string& kind, pam_response** responses) {
  if (kind == "error") return PAM_CONV_ERR;
  if (kind == "abort") return PAM_ABORT;
  if (kind == "again") return PAM_CONV_AGAIN;
  if (kind == "nonsense") return 4711;
  if (kind == "nothing") return PAM_SUCCESS;  // no response at all
  if (kind == "null") {
    *responses = Answer(nullptr);
    return PAM_SUCCESS;
  }
  if (kind == "long") {
    *responses = Answer(std::string(100'000, 'x').c_str());
    return PAM_SUCCESS;
  }
  if (kind == "dangling") {  // an error, and a pointer that must not be followed
    *responses = reinterpret_cast<pam_response*>(0x10);
    return PAM_CONV_ERR;
  }
  return -1;
}

int Converse(int count, const pam_message** messages, pam_response** responses, void* data) {
  auto& host = *static_cast<Host*>(data);
  if (count != 1) abort();
  if (host.full_later && host.calls == 0) Fill(host.fillers, 0);
  const int call = host.calls++;
  const int style = messages[0]->msg_style;
  *responses = nullptr;
  if (call == host.misbehaves_at) return Misbehave(host.kind, responses);
  if (style == PAM_PROMPT_ECHO_ON) {
    *responses = Answer("12345678");
  } else if (style == PAM_PROMPT_ECHO_OFF) {
    const bool normal_prompt = strcmp(messages[0]->msg, "Password: ") == 0;
    const bool trigger = host.hidden++ == 0;
    *responses = Answer(normal_prompt ? "wrong" : trigger ? "" : host.new_password.c_str());
  } else {
    *responses = Answer(nullptr);
  }
  return PAM_SUCCESS;
}

void StartTimer(long seconds, long microseconds, long interval) {
  const itimerval timer{{0, interval}, {seconds, microseconds}};
  setitimer(ITIMER_REAL, &timer, nullptr);
}

void Become(const std::string& word, Host& host) {
  if (word == "reaper") Handle(SIGCHLD, &Reap);
  if (word == "threads") StartThreads();
  if (word == "no-new-privs") prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (word == "full" || word == "full-later") LimitDescriptors();
  if (word == "full-later") host.full_later = true;
  if (word == "locale") {
    setenv("LANG", "xx_YY.\x1B[2J", 1);
    setenv("LC_ALL", "", 1);
    std::setlocale(LC_ALL, "C.UTF-8");
  }
  if (word == "interrupts") {
    Handle(SIGALRM, &Interrupt);
    StartTimer(0, 1000, 1000);
  }
  if (word == "alarm") {
    Handle(SIGALRM, &Interrupt);
    StartTimer(60, 0, 0);
  }
  if (word == "masked") {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
  }
  if (word == "no-standard") {
    for (int fd = 0; fd <= STDERR_FILENO; ++fd) close(fd);
  }
  const std::size_t at = word.find('@');
  if (at != std::string::npos) {
    host.kind = word.substr(0, at);
    host.misbehaves_at = static_cast<int>(std::strtol(word.c_str() + at + 1, nullptr, 10));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  // What the test program that started us left open is no part of the picture.
  for (int fd = 3; fd < 256; ++fd) close(fd);
  Host host;
  bool full = false;
  for (int i = 4; i < argc; ++i) {
    Become(argv[i], host);
    full = full || std::string(argv[i]) == "full";
  }
  std::vector<int> fillers;
  if (full) Fill(fillers, kLeftWhenFull);

  const sspr::test::ProcessState before = sspr::test::TakeProcessState();
  const pam_conv conversation{&Converse, &host};
  pam_handle_t* pam = nullptr;
  int result = pam_start_confdir(argv[2], "alice", &conversation, argv[1], &pam);
  if (result != PAM_SUCCESS) return 3;
  result = pam_authenticate(pam, 0);
  pam_end(pam, result);
  Release(host.fillers);
  const std::string changed = sspr::test::Differences(before, sspr::test::TakeProcessState());
  Release(fillers);
  std::ofstream(argv[3]) << "result " << result << " calls " << host.calls << "\n"
                         << changed << (children_reaped != 0 ? "children were reaped\n" : "");
  return 0;
}
