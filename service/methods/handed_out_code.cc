// SPDX-License-Identifier: Apache-2.0
#include "service/methods/handed_out_code.h"

#include <array>
#include <stdexcept>

namespace sspr::service {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kGroup = 4;
constexpr std::size_t kLongest = 32;

}  // namespace

Secret RandomBase32(Random& random, int length) {
  std::array<unsigned char, kLongest> bytes{};
  const auto count = static_cast<std::size_t>(length);
  if (count > bytes.size()) throw std::length_error("a code that long does not fit");
  random.Fill({bytes.data(), count});
  Secret code;
  for (std::size_t i = 0; i < count; ++i) {
    if (!code.Append({&kAlphabet[bytes[i] & 31], 1})) throw std::length_error("code");
  }
  Wipe(bytes.data(), bytes.size());
  return code;
}

SecretBuffer<64> Grouped(const Secret& code) {
  SecretBuffer<64> text;
  const std::string_view all = code.Reveal();
  for (std::size_t i = 0; i < all.size(); i += kGroup) {
    if ((i > 0 && !text.Append("-")) || !text.Append(all.substr(i, kGroup))) {
      throw std::length_error("code");
    }
  }
  return text;
}

}  // namespace sspr::service
