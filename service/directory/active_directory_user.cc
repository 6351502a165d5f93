// SPDX-License-Identifier: Apache-2.0
#include "service/directory/active_directory_user.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "service/directory/ldap_dialect.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::uint32_t kAccountDisabled = 0x2;  // ADS_UF_ACCOUNTDISABLE
constexpr std::uint32_t kLockedOut = 0x10;       // ADS_UF_LOCKOUT, of the computed attribute
constexpr long long kSecondsUntil1970 = 11'644'473'600;
// Of the GUID's first three fields the little end comes first.
constexpr std::array<std::size_t, 16> kGuidOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                    8, 9, 10, 11, 12, 13, 14, 15};

std::optional<long long> NumberIn(std::string_view text) {
  long long number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::uint32_t FlagsIn(std::string_view text) {
  return static_cast<std::uint32_t>(NumberIn(text).value_or(0));
}

// 0 and the greatest number mean "never".
bool IsOver(std::string_view account_expires, UnixSeconds now) {
  const std::optional<long long> ticks = NumberIn(account_expires);
  if (!ticks || *ticks <= 0) return false;
  return *ticks / kTicksPerSecond - kSecondsUntil1970 <= now;
}

}  // namespace

std::vector<std::string> ActiveDirectoryAttributes(const LdapSettings& settings) {
  std::vector<std::string> names = {"objectGUID",        "userAccountControl",
                                    "accountExpires",    "pwdLastSet",
                                    "preferredLanguage", "msDS-User-Account-Control-Computed",
                                    "adminCount",        "msDS-ResultantPSO"};
  for (const std::string& name :
       {settings.name_attribute, settings.account_attribute, settings.display_attribute}) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

std::optional<DirectoryUser> ActiveDirectoryPerson(const LdapEntry& entry,
                                                   const LdapSettings& settings, UnixSeconds now) {
  const std::optional<std::string> id = IdOfGuid(entry.First("objectguid"));
  const auto name = CanonicalUserName(entry.First(LowerCase(settings.name_attribute)));
  if (!id || !name) return std::nullopt;
  DirectoryUser user{.id = *id,
                     .username = *name,
                     .display_name = entry.First(LowerCase(settings.display_attribute)),
                     .local_account = {},
                     .language = entry.First("preferredlanguage")};
  if (!settings.account_attribute.empty()) {
    const std::string account = LowerCase(entry.First(LowerCase(settings.account_attribute)));
    if (IsCarriableUserName(account)) user.local_account = account;
  }
  const bool is_protected = FlagsIn(entry.First("admincount")) != 0;
  user.enabled = (FlagsIn(entry.First("useraccountcontrol")) & kAccountDisabled) == 0 &&
                 !IsOver(entry.First("accountexpires"), now) && !is_protected;
  user.locked = (FlagsIn(entry.First("msds-user-account-control-computed")) & kLockedOut) != 0;
  const std::string changed = TimeOfFileTime(entry.First("pwdlastset"));
  user.password_changed_at = GeneralizedTime(changed).value_or(0);
  user.password_generation = user.password_changed_at;
  user.state_before = TextOf({.changed = changed, .version = changed});
  return user;
}

std::optional<std::string> IdOfGuid(std::string_view guid) {
  if (guid.size() != kGuidOrder.size()) return std::nullopt;
  std::string ordered;
  for (const std::size_t at : kGuidOrder) ordered.push_back(guid[at]);
  return ToHex(ordered);
}

std::optional<std::string> GuidOfId(std::string_view id) {
  const std::optional<std::string> ordered = FromHex(id);
  if (!ordered || ordered->size() != kGuidOrder.size()) return std::nullopt;
  std::string guid(kGuidOrder.size(), '\0');
  for (std::size_t i = 0; i < kGuidOrder.size(); ++i) guid[kGuidOrder[i]] = (*ordered)[i];
  return guid;
}

std::string TimeOfFileTime(std::string_view file_time) {
  const std::optional<long long> ticks = NumberIn(file_time);
  if (!ticks || *ticks <= 0) return {};
  const std::time_t seconds = *ticks / kTicksPerSecond - kSecondsUntil1970;
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return {};
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y%m%d%H%M%S", &parts);
  std::array<char, 16> rest{};
  std::snprintf(rest.data(), rest.size(), ".%07lldZ", *ticks % kTicksPerSecond);
  return std::string(text.data(), length) + rest.data();
}

}  // namespace sspr::service
