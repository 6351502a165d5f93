// SPDX-License-Identifier: Apache-2.0
#include "service/directory/ldap_user.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "common/base/text.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::string_view kLockedForGood = "000001010000Z";  // draft-behera-ldap-password-policy
constexpr std::size_t kUuidDashes[] = {8, 13, 18, 23};

bool IsExpired(const std::string& shadow_expire, UnixSeconds now) {
  long long day = 0;
  const char* const end = shadow_expire.data() + shadow_expire.size();
  const auto [rest, error] = std::from_chars(shadow_expire.data(), end, day);
  return !shadow_expire.empty() && error == std::errc() && rest == end && day >= 0 &&
         now / kDaySeconds >= day;
}

bool IsHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::vector<std::string> AttributesOf(const LdapSettings& settings) {
  std::vector<std::string> names = {
      "entryUUID",    "entryCSN",      "modifiersName",  "preferredLanguage",
      "shadowExpire", "nsAccountLock", "pwdChangedTime", "pwdAccountLockedTime"};
  for (const std::string& name :
       {settings.name_attribute, settings.account_attribute, settings.display_attribute}) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

std::optional<DirectoryUser> PersonOf(const LdapEntry& entry, const LdapSettings& settings,
                                      UnixSeconds now) {
  const std::optional<std::string> id = IdOfUuid(entry.First("entryuuid"));
  const auto name = CanonicalUserName(entry.First(LowerCase(settings.name_attribute)));
  if (!id || !name) return std::nullopt;
  DirectoryUser user{.id = *id,
                     .username = *name,
                     .display_name = entry.First(LowerCase(settings.display_attribute)),
                     .local_account = {},
                     .language = entry.First("preferredlanguage")};
  if (!settings.account_attribute.empty()) {
    const std::string account = entry.First(LowerCase(settings.account_attribute));
    if (IsCarriableUserName(account)) user.local_account = account;
  }
  const std::string locked = entry.First("pwdaccountlockedtime");
  user.enabled = locked != kLockedForGood && LowerCase(entry.First("nsaccountlock")) != "true" &&
                 !IsExpired(entry.First("shadowexpire"), now);
  user.locked = !locked.empty() && locked != kLockedForGood;
  const PasswordState state{.changed = entry.First("pwdchangedtime"),
                            .version = entry.First("entrycsn")};
  user.password_changed_at = GeneralizedTime(state.changed).value_or(0);
  user.password_generation = user.password_changed_at;
  user.state_before = TextOf(state);
  return user;
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

std::optional<std::string> IdOfUuid(std::string_view uuid) {
  constexpr std::size_t kUuidSize = 36;
  if (uuid.size() != kUuidSize) return std::nullopt;
  std::string id = LowerCase(uuid);
  for (std::size_t i = std::size(kUuidDashes); i-- > 0;) {
    if (id[kUuidDashes[i]] != '-') return std::nullopt;
    id.erase(kUuidDashes[i], 1);
  }
  if (!IsHex(id)) return std::nullopt;
  return id;
}

std::optional<std::string> UuidOfId(std::string_view id) {
  constexpr std::size_t kIdDigits = 32;
  if (id.size() != kIdDigits || !IsHex(id)) return std::nullopt;
  std::string uuid(id);
  for (const std::size_t at : kUuidDashes) uuid.insert(at, 1, '-');
  return uuid;
}

std::string TextOf(const PasswordState& state) { return state.changed + "|" + state.version; }

PasswordState StateOf(std::string_view text) {
  const std::size_t bar = std::min(text.find('|'), text.size());
  return {.changed = std::string(text.substr(0, bar)),
          .version = bar < text.size() ? std::string(text.substr(bar + 1)) : std::string()};
}

}  // namespace sspr::service
