// SPDX-License-Identifier: Apache-2.0
#include "service/directory/rfc3062_directory.h"

#include <ldap.h>

#include <algorithm>
#include <charconv>

#include "common/base/text.h"
#include "service/directory/directory_server_389.h"
#include "service/directory/entry_ids.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::string_view kLockedForGood = "000001010000Z";  // draft-behera-ldap-password-policy
// RulesOf.
constexpr std::string_view kOf389 = "389";

bool IsExpired(const std::string& shadow_expire, UnixSeconds now) {
  long long day = 0;
  const char* const end = shadow_expire.data() + shadow_expire.size();
  const auto [rest, error] = std::from_chars(shadow_expire.data(), end, day);
  return !shadow_expire.empty() && error == std::errc() && rest == end && day >= 0 &&
         now / kDaySeconds >= day;
}

// What the directory's password policy says (draft-behera-ldap-password-policy), where another
// password may do.
std::optional<RefusalCode> ReasonOf(const LdapAnswer& answer) {
  if (!answer.policy) {
    return answer.code == LDAP_CONSTRAINT_VIOLATION ? std::optional(RefusalCode::kPasswordInvalid)
                                                    : std::nullopt;
  }
  constexpr int kPasswordTooLong = 9;  // newer than the draft
  if (*answer.policy == kPasswordTooLong) return RefusalCode::kPasswordTooLong;
  return RefusalOfPolicy(*answer.policy);
}

}  // namespace

std::vector<std::string> Rfc3062Directory::Attributes() const {
  std::vector<std::string> names = AttributesOf389();
  names.insert(names.end(),
               {settings_.id_attribute, "entryCSN", "modifiersName", "preferredLanguage",
                "shadowExpire", "nsAccountLock", "pwdChangedTime", "pwdAccountLockedTime"});
  for (const std::string& name :
       {settings_.name_attribute, settings_.account_attribute, settings_.display_attribute}) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

std::optional<DirectoryUser> Rfc3062Directory::Person(const LdapEntry& entry,
                                                      UnixSeconds now) const {
  const std::string& by = settings_.id_attribute;
  const std::optional<std::string> id = IdOfEntry(by, entry.First(LowerCase(by)));
  const auto name = CanonicalUserName(entry.First(LowerCase(settings_.name_attribute)));
  if (!id || !name) return std::nullopt;
  DirectoryUser user{.id = *id,
                     .username = *name,
                     .display_name = entry.First(LowerCase(settings_.display_attribute)),
                     .local_account = {},
                     .language = entry.First("preferredlanguage")};
  if (!settings_.account_attribute.empty()) {
    const std::string account = entry.First(LowerCase(settings_.account_attribute));
    if (IsCarriableUserName(account)) user.local_account = account;
  }
  const std::string locked = entry.First("pwdaccountlockedtime");
  user.enabled = locked != kLockedForGood && LowerCase(entry.First("nsaccountlock")) != "true" &&
                 !IsExpired(entry.First("shadowexpire"), now) && !IsOverInFreeIpa(entry, now);
  user.locked =
      IsOf389(entry) ? IsLockedBy389(entry, now) : !locked.empty() && locked != kLockedForGood;
  const PasswordState state = IsOf389(entry)
                                  ? PasswordStateOf389(entry)
                                  : PasswordState{.changed = entry.First("pwdchangedtime"),
                                                  .version = entry.First("entrycsn")};
  user.password_changed_at = GeneralizedTime(state.changed).value_or(0);
  user.password_generation = user.password_changed_at;
  user.state_before = TextOf(state);
  return user;
}

std::optional<std::string> Rfc3062Directory::FilterOfId(std::string_view id) const {
  const std::optional<std::string> value = EntryOfId(settings_.id_attribute, id);
  return value ? std::optional("(" + settings_.id_attribute + "=" + *value + ")") : std::nullopt;
}

std::string Rfc3062Directory::FilterOfGroups(std::string_view escaped_dn) const {
  const std::string value(escaped_dn);
  return "(|(member=" + value + ")(uniqueMember=" + value + "))";
}

bool Rfc3062Directory::IsBoundAs(LdapConnection& connection, const std::string& dn) const {
  return connection.IsBoundAs(dn);
}

std::string Rfc3062Directory::RulesOf(const LdapEntry& entry) const {
  return std::string(IsOf389(entry) ? kOf389 : std::string_view());
}

std::string Rfc3062Directory::ModifierOf(const LdapEntry& entry) const {
  return IsOf389(entry) ? ModifierOf389(entry) : LdapDialect::ModifierOf(entry);
}

LdapSetAnswer Rfc3062Directory::SetPassword(LdapConnection& connection, const LdapTarget& target,
                                            const Secret& password, UnixSeconds) {
  if (target.rules == kOf389) return SetPasswordIn389(connection, target, password);
  LdapSetAnswer set{.answer = connection.SetPassword(target.dn, password)};
  if (set.answer.is_answered && !set.answer.ok()) set.refusal = ReasonOf(set.answer);
  return set;
}

bool Rfc3062Directory::WasSet(const PasswordState& before, const PasswordState& now,
                              UnixSeconds claimed) const {
  const std::optional<UnixSeconds> changed_at = GeneralizedTime(now.changed);
  const bool touched = now.version != before.version;
  return touched && (now.changed != before.changed || !changed_at || *changed_at >= claimed);
}

LdapAnswer Rfc3062Directory::Unlock(LdapConnection& connection, const LdapTarget& target) const {
  if (target.rules == kOf389) return UnlockIn389(connection, target.dn);
  LdapAnswer answer = connection.Modify(target.dn, {{.operation = LdapChange::Operation::kDelete,
                                                     .attribute = "pwdAccountLockedTime"}});
  if (answer.code == LDAP_NO_SUCH_ATTRIBUTE) answer.code = LDAP_SUCCESS;
  return answer;
}

}  // namespace sspr::service
