// SPDX-License-Identifier: Apache-2.0
// The accounts of this computer itself, in Windows' account database (SAM), through netapi32. Who
// may be reset is decided here and by nobody else: by what SAM says of the account, never by its
// name.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/base/setpw_frames.h"

namespace sspr::setpw {

struct LocalAccount {
  std::string name;                // as it was asked for; SAM does not tell case apart
  std::wstring sam_name;           // as SAM has it
  std::vector<unsigned char> sid;  // an account that was removed and made again is another one
  UnixSeconds password_set_at = 0;
  bool locked_out = false;  // by failed logons
};

struct Refusal {
  RefusalReason reason = RefusalReason::kInternal;
  std::string detail;
};

// name is carriable. Refused are: every account of Windows' own (RID below 1000: Administrator,
// Guest, ...), on a domain controller all; disabled, expired and smart card accounts; those whose
// user may not change the password; Microsoft accounts; administrators, unless the policy
// AllowLocalAdministrators is 1.
std::variant<LocalAccount, Refusal> FindAccount(std::string_view name, UnixSeconds now);

// Longest password that the login screen of Windows takes, in UTF-16 units.
inline constexpr std::size_t kMostPasswordUnits = 127;

// Why the computer's rules refuse this password; nothing when they do not.
std::optional<RejectionReason> WhyNotThis(const LocalAccount& account, const Secret& password);

// Sets the password; the account is open afterwards and need not change it again. One call of
// Windows: it is set whole or not at all. kPolicy: the account changed since it was found, or
// Windows refuses the password. kInternal: anything else. Nothing was changed in both cases. note
// is called with what failed beside the change itself.
Status SetPassword(const LocalAccount& account, const Secret& password, UnixSeconds now,
                   const std::function<void(const std::string&)>& note);

// Forgets failed logons; the password stays as it is. Errors as above.
Status ClearLockout(const LocalAccount& account);

}  // namespace sspr::setpw
