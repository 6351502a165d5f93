// SPDX-License-Identifier: Apache-2.0
// The secret of a resume key in a file; on Windows it is in the registry (credprov_win/machine).
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <cerrno>

#include "common/client/resume_key.h"

namespace sspr {

std::optional<Secret> ReadResumeSecret(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  Secret secret;
  std::size_t filled = 0;
  ssize_t got = 1;
  while (got != 0 && filled < Secret::kMaxSize) {
    if (!secret.Resize(Secret::kMaxSize)) break;
    got = read(fd, secret.Bytes().data() + filled, Secret::kMaxSize - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    filled += static_cast<std::size_t>(got);
  }
  close(fd);
  if (got != 0 || !secret.Resize(filled)) return std::nullopt;
  return secret;
}

std::vector<unsigned char> ResumeHmac(const Secret& secret, std::string_view message) {
  std::vector<unsigned char> made(kResumeKeyBytes);
  unsigned length = 0;
  const std::string_view revealed = secret.Reveal();
  if (HMAC(EVP_sha256(), revealed.data(), static_cast<int>(revealed.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), made.data(),
           &length) == nullptr ||
      length != kResumeKeyBytes) {
    return {};
  }
  return made;
}

}  // namespace sspr
