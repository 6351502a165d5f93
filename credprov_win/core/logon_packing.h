// SPDX-License-Identifier: Apache-2.0
// The serialised logon that LSA takes: KERB_INTERACTIVE_UNLOCK_LOGON of 64-bit Windows, its texts
// behind it, their addresses as offsets from its beginning. Pure: CredPackAuthenticationBuffer,
// which does the like, makes none that unlocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sspr {

enum class LogonKind : std::uint32_t {
  kInteractive = 2,  // KerbInteractiveLogon
  kUnlock = 7,       // KerbWorkstationUnlockLogon
};

struct LogonTexts {
  std::u16string_view domain;  // empty: the user is a user principal name, or LSA finds the domain
  std::u16string_view user;
  std::u16string_view password;
};

inline constexpr std::size_t kLogonHeadBytes = 64;

// How many bytes Pack writes. Zero when a text is longer than a UNICODE_STRING can say.
std::size_t PackedLogonBytes(const LogonTexts& texts) noexcept;

// False, with nothing written, unless out has exactly that size. The caller wipes what was written.
bool PackLogon(LogonKind kind, const LogonTexts& texts, std::span<unsigned char> out) noexcept;

}  // namespace sspr
