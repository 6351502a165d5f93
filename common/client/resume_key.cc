// SPDX-License-Identifier: Apache-2.0
#include "common/client/resume_key.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <cerrno>

namespace sspr {
namespace {

constexpr std::size_t kShortestSecret = 16;
constexpr std::size_t kKeyBytes = 32;

}  // namespace

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

std::vector<unsigned char> ResumeKey(const Secret& secret, std::string_view user,
                                     std::string_view terminal) {
  if (terminal.empty() || secret.size() < kShortestSecret) return {};
  std::string message = "SSPR resume v1";
  for (const std::string_view part : {user, terminal}) {
    message += '\0';
    message += part;
  }
  std::vector<unsigned char> key(kKeyBytes);
  unsigned length = 0;
  const std::string_view revealed = secret.Reveal();
  const unsigned char* made = HMAC(EVP_sha256(), revealed.data(), static_cast<int>(revealed.size()),
                                   reinterpret_cast<const unsigned char*>(message.data()),
                                   message.size(), key.data(), &length);
  if (made == nullptr || length != kKeyBytes) return {};
  return key;
}

}  // namespace sspr
