// SPDX-License-Identifier: Apache-2.0
#include "service/directory/directory_server_389.h"

#include <ldap.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sspr::service {
namespace {

// For good, until the password is reset (passwordUnlock: off).
constexpr std::string_view kUntilReset = "19700101000000Z";

struct Words {
  std::string_view said;
  RefusalCode code;
};

// Of 389 Directory Server 2.3, and of FreeIPA's plug-in in its place.
constexpr std::array<Words, 7> kWords = {{
    {"in history", RefusalCode::kPasswordRecentlyUsed},
    {"reuse not permitted", RefusalCode::kPasswordRecentlyUsed},
    {"within password minimum age", RefusalCode::kPasswordTooYoung},
    {"too soon to change", RefusalCode::kPasswordTooYoung},
    {"characters long", RefusalCode::kPasswordTooShort},
    {"is too short", RefusalCode::kPasswordTooShort},
    {"storage scheme are not allowed", RefusalCode::kPasswordInvalid},
}};

// A change without values takes away what is there, and is content where nothing is.
std::vector<LdapChange> Unlocked() {
  return {{.operation = LdapChange::Operation::kReplace, .attribute = "accountUnlockTime"},
          {.operation = LdapChange::Operation::kReplace,
           .attribute = "passwordRetryCount",
           .value = "0"}};
}

}  // namespace

std::vector<std::string> AttributesOf389() {
  return {"nsUniqueId",        "modifyTimestamp",    "pwdUpdateTime",
          "accountUnlockTime", "passwordRetryCount", "krbPrincipalExpiration"};
}

bool IsOf389(const LdapEntry& entry) { return !entry.First("nsuniqueid").empty(); }

PasswordState PasswordStateOf389(const LdapEntry& entry) {
  return {.changed = entry.First("pwdupdatetime"), .version = entry.First("modifytimestamp")};
}

bool IsLockedBy389(const LdapEntry& entry, UnixSeconds now) {
  const std::string until = entry.First("accountunlocktime");
  const std::string failures = entry.First("passwordretrycount");
  if (until.empty() || failures.empty() || failures == "0") return false;
  const std::optional<UnixSeconds> end = GeneralizedTime(until);
  return until == kUntilReset || (end && *end > now);
}

bool IsOverInFreeIpa(const LdapEntry& entry, UnixSeconds now) {
  const std::optional<UnixSeconds> end = GeneralizedTime(entry.First("krbprincipalexpiration"));
  return end && *end <= now;
}

std::string ModifierOf389(const LdapEntry& entry) {
  constexpr std::string_view kItself = "cn=server,cn=plugins,cn=config";
  std::string modifier = entry.First("modifiersname");
  return LowerCase(modifier) == kItself ? std::string() : modifier;
}

LdapSetAnswer SetPasswordIn389(LdapConnection& connection, const LdapTarget& target,
                               const Secret& password) {
  LdapSetAnswer set;
  const bool is_locked = target.user.locked;
  if (is_locked) set.answer = connection.ReplacePassword(target.dn, password, Unlocked());
  // Nothing was changed. The lock may not be ours to take away; the password may.
  const bool may_not_unlock =
      is_locked && set.answer.is_answered && set.answer.code == LDAP_INSUFFICIENT_ACCESS;
  if (!is_locked || may_not_unlock) set.answer = connection.ReplacePassword(target.dn, password);
  if (set.answer.is_answered && !set.answer.ok()) set.refusal = ReasonOf389(set.answer);
  return set;
}

LdapAnswer UnlockIn389(LdapConnection& connection, const std::string& dn) {
  return connection.Modify(dn, Unlocked());
}

std::optional<RefusalCode> ReasonOf389(const LdapAnswer& answer) {
  if (answer.code != LDAP_CONSTRAINT_VIOLATION) return std::nullopt;
  const std::string said = LowerCase(answer.said);
  const auto found = std::ranges::find_if(
      kWords, [&](const Words& words) { return said.find(words.said) != std::string::npos; });
  if (found != kWords.end()) return found->code;
  const auto refusal = RefusalOfPolicy(answer.policy.value_or(PP_noError));
  return refusal.value_or(RefusalCode::kPasswordInvalid);
}

}  // namespace sspr::service
