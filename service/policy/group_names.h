// SPDX-License-Identifier: Apache-2.0
// Names of groups, and lists of them as text: names between single spaces.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sspr::service {

// 1 to 64 of A-Z a-z 0-9 . _ -
bool IsGroupName(std::string_view name);

// Sorted, each once; nothing when a word of the text is no name of a group or there are more than
// 64.
std::optional<std::vector<std::string>> ReadGroupList(std::string_view text);

// The same as text.
std::optional<std::string> NormalGroupList(std::string_view text);

// Whether one of the groups is in the list.
bool HasOneOf(std::string_view list, const std::vector<std::string>& groups);

}  // namespace sspr::service
