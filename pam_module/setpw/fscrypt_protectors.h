// SPDX-License-Identifier: Apache-2.0
// fscrypt(8) keeps what a login password protects in protobuf files under .fscrypt/protectors at
// the root of the file system of the home, and for login protectors of /. Only whether there is one
// is looked at: to lock it anew is fscrypt's business (Argon2id, a metadata format that moves on).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sspr::setpw {

// A protector that is bound to the login password of this user.
bool IsLoginProtectorOf(std::string_view file, std::uint32_t uid) noexcept;

// Looks above the home and at / for one. Called as the user, who can read the own ones.
bool HasLoginProtector(const std::string& home, std::uint32_t uid);

}  // namespace sspr::setpw
