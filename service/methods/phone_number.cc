// SPDX-License-Identifier: Apache-2.0
#include "service/methods/phone_number.h"

namespace sspr::service {
namespace {

constexpr std::size_t kFewestPhoneDigits = 8;
constexpr std::size_t kMostPhoneDigits = 15;
constexpr std::size_t kBlockDigits = 4;

}  // namespace

std::optional<std::string> PhoneNumberOf(std::string_view typed) {
  std::string number;
  for (const char c : typed) {
    if (std::string_view(" -./()").find(c) != std::string_view::npos) continue;
    const bool is_digit = c >= '0' && c <= '9';
    if (number.empty() ? c != '+' : !is_digit) return std::nullopt;
    number.push_back(c);
  }
  if (number.size() < kFewestPhoneDigits + 1 || number.size() > kMostPhoneDigits + 1)
    return std::nullopt;
  if (number[1] == '0') return std::nullopt;
  return number;
}

std::string PhoneHint(std::string_view last_two) { return "***" + std::string(last_two); }

std::string LastTwo(std::string_view number) {
  return std::string(number.substr(number.size() < 2 ? 0 : number.size() - 2));
}

std::string PrefixOf(std::string_view number) {
  return std::string(number.substr(0, number.size() - std::min(number.size(), kBlockDigits)));
}

}  // namespace sspr::service
