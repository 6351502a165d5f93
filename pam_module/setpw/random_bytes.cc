// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/random_bytes.h"

#include <sys/random.h>

#include <cerrno>

namespace sspr::setpw {

bool FillRandom(std::span<char> out) noexcept {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace sspr::setpw
