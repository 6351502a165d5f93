// SPDX-License-Identifier: Apache-2.0
// Stands in for netapi32.dll, whose NetUserSetInfo is a stub in Wine: a SAM in the registry, HKLM
// "SOFTWARE/SSPR Test/Sam", one key for each account. It takes exactly the calls that
// sspr-setpw.exe may make of Windows, with the levels and flags that Microsoft documents, and
// refuses all others.
//
// An account: Name, Rid, Flags, Priv, Expires, Expired, SetAt, Internet, Password (what was set,
// for the test to look at). Of the test's own: Refuse (the code that a set ends with), Hang (a set
// never comes back, and Hangs is then the process).
#include <windows.h>
// After windows.h.
#include <lm.h>

#include <cstring>
#include <ctime>
#include <string>

namespace {

constexpr wchar_t kSam[] = L"SOFTWARE\\SSPR Test\\Sam\\";
constexpr std::size_t kMostName = 64;
constexpr std::size_t kFewestCharacters = 8;

struct Record {
  USER_INFO_4 info;
  wchar_t name[kMostName];
  BYTE sid[SECURITY_MAX_SID_SIZE];
};

DWORD Number(const std::wstring& key, const wchar_t* value, DWORD other) {
  DWORD number = 0;
  DWORD size = sizeof number;
  const LSTATUS read = RegGetValueW(HKEY_LOCAL_MACHINE, key.c_str(), value, RRF_RT_REG_DWORD,
                                    nullptr, &number, &size);
  return read == ERROR_SUCCESS ? number : other;
}

void SetNumber(const std::wstring& key, const wchar_t* value, DWORD number) {
  RegSetKeyValueW(HKEY_LOCAL_MACHINE, key.c_str(), value, REG_DWORD, &number, sizeof number);
}

DWORD Now() { return static_cast<DWORD>(std::time(nullptr)); }

void FillSid(DWORD rid, BYTE* sid) {
  SID_IDENTIFIER_AUTHORITY authority = {{0, 0, 0, 0, 0, 5}};
  InitializeSid(sid, &authority, 5);
  const DWORD parts[] = {21, 1111, 2222, 3333, rid};
  for (DWORD i = 0; i < 5; ++i) *GetSidSubAuthority(sid, i) = parts[i];
}

std::wstring KeyOf(const wchar_t* server, const wchar_t* user) {
  return server == nullptr ? kSam + std::wstring(user) : std::wstring();
}

}  // namespace

extern "C" {

NET_API_STATUS WINAPI NetApiBufferFree(void* buffer) {
  return HeapFree(GetProcessHeap(), 0, buffer) ? NERR_Success : ERROR_INVALID_PARAMETER;
}

NET_API_STATUS WINAPI NetUserGetInfo(LPCWSTR server, LPCWSTR user, DWORD level, LPBYTE* buffer) {
  const std::wstring key = KeyOf(server, user);
  wchar_t name[kMostName] = {};
  DWORD size = sizeof name;
  if (RegGetValueW(HKEY_LOCAL_MACHINE, key.c_str(), L"Name", RRF_RT_REG_SZ, nullptr, name, &size) !=
      ERROR_SUCCESS) {
    return NERR_UserNotFound;
  }
  if (level == 24) {
    auto* made = static_cast<USER_INFO_24*>(
        HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(USER_INFO_24)));
    made->usri24_internet_identity = Number(key, L"Internet", 0) != 0;
    *buffer = reinterpret_cast<BYTE*>(made);
    return NERR_Success;
  }
  if (level != 4) return ERROR_INVALID_LEVEL;
  auto* made = static_cast<Record*>(HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(Record)));
  std::memcpy(made->name, name, sizeof name);
  FillSid(Number(key, L"Rid", 0), made->sid);
  made->info.usri4_name = made->name;
  made->info.usri4_user_sid = made->sid;
  made->info.usri4_flags = Number(key, L"Flags", UF_SCRIPT | UF_NORMAL_ACCOUNT);
  made->info.usri4_priv = Number(key, L"Priv", USER_PRIV_USER);
  made->info.usri4_acct_expires = Number(key, L"Expires", TIMEQ_FOREVER);
  made->info.usri4_password_expired = Number(key, L"Expired", 0);
  made->info.usri4_password_age = Now() - Number(key, L"SetAt", Now());
  *buffer = reinterpret_cast<BYTE*>(made);
  return NERR_Success;
}

NET_API_STATUS WINAPI NetUserSetInfo(LPCWSTR server, LPCWSTR user, DWORD level, LPBYTE buffer,
                                     LPDWORD) {
  const std::wstring key = KeyOf(server, user);
  const DWORD refusal = Number(key, L"Refuse", NERR_Success);
  if (Number(key, L"Hang", 0) != 0) {
    SetNumber(key, L"Hangs", GetCurrentProcessId());
    Sleep(INFINITE);
  }
  switch (level) {
    case 1003: {
      if (refusal != NERR_Success) return refusal;
      const wchar_t* password = reinterpret_cast<USER_INFO_1003*>(buffer)->usri1003_password;
      const auto bytes = static_cast<DWORD>((std::wcslen(password) + 1) * sizeof(wchar_t));
      RegSetKeyValueW(HKEY_LOCAL_MACHINE, key.c_str(), L"Password", REG_SZ, password, bytes);
      SetNumber(key, L"SetAt", Now());
      return NERR_Success;
    }
    case 1008:
      SetNumber(key, L"Flags", reinterpret_cast<USER_INFO_1008*>(buffer)->usri1008_flags);
      return NERR_Success;
    case 4: {
      const auto* info = reinterpret_cast<USER_INFO_4*>(buffer);
      if (info->usri4_password != nullptr) return ERROR_INVALID_PARAMETER;
      SetNumber(key, L"Expired", info->usri4_password_expired);
      return NERR_Success;
    }
    default:
      return ERROR_INVALID_LEVEL;
  }
}

NET_API_STATUS WINAPI NetValidatePasswordPolicy(LPCWSTR server, LPVOID qualifier,
                                                NET_VALIDATE_PASSWORD_TYPE type, LPVOID input,
                                                LPVOID* output) {
  if (server != nullptr || qualifier != nullptr || type != NetValidatePasswordReset) {
    return ERROR_INVALID_PARAMETER;
  }
  const auto* arguments = static_cast<NET_VALIDATE_PASSWORD_RESET_INPUT_ARG*>(input);
  auto* made = static_cast<NET_VALIDATE_OUTPUT_ARG*>(
      HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(NET_VALIDATE_OUTPUT_ARG)));
  const bool too_short = std::wcslen(arguments->ClearPassword) < kFewestCharacters;
  const bool named = std::wcsstr(arguments->ClearPassword, arguments->UserAccountName) != nullptr;
  made->ValidationStatus = too_short ? NERR_PasswordTooShort
                           : named   ? NERR_PasswordNotComplexEnough
                                     : NERR_Success;
  *output = made;
  return NERR_Success;
}

NET_API_STATUS WINAPI NetValidatePasswordPolicyFree(LPVOID* output) {
  HeapFree(GetProcessHeap(), 0, *output);
  *output = nullptr;
  return NERR_Success;
}

}  // extern "C"
