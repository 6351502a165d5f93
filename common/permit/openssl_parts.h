// SPDX-License-Identifier: Apache-2.0
// What the two halves of a permit key need of OpenSSL and of files; for their .cc files alone.
#pragma once

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace sspr {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

inline const unsigned char* Unsigned(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using KeyFile = std::unique_ptr<std::FILE, CloseFile>;

// Null when it cannot be read. Waits for nothing, should it be a pipe.
inline KeyFile OpenKeyFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return nullptr;
  KeyFile file(fdopen(fd, "r"));
  if (file == nullptr) close(fd);
  return file;
}

}  // namespace sspr
