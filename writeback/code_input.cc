// SPDX-License-Identifier: Apache-2.0
// Reads byte by byte, so that nothing of the code stays in a buffer of the C library.
#include "writeback/code_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sspr {
namespace {

Result<Secret> LineOf(int fd) {
  Secret line;
  while (true) {
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

}  // namespace

Result<Secret> ReadRegistrationCode(const std::string& file) {
  if (file == "-") return LineOf(STDIN_FILENO);
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return {Errc::kPolicy, file + ": " + strerror(errno)};
  struct stat about {};
  const bool is_open =
      fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && (about.st_mode & 077) != 0;
  Result<Secret> line =
      is_open ? Result<Secret>(Errc::kPolicy, file + " can be read by others (chmod 600)")
              : LineOf(fd);
  close(fd);
  return line;
}

}  // namespace sspr
