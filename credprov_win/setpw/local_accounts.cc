// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/setpw/local_accounts.h"

#include <windows.h>
// After windows.h.
#include <lm.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "credprov_win/core/wide_text.h"

namespace sspr::setpw {
namespace {

constexpr DWORD kFirstRidOfPeople = 1000;
constexpr UnixSeconds kAgeTolerance = 5;  // SAM tells whole seconds, and ours passed meanwhile
constexpr wchar_t kPolicies[] = L"SOFTWARE\\Policies\\SSPR Login";
constexpr wchar_t kProduct[] = L"SYSTEM\\CurrentControlSet\\Control\\ProductOptions";

struct FreeBuffer {
  void operator()(void* buffer) const noexcept { NetApiBufferFree(buffer); }
};
template <typename Info>
using Answer = std::unique_ptr<Info, FreeBuffer>;

template <typename Info>
NET_API_STATUS Ask(const std::wstring& name, DWORD level, Answer<Info>& out) {
  BYTE* buffer = nullptr;
  const NET_API_STATUS done = NetUserGetInfo(nullptr, name.c_str(), level, &buffer);
  out.reset(done == NERR_Success ? reinterpret_cast<Info*>(buffer) : nullptr);
  return done;
}

std::string Failed(const char* what, NET_API_STATUS code) {
  return std::string(what) + " (" + std::to_string(code) + ")";
}

// A domain controller has no accounts of its own.
bool IsDomainController() {
  wchar_t kind[16] = {};
  DWORD size = sizeof kind;
  return RegGetValueW(HKEY_LOCAL_MACHINE, kProduct, L"ProductType", RRF_RT_REG_SZ, nullptr, kind,
                      &size) == ERROR_SUCCESS &&
         _wcsicmp(kind, L"LanmanNT") == 0;
}

bool AdministratorsMayBeReset() {
  DWORD allowed = 0;
  DWORD size = sizeof allowed;
  return RegGetValueW(HKEY_LOCAL_MACHINE, kPolicies, L"AllowLocalAdministrators", RRF_RT_REG_DWORD,
                      nullptr, &allowed, &size) == ERROR_SUCCESS &&
         allowed == 1;
}

// Zero, which is nobody's, when it is no SID of an account.
DWORD RidOf(PSID sid) {
  if (sid == nullptr || !IsValidSid(sid)) return 0;
  const UCHAR count = *GetSidSubAuthorityCount(sid);
  return count == 0 ? 0 : *GetSidSubAuthority(sid, count - 1U);
}

std::vector<unsigned char> BytesOf(PSID sid) {
  const auto* const bytes = static_cast<const unsigned char*>(sid);
  return {bytes, bytes + GetLengthSid(sid)};
}

bool IsMicrosoftAccount(const std::wstring& name) {
  Answer<USER_INFO_24> info;
  return Ask(name, 24, info) == NERR_Success && info->usri24_internet_identity != FALSE;
}

// Why SAM's word on an account keeps it from being reset; null when it does not.
const char* WhyNotThisAccount(const USER_INFO_4& info, UnixSeconds now) {
  const DWORD flags = info.usri4_flags;
  if (RidOf(info.usri4_user_sid) < kFirstRidOfPeople) return "an account of Windows' own";
  if ((flags & UF_NORMAL_ACCOUNT) == 0) return "no account of a person";
  if ((flags & UF_ACCOUNTDISABLE) != 0) return "disabled";
  if ((flags & UF_SMARTCARD_REQUIRED) != 0) return "signs in with a smart card only";
  if ((flags & UF_PASSWD_CANT_CHANGE) != 0) return "its user may not change the password";
  if (info.usri4_acct_expires != TIMEQ_FOREVER && info.usri4_acct_expires < now) return "expired";
  if (info.usri4_priv == USER_PRIV_ADMIN && !AdministratorsMayBeReset()) return "an administrator";
  return nullptr;
}

using WidePassword = WideText<kMostPasswordUnits + 1>;

enum class Widened { kYes, kTooLong, kNoText };

Widened Widen(const Secret& password, WidePassword& out) {
  wchar_t wide[Secret::kMaxSize] = {};
  const std::string_view text = password.Reveal();
  const int units =
      MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), static_cast<int>(text.size()),
                          wide, static_cast<int>(Secret::kMaxSize));
  Widened made = units > 0 ? Widened::kYes : Widened::kNoText;
  for (int i = 0; i < units; ++i) {
    const bool control = wide[i] < 0x20 || (wide[i] >= 0x7F && wide[i] < 0xA0);
    if (control) made = Widened::kNoText;
  }
  if (made == Widened::kYes && !out.Assign({wide, static_cast<std::size_t>(units)})) {
    made = Widened::kTooLong;
  }
  Wipe(wide, sizeof wide);
  return made;
}

// What SAM says now, when the account is still the one that was found.
Status FindAgain(const LocalAccount& account, Answer<USER_INFO_4>& info) {
  const NET_API_STATUS asked = Ask(account.sam_name, 4, info);
  if (asked == NERR_UserNotFound) return {Errc::kPolicy, "the account is gone"};
  if (asked != NERR_Success) return {Errc::kInternal, Failed("SAM cannot be asked", asked)};
  if (RidOf(info->usri4_user_sid) == 0 || BytesOf(info->usri4_user_sid) != account.sid) {
    return {Errc::kPolicy, "it is another account of the same name"};
  }
  return Ok();
}

Status OpenAgain(const LocalAccount& account, DWORD flags) {
  USER_INFO_1008 open{};
  open.usri1008_flags = flags & ~static_cast<DWORD>(UF_LOCKOUT);
  const NET_API_STATUS done = NetUserSetInfo(nullptr, account.sam_name.c_str(), 1008,
                                             reinterpret_cast<BYTE*>(&open), nullptr);
  if (done != NERR_Success) {
    return {Errc::kInternal, Failed("failed logons were not forgotten", done)};
  }
  return Ok();
}

// The password that the person has just chosen is not to be changed at the logon.
Status DemandNoChange(const LocalAccount& account) {
  Answer<USER_INFO_4> info;
  if (Ask(account.sam_name, 4, info) != NERR_Success || info->usri4_password_expired == 0) {
    return Ok();
  }
  info->usri4_password = nullptr;  // stays as it is
  info->usri4_password_expired = 0;
  const NET_API_STATUS done = NetUserSetInfo(nullptr, account.sam_name.c_str(), 4,
                                             reinterpret_cast<BYTE*>(info.get()), nullptr);
  if (done != NERR_Success) {
    return {Errc::kInternal, Failed("the password counts as expired", done)};
  }
  return Ok();
}

bool IsWordOnThePassword(NET_API_STATUS code) {
  return code == NERR_PasswordTooShort || code == NERR_PasswordTooRecent ||
         code == NERR_PasswordHistConflict || code == NERR_PasswordTooLong ||
         code == NERR_PasswordNotComplexEnough || code == NERR_PasswordFilterError ||
         code == ERROR_PASSWORD_RESTRICTION || code == ERROR_ILL_FORMED_PASSWORD;
}

std::optional<RejectionReason> ReasonFor(NET_API_STATUS code) {
  if (code == NERR_Success) return std::nullopt;
  if (code == NERR_PasswordTooLong) return RejectionReason::kTooLong;
  if (code == NERR_PasswordHistConflict) return RejectionReason::kUsedBefore;
  return IsWordOnThePassword(code) ? std::optional(RejectionReason::kTooWeak) : std::nullopt;
}

}  // namespace

std::variant<LocalAccount, Refusal> FindAccount(std::string_view name, UnixSeconds now) {
  const auto refuse = [](RefusalReason reason, std::string detail) {
    return Refusal{reason, std::move(detail)};
  };
  if (name.find_first_of("\\@") != std::string_view::npos) {
    return refuse(RefusalReason::kNotLocal, "a name of a domain");
  }
  if (IsDomainController()) return refuse(RefusalReason::kNotPermitted, "a domain controller");
  const std::wstring wide(name.begin(), name.end());  // carriable: ASCII
  Answer<USER_INFO_4> info;
  const NET_API_STATUS asked = Ask(wide, 4, info);
  if (asked == NERR_UserNotFound) return refuse(RefusalReason::kNotLocal, "no such account");
  if (asked != NERR_Success) {
    return refuse(RefusalReason::kInternal, Failed("SAM cannot be asked", asked));
  }
  if (const char* why_not = WhyNotThisAccount(*info, now)) {
    return refuse(RefusalReason::kNotPermitted, why_not);
  }
  if (IsMicrosoftAccount(wide)) {
    return refuse(RefusalReason::kNotPermitted, "its password is Microsoft's");
  }
  return LocalAccount{.name = std::string(name),
                      .sam_name = info->usri4_name,
                      .sid = BytesOf(info->usri4_user_sid),
                      .password_set_at = now - info->usri4_password_age,
                      .locked_out = (info->usri4_flags & UF_LOCKOUT) != 0};
}

std::optional<RejectionReason> WhyNotThis(const LocalAccount& account, const Secret& password) {
  WidePassword wide;
  switch (Widen(password, wide)) {
    case Widened::kYes:
      break;
    case Widened::kTooLong:
      return RejectionReason::kTooLong;
    case Widened::kNoText:
      return password.empty() ? RejectionReason::kTooWeak : RejectionReason::kNotTypable;
  }
  NET_VALIDATE_PASSWORD_RESET_INPUT_ARG input{};
  // The function takes pointers to what it only reads.
  input.ClearPassword = const_cast<wchar_t*>(wide.c_str());
  input.UserAccountName = const_cast<wchar_t*>(account.sam_name.c_str());
  void* output = nullptr;
  const NET_API_STATUS asked =
      NetValidatePasswordPolicy(nullptr, nullptr, NetValidatePasswordReset, &input, &output);
  if (asked != NERR_Success || output == nullptr) return RejectionReason::kInternal;
  const NET_API_STATUS verdict = static_cast<NET_VALIDATE_OUTPUT_ARG*>(output)->ValidationStatus;
  NetValidatePasswordPolicyFree(&output);
  return ReasonFor(verdict);
}

Status SetPassword(const LocalAccount& account, const Secret& password, UnixSeconds now,
                   const std::function<void(const std::string&)>& note) {
  Answer<USER_INFO_4> info;
  if (Status found = FindAgain(account, info); !found) return found;
  if (const char* why_not = WhyNotThisAccount(*info, now)) return {Errc::kPolicy, why_not};
  if (now - info->usri4_password_age > account.password_set_at + kAgeTolerance) {
    return {Errc::kPolicy, "somebody else set its password meanwhile"};
  }
  WidePassword wide;
  if (Widen(password, wide) != Widened::kYes) return {Errc::kInternal, "no password"};
  USER_INFO_1003 set{};
  set.usri1003_password = const_cast<wchar_t*>(wide.c_str());
  const NET_API_STATUS done = NetUserSetInfo(nullptr, account.sam_name.c_str(), 1003,
                                             reinterpret_cast<BYTE*>(&set), nullptr);
  if (IsWordOnThePassword(done)) return {Errc::kPolicy, Failed("Windows refuses it", done)};
  if (done != NERR_Success) return {Errc::kInternal, Failed("it was not set", done)};
  const bool locked = (info->usri4_flags & UF_LOCKOUT) != 0;
  for (const Status& after :
       {locked ? OpenAgain(account, info->usri4_flags) : Ok(), DemandNoChange(account)}) {
    if (!after) note(after.error().detail);
  }
  return Ok();
}

Status ClearLockout(const LocalAccount& account) {
  Answer<USER_INFO_4> info;
  if (Status found = FindAgain(account, info); !found) return found;
  return OpenAgain(account, info->usri4_flags);
}

}  // namespace sspr::setpw
