// SPDX-License-Identifier: Apache-2.0
// Which countries' phone numbers may be used: a list of prefixes as text, "+1 +49".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sspr::service {

// Sorted, each once; nothing when a word is not '+' and one to four digits.
std::optional<std::string> NormalCountryList(std::string_view text);

// number: E.164. An empty list takes every number.
bool IsCountryAllowed(std::string_view list, std::string_view number);

}  // namespace sspr::service
