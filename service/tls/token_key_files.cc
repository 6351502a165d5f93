// SPDX-License-Identifier: Apache-2.0
#include "service/tls/token_key_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "service/tls/key_files.h"

namespace sspr::service {

std::string PreviousTokenKey(const std::string& key_file) {
  return std::filesystem::path(key_file).replace_extension(".previous.key").string();
}

Status RotateTokenKey(const std::string& key_file) {
  const std::string next = key_file + ".new";
  const std::string previous = PreviousTokenKey(key_file);
  const std::string copy = previous + ".new";
  struct stat owner {};
  if (stat(key_file.c_str(), &owner) != 0) {
    return Error{Errc::kInternal, key_file + ": " + std::strerror(errno)};
  }
  unlink(next.c_str());
  unlink(copy.c_str());
  if (Status made = CreateP256Key(next); !made) return made;
  // A second name for the old key first: key_file is never missing.
  const bool moved = (geteuid() != 0 || chown(next.c_str(), owner.st_uid, owner.st_gid) == 0) &&
                     link(key_file.c_str(), copy.c_str()) == 0 &&
                     rename(copy.c_str(), previous.c_str()) == 0 &&
                     rename(next.c_str(), key_file.c_str()) == 0;
  if (moved) return Ok();
  const Error fault{Errc::kInternal, key_file + ": " + std::strerror(errno)};
  unlink(next.c_str());
  unlink(copy.c_str());
  return fault;
}

}  // namespace sspr::service
