// SPDX-License-Identifier: Apache-2.0
// What an entry is known by for good, as the store writes identifiers (32 hexadecimal digits), and
// back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sspr::service {

inline constexpr char kEntryUuid[] = "entryUUID";    // RFC 4530
inline constexpr char kNsUniqueId[] = "nsUniqueId";  // of 389 Directory Server

// Nothing when it is none. attribute: one of those two.
std::optional<std::string> IdOfEntry(std::string_view attribute, std::string_view value);
std::optional<std::string> EntryOfId(std::string_view attribute, std::string_view id);

}  // namespace sspr::service
