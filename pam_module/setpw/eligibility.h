// SPDX-License-Identifier: Apache-2.0
// Who may be reset on this machine, decided from the text of its own passwd, shadow and group files
// (never through NSS: an account of the directory has no local hash to set). Hard rules come first;
// no setting opens root or the system's accounts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pam_module/setpw/account_writer.h"

namespace sspr::setpw {

struct AccountLimits {
  uid_t min_uid = 1000;
  uid_t max_uid = 60000;
  std::vector<std::string> deny_groups;
};

struct AccountTexts {
  std::string_view passwd;
  std::string_view shadow;
  std::string_view group;
};

// today: days since 1970-01-01, as in shadow(5).
Lookup FindAccount(const AccountTexts& texts, const AccountLimits& limits, std::string_view name,
                   std::int64_t today);

// Why the failed logins of an account that is not in passwd, but of a directory, are not forgotten
// here either; nothing when they are. Its uid is not known: see ClearDirectoryTally.
std::optional<Refusal> WhyNotOfDirectory(const AccountTexts& texts, const AccountLimits& limits,
                                         std::string_view name);

// A hash that a password can match: neither empty nor locked nor a placeholder, and without any
// byte that would end its field or line.
bool IsUsableHash(std::string_view hash) noexcept;

}  // namespace sspr::setpw
