// SPDX-License-Identifier: Apache-2.0
#include "service/directory/ldap_dialect.h"

#include <ldap.h>

#include <algorithm>
#include <ctime>

#include "service/directory/active_directory.h"
#include "service/directory/rfc3062_directory.h"

namespace sspr::service {

std::unique_ptr<LdapDialect> LdapDialect::Make(const LdapSettings& settings) {
  if (settings.kind == LdapKind::kActiveDirectory) {
    return std::make_unique<ActiveDirectory>(settings);
  }
  return std::make_unique<Rfc3062Directory>(settings);
}

std::string TextOf(const PasswordState& state) { return state.changed + "|" + state.version; }

PasswordState StateOf(std::string_view text) {
  const std::size_t bar = std::min(text.find('|'), text.size());
  return {.changed = std::string(text.substr(0, bar)),
          .version = bar < text.size() ? std::string(text.substr(bar + 1)) : std::string()};
}

std::optional<UnixSeconds> GeneralizedTime(std::string_view text) {
  constexpr std::size_t kDigits = 14;
  if (text.size() <= kDigits || text.back() != 'Z') return std::nullopt;
  std::tm parts{};
  const std::string digits(text.substr(0, kDigits));
  const char* const end = strptime(digits.c_str(), "%Y%m%d%H%M%S", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&parts);
}

std::optional<RefusalCode> RefusalOfPolicy(int error) {
  switch (error) {
    case PP_insufficientPasswordQuality:
      return RefusalCode::kPasswordTooWeak;
    case PP_passwordTooShort:
      return RefusalCode::kPasswordTooShort;
    case PP_passwordTooYoung:
      return RefusalCode::kPasswordTooYoung;
    case PP_passwordInHistory:
      return RefusalCode::kPasswordRecentlyUsed;
    default:
      return std::nullopt;
  }
}

}  // namespace sspr::service
