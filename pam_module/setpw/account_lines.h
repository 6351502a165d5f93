// SPDX-License-Identifier: Apache-2.0
// passwd(5), shadow(5), group(5) and opasswd as lines of fields between colons. No copy is made:
// the views point into the text that was given.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sspr::setpw {

std::vector<std::string_view> SplitLines(std::string_view text);
std::vector<std::string_view> SplitFields(std::string_view line, char separator);

// The lines whose first field is exactly name.
std::vector<std::string_view> LinesOf(std::string_view text, std::string_view name);

// A number of decimal digits only, without a leading zero, that fits 32 bits.
std::optional<std::uint32_t> ParseNumber(std::string_view digits);

}  // namespace sspr::setpw
