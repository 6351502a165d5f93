// SPDX-License-Identifier: Apache-2.0
// The one form of a user name. It is made once, at the edge, and compared bytewise ever after, so
// that no database collation and no Unicode rule can make two names one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sspr::service {

inline constexpr std::size_t kMaxUserNameBytes = 64;

// ASCII capitals become small. Nothing when what is left is not 1 to 64 of [a-z0-9._@+-], or begins
// with '-' or '.': such a name belongs to nobody.
std::optional<std::string> CanonicalUserName(std::string_view typed);

// The part before '@'.
std::string LocalPartOf(std::string_view canonical);

}  // namespace sspr::service
