// SPDX-License-Identifier: Apache-2.0
// Bytes as text on the wire: base64url without padding (RFC 4648, 5), and the digits of percent
// escapes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sspr::service {

std::string Base64UrlEncode(std::string_view bytes);

// Strict: no padding, no other characters, no stray bits, and exactly wanted_bytes come out.
std::optional<std::string> Base64UrlDecode(std::string_view text, std::size_t wanted_bytes);

// 0 to 15, or -1.
int HexDigit(char c);

}  // namespace sspr::service
