// SPDX-License-Identifier: Apache-2.0
// Digests and keyed digests. Failures of the library (out of memory) are std::runtime_error.
#pragma once

#include <string>
#include <string_view>

namespace sspr::service {

// 20 bytes. Broken for signatures; here it is the name under which leaked passwords are listed.
std::string Sha1(std::string_view data);
// 32 bytes.
std::string Sha256(std::string_view data);
// RFC 2104; 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view data);
// RFC 5869 with SHA-256 and no salt; 32 bytes. label says what the key is for.
std::string DeriveKey(std::string_view master, std::string_view label);

// Time depends on the sizes only.
bool SameBytes(std::string_view a, std::string_view b) noexcept;

}  // namespace sspr::service
