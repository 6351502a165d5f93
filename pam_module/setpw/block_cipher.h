// SPDX-License-Identifier: Apache-2.0
// Digests and AES-128 without padding, for files of other programs.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/secret.h"

struct evp_cipher_st;
struct evp_md_st;

namespace sspr::setpw {

inline constexpr std::size_t kAesBlockBytes = 16;

using DigestBytes = SecretBuffer<65>;

// The parts one behind the other. Empty when libcrypto fails.
DigestBytes Digest(const evp_md_st* kind, const std::vector<std::string_view>& parts);

// In place; text.size() is a multiple of kAesBlockBytes, key and iv as long as the cipher wants
// them (iv empty for ECB). False when libcrypto fails.
enum class Direction { kDecrypt, kEncrypt };
bool RunCipher(const evp_cipher_st* kind, Direction direction, std::string_view key,
               std::string_view iv, std::span<char> text);

}  // namespace sspr::setpw
