// SPDX-License-Identifier: Apache-2.0
// Reads byte by byte, so that nothing of the token stays in a buffer of the C library.
#include "pam_module/enroll/token_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sspr {
namespace {

// Echo is off while it lives.
class NoEcho {
 public:
  NoEcho() {
    tcgetattr(STDIN_FILENO, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

Result<Secret> FirstLine(int fd) {
  Secret line;
  for (;;) {
    char byte = '\0';
    const ssize_t got = read(fd, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {Errc::kPolicy, strerror(errno)};
    if (got == 0 || byte == '\n') break;
    if (byte == '\r' || byte == ' ' || byte == '\t') continue;
    if (!line.Append({&byte, 1})) return {Errc::kPolicy, "the line is too long to be one"};
  }
  if (line.empty()) return {Errc::kPolicy, "the line is empty"};
  return line;
}

Result<Secret> FirstLineOf(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return {Errc::kPolicy, path + ": " + strerror(errno)};
  struct stat about {};
  const bool open_to_others = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
                              (about.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  Result<Secret> line = open_to_others
                            ? Result<Secret>(Errc::kPolicy, path +
                                                                " can be read by others (chmod "
                                                                "600, as the token is a secret)")
                            : FirstLine(fd);
  close(fd);
  return line;
}

}  // namespace

Result<Secret> ReadEnrolmentToken(const std::string& file) {
  if (file != "-") return FirstLineOf(file);
  if (isatty(STDIN_FILENO) != 1) return FirstLine(STDIN_FILENO);
  const NoEcho quiet;
  std::fputs("Enrolment token: ", stderr);
  Result<Secret> line = FirstLine(STDIN_FILENO);
  std::fputc('\n', stderr);
  return line;
}

}  // namespace sspr
