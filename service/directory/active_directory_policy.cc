// SPDX-License-Identifier: Apache-2.0
#include "service/directory/active_directory_policy.h"

#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "service/directory/active_directory_user.h"
#include "service/directory/utf16_password.h"

namespace sspr::service {
namespace {

// Of our clock and the domain's; Kerberos allows no more either.
constexpr UnixSeconds kClockSkew = 300;
constexpr long long kComplex = 1;  // DOMAIN_PASSWORD_COMPLEX
constexpr std::string_view kPasswordRestriction = "0000052D";

long long RuleIn(const std::string& text) {
  long long number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Of the domain's root, or as a password settings object names it.
long long EitherOf(const LdapEntry& entry, std::string_view of_domain, std::string_view of_object) {
  const std::string value = entry.First(of_domain);
  return RuleIn(value.empty() ? entry.First(of_object) : value);
}

// Samba's own words for the rule.
std::optional<RefusalCode> ReasonIn(std::string_view said) {
  constexpr std::pair<std::string_view, RefusalCode> kWords[] = {
      {"too short", RefusalCode::kPasswordTooShort},
      {"complexity", RefusalCode::kPasswordTooWeak},
      {"in history", RefusalCode::kPasswordRecentlyUsed},
      {"password history", RefusalCode::kPasswordRecentlyUsed},
      {"too young", RefusalCode::kPasswordTooYoung},
  };
  for (const auto& [words, code] : kWords) {
    if (said.find(words) != std::string_view::npos) return code;
  }
  return std::nullopt;
}

}  // namespace

DomainPasswordPolicy DomainPasswordPolicyOf(const LdapEntry& entry) {
  DomainPasswordPolicy policy;
  policy.min_length =
      static_cast<std::size_t>(EitherOf(entry, "minpwdlength", "msds-minimumpasswordlength"));
  const std::string of_object = entry.First("msds-passwordcomplexityenabled");
  policy.complex = of_object.empty() ? (RuleIn(entry.First("pwdproperties")) & kComplex) != 0
                                     : of_object == "TRUE";
  policy.history =
      static_cast<int>(EitherOf(entry, "pwdhistorylength", "msds-passwordhistorylength"));
  // A negative span of time; the least number there is means "never".
  const long long age = EitherOf(entry, "minpwdage", "msds-minimumpasswordage");
  if (age < 0 && age > std::numeric_limits<long long>::min()) {
    policy.min_age = std::chrono::seconds(-age / kTicksPerSecond);
  }
  return policy;
}

bool IsTooYoung(const DomainPasswordPolicy& policy, UnixSeconds changed_at, UnixSeconds now) {
  const UnixSeconds age = now - changed_at;
  return policy.min_age.count() > 0 && changed_at > 0 && age >= -kClockSkew &&
         age < policy.min_age.count();
}

std::optional<RefusalCode> ReasonOf(const LdapAnswer& answer, const DomainPasswordPolicy& policy,
                                    const Secret& password) {
  if (answer.said.find(kPasswordRestriction) == std::string::npos) return std::nullopt;
  if (const auto reason = ReasonIn(answer.said)) return reason;
  const PasswordShape shape = ShapeOf(password);
  if (shape.code_units < policy.min_length) return RefusalCode::kPasswordTooShort;
  if (policy.complex && shape.kinds < 3) return RefusalCode::kPasswordTooWeak;
  if (policy.history > 0) return RefusalCode::kPasswordRecentlyUsed;
  return RefusalCode::kPasswordInvalid;
}

}  // namespace sspr::service
