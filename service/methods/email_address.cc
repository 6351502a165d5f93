// SPDX-License-Identifier: Apache-2.0
#include "service/methods/email_address.h"

#include <algorithm>

namespace sspr::service {
namespace {

constexpr std::size_t kMaxAddressBytes = 254;
constexpr std::size_t kMaxLocalBytes = 64;

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsLocalCharacter(char c) {
  return IsLetterOrDigit(c) ||
         std::string_view("!#$%&'*+/=?^_`{|}~.-").find(c) != std::string_view::npos;
}

// Labels of letters, digits and hyphens with dots between, none empty or edged with a hyphen.
bool IsDomain(std::string_view domain) {
  if (domain.empty()) return false;
  char before = '.';
  for (const char c : domain) {
    if (!IsLetterOrDigit(c) && c != '-' && c != '.') return false;
    if (c == '.' && (before == '.' || before == '-')) return false;
    if (c == '-' && before == '.') return false;
    before = c;
  }
  return before != '.' && before != '-';
}

}  // namespace

bool IsPlainEmailAddress(std::string_view address) {
  const std::size_t at = address.find('@');
  if (at == std::string_view::npos || address.size() > kMaxAddressBytes) return false;
  const std::string_view local = address.substr(0, at);
  if (local.empty() || local.size() > kMaxLocalBytes || local.front() == '-') return false;
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(local.begin(), local.end(), IsLocalCharacter) &&
         IsDomain(address.substr(at + 1));
}

std::string MaskedDomain(std::string_view address) {
  const std::string_view domain = address.substr(address.find('@') + 1);
  const std::size_t dot = domain.rfind('.');
  const std::string_view ending = dot == std::string_view::npos ? "" : domain.substr(dot);
  return std::string(domain.substr(0, 1)) + "***" + std::string(ending);
}

std::string EmailHint(std::string_view masked_domain) {
  return "***@" + std::string(masked_domain);
}

}  // namespace sspr::service
