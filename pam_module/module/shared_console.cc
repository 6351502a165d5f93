// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/shared_console.h"

#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace sspr {
namespace {

// Whether input and output are the terminal of that name.
bool IsOurTerminal(std::string_view terminal) noexcept {
  constexpr std::string_view kFolder = "/dev/";
  if (terminal.starts_with(kFolder)) terminal.remove_prefix(kFolder.size());
  char path[64];
  if (terminal.empty() || kFolder.size() + terminal.size() >= sizeof path) return false;
  memcpy(path, kFolder.data(), kFolder.size());
  memcpy(path + kFolder.size(), terminal.data(), terminal.size());
  path[kFolder.size() + terminal.size()] = '\0';
  struct stat named {};
  if (stat(path, &named) != 0 || !S_ISCHR(named.st_mode)) return false;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO}) {
    struct stat about {};
    if (isatty(fd) != 1 || fstat(fd, &about) != 0 || about.st_rdev != named.st_rdev) return false;
  }
  return true;
}

}  // namespace

SharedConsole::SharedConsole(std::string_view service, std::string_view terminal,
                             std::chrono::seconds idle) noexcept
    : shared_(idle.count() > 0 && service == "login" && IsOurTerminal(terminal)) {}

void SharedConsole::Wipe() const noexcept {
  if (!shared_) return;
  tcflush(STDIN_FILENO, TCIFLUSH);
  // Plain colours, the first line, all of the screen, what scrolled off it.
  constexpr std::string_view kWipe = "\033[0m\033[H\033[2J\033[3J";
  // A terminal that has gone shows nothing any more.
  if (write(STDOUT_FILENO, kWipe.data(), kWipe.size()) < 0) return;
}

}  // namespace sspr
