// SPDX-License-Identifier: Apache-2.0
// What the DLL reads and writes in the registry: policy switches, and the count of starts that did
// not end well. HKEY_LOCAL_MACHINE only.
#pragma once

#include <windows.h>

namespace sspr {

// HKLM\SOFTWARE\Policies\SSPR Login: a DWORD, or other where there is none.
DWORD PolicyNumber(const wchar_t* name, DWORD other) noexcept;

// The computer holds a key by which permits of the service are checked: sspr-setpw.exe will set the
// passwords of its own accounts.
bool ServesOwnAccounts() noexcept;

// After so many starts in a row that never came to the drawn tile the provider stays off, until
// sspr-doctor or an administrator sets the count back.
inline constexpr DWORD kMostUnfinishedStarts = 3;

// Counts one start; false when the provider is to stay off. Without a registry to count in it may
// start.
bool CountStart() noexcept;
// The tile has been described whole, or LogonUI let go of us in good order.
void StartFinished() noexcept;

}  // namespace sspr
