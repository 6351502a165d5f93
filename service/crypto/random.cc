// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/random.h"

#include <sys/random.h>

#include <cerrno>
#include <stdexcept>

namespace sspr::service {

void SystemRandom::Fill(std::span<unsigned char> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw std::runtime_error("getrandom failed");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

std::string RandomBytes(Random& random, std::size_t count) {
  std::string bytes(count, '\0');
  random.Fill({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
  return bytes;
}

Secret RandomDigits(Random& random, int count) {
  constexpr unsigned char kEvenRange = 250;  // 25 times 0 to 9
  Secret digits;
  while (digits.size() < static_cast<std::size_t>(count)) {
    unsigned char byte = 0;
    random.Fill({&byte, 1});
    if (byte >= kEvenRange) continue;
    const char digit = static_cast<char>('0' + byte % 10);
    if (!digits.Append({&digit, 1})) throw std::length_error("a code that long does not fit");
  }
  return digits;
}

}  // namespace sspr::service
