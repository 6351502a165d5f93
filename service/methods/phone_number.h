// SPDX-License-Identifier: Apache-2.0
// Phone numbers of users: which ones we keep, and how much of one we show.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sspr::service {

// E.164: '+' and 8 to 15 digits, of which the first is not 0. Spaces, hyphens, dots, slashes and
// brackets are left out; nothing when what is left is no such number.
std::optional<std::string> PhoneNumberOf(std::string_view typed);

// The hint that a person sees: "***42", the last two digits.
std::string PhoneHint(std::string_view last_two);
std::string LastTwo(std::string_view number);

// All but the last four digits: what numbers of one block share.
std::string PrefixOf(std::string_view number);

}  // namespace sspr::service
