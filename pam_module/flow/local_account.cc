// SPDX-License-Identifier: Apache-2.0
#include "pam_module/flow/local_account.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace sspr {

std::optional<LocalAccount> FindLocalAccount(std::string_view passwd, std::string_view user) {
  while (!passwd.empty()) {
    const std::size_t end = passwd.find('\n');
    std::string_view line = passwd.substr(0, end);
    passwd.remove_prefix(end == std::string_view::npos ? passwd.size() : end + 1);
    if (!line.starts_with(user) || line.substr(user.size(), 1) != ":") continue;
    line.remove_prefix(user.size() + 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return LocalAccount{};
    line.remove_prefix(colon + 1);
    LocalAccount account;
    const std::string_view digits = line.substr(0, line.find(':'));
    const auto [stopped, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), account.uid);
    if (fault != std::errc{} || stopped != digits.data() + digits.size()) return LocalAccount{};
    return account;
  }
  return std::nullopt;
}

std::optional<std::string> ReadTextFile(const std::string& path, std::size_t most_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  std::string text;
  std::array<char, 8192> piece{};
  bool whole = false;
  while (text.size() <= most_bytes) {
    const ssize_t got = read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    whole = got == 0;
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  close(fd);
  if (!whole) return std::nullopt;
  return text;
}

}  // namespace sspr
