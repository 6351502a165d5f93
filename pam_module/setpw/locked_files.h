// SPDX-License-Identifier: Apache-2.0
// Two kinds of file that the login password locks, as text: the keyring of GNOME (gnome-keyring's
// docs/file-format.txt) and the wrapped mount passphrase of eCryptfs (both versions of
// libecryptfs). Each can be tried with a password and made anew for another one; nothing is read or
// written here. For the bytes of a stranger: every length is checked.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "pam_module/setpw/wiped_text.h"

namespace sspr::setpw {

// The longest password that eCryptfs can wrap with, in bytes.
inline constexpr std::size_t kMostWrappingBytes = 64;

// False for a keyring without a password, which GNOME keeps as plain text, and for other files.
bool IsLockedKeyring(std::string_view file) noexcept;

// kDenied: the password does not open it. kProtocol: it is no such file, or of a kind that is not
// known here. kInternal: libcrypto or the random numbers fail.
Status OpenKeyring(std::string_view file, const Secret& password);
Result<WipedText> RelockKeyring(std::string_view file, const Secret& old_password,
                                const Secret& new_password);

// The same; kPolicy when the new password is longer than kMostWrappingBytes.
Status OpenWrappedPassphrase(std::string_view file, const Secret& password);
Result<WipedText> RewrapPassphrase(std::string_view file, const Secret& old_password,
                                   const Secret& new_password);

}  // namespace sspr::setpw
