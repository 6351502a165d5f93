// SPDX-License-Identifier: Apache-2.0
// The key by which a reset that was cut off is found again: HMAC-SHA256 under the machine's resume
// secret over user and terminal, so that only this machine, at this terminal, can name the flow.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.h"

namespace sspr {

inline constexpr std::size_t kResumeKeyBytes = 32;

// The whole file, straight into wiped memory. Nothing when it cannot be read or is larger than 511
// bytes. On Windows: the value "Secret" of that key of HKEY_LOCAL_MACHINE.
std::optional<Secret> ReadResumeSecret(const std::string& path);
// HMAC-SHA256; empty when the library fails.
std::vector<unsigned char> ResumeHmac(const Secret& secret, std::string_view message);

// Empty when the terminal is not known, or the secret is too short to be one.
std::vector<unsigned char> ResumeKey(const Secret& secret, std::string_view user,
                                     std::string_view terminal);

}  // namespace sspr
