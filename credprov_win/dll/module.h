// SPDX-License-Identifier: Apache-2.0
// The DLL itself: how many of its objects live, and where the programs beside it lie.
#pragma once

#include <windows.h>

namespace sspr {

// {7B5E2C64-1F0B-4E0A-9C57-0A4D6B1E83F2}: the class, and the provider, of SSPR Login.
inline constexpr GUID kProviderClass = {
    0x7b5e2c64, 0x1f0b, 0x4e0a, {0x9c, 0x57, 0x0a, 0x4d, 0x6b, 0x1e, 0x83, 0xf2}};

// The DLL stays loaded as long as one of these lives.
class ModuleLock {
 public:
  ModuleLock() noexcept;
  ~ModuleLock();
  ModuleLock(const ModuleLock&) = delete;
  ModuleLock& operator=(const ModuleLock&) = delete;
};

// Full paths of sspr-flow.exe and sspr-setpw.exe; empty when they cannot be said.
const wchar_t* HelperProgram() noexcept;
const wchar_t* SetpwProgram() noexcept;

}  // namespace sspr
