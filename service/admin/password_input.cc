// SPDX-License-Identifier: Apache-2.0
// Reads byte by byte, so that nothing of the password stays in a buffer of the C library.
#include "service/admin/password_input.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace sspr::service {
namespace {

// Echo is off while it lives.
class QuietTerminal {
 public:
  QuietTerminal() {
    tcgetattr(STDIN_FILENO, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

Result<Secret> Ask(const char* prompt) {
  std::fputs(prompt, stderr);
  auto line = ReadSecretLine();
  std::fputc('\n', stderr);
  return line;
}

}  // namespace

Result<Secret> ReadSecretLine() {
  Secret line;
  bool fits = true;
  bool any = false;
  for (;;) {
    char byte = '\0';
    const ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 && !any) return Error{Errc::kCancelled, "nothing was given"};
    any = true;
    if (got <= 0 || byte == '\n') break;
    fits = fits && line.Append({&byte, 1});
  }
  if (!fits) return Error{Errc::kPolicy, "the line has more than 511 bytes; give a shorter one"};
  if (line.empty()) return Error{Errc::kPolicy, "the line is empty; type something"};
  return line;
}

Result<Secret> ReadNewPassword() {
  if (isatty(STDIN_FILENO) != 1) return ReadSecretLine();
  const QuietTerminal quiet;
  auto first = Ask("New password: ");
  if (!first) return first;
  const auto second = Ask("The same again: ");
  if (!second) return second.error();
  if (!first->SameAs(*second)) {
    return Error{Errc::kPolicy, "the two passwords differ; try again"};
  }
  return first;
}

}  // namespace sspr::service
