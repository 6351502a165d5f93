// SPDX-License-Identifier: Apache-2.0
#include "service/directory/entry_ids.h"

#include <algorithm>
#include <span>

#include "service/directory/ldap_connection.h"

namespace sspr::service {
namespace {

constexpr std::size_t kIdDigits = 32;
// In what the server writes.
constexpr std::size_t kUuidDashes[] = {8, 13, 18, 23};
constexpr std::size_t kUniqueIdDashes[] = {8, 17, 26};

std::span<const std::size_t> DashesOf(std::string_view attribute) {
  if (attribute == kNsUniqueId) return kUniqueIdDashes;
  return kUuidDashes;
}

bool IsLowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::optional<std::string> IdOfEntry(std::string_view attribute, std::string_view value) {
  const std::span<const std::size_t> dashes = DashesOf(attribute);
  if (value.size() != kIdDigits + dashes.size()) return std::nullopt;
  std::string id = LowerCase(value);
  for (std::size_t i = dashes.size(); i-- > 0;) {
    if (id[dashes[i]] != '-') return std::nullopt;
    id.erase(dashes[i], 1);
  }
  if (!IsLowerHex(id)) return std::nullopt;
  return id;
}

std::optional<std::string> EntryOfId(std::string_view attribute, std::string_view id) {
  if (id.size() != kIdDigits || !IsLowerHex(id)) return std::nullopt;
  std::string value(id);
  for (const std::size_t at : DashesOf(attribute)) value.insert(at, 1, '-');
  return value;
}

}  // namespace sspr::service
