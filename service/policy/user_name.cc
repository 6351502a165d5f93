// SPDX-License-Identifier: Apache-2.0
#include "service/policy/user_name.h"

namespace sspr::service {

std::optional<std::string> CanonicalUserName(std::string_view typed) {
  if (typed.empty() || typed.size() > kMaxUserNameBytes) return std::nullopt;
  std::string name;
  name.reserve(typed.size());
  for (const char c : typed) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool allowed = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') ||
                         std::string_view("._@+-").find(small) != std::string_view::npos;
    if (!allowed) return std::nullopt;
    name.push_back(small);
  }
  if (name.front() == '-' || name.front() == '.') return std::nullopt;
  return name;
}

std::string LocalPartOf(std::string_view canonical) {
  return std::string(canonical.substr(0, canonical.find('@')));
}

}  // namespace sspr::service
