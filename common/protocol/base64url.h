// SPDX-License-Identifier: Apache-2.0
// base64url without padding (RFC 4648, section 5) and lower-case hex, for fields of fixed size.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sspr {

std::string Base64Url(std::span<const unsigned char> bytes);
// True when the text is exactly the encoding of out.size() bytes; else out is not to be used.
bool FromBase64Url(std::string_view text, std::span<unsigned char> out);

std::string Hex(std::span<const unsigned char> bytes);
// The same for hex digits of either case.
bool FromHex(std::string_view text, std::span<unsigned char> out);

}  // namespace sspr
