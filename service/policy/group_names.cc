// SPDX-License-Identifier: Apache-2.0
#include "service/policy/group_names.h"

#include <algorithm>
#include <set>

namespace sspr::service {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMostGroups = 64;

}  // namespace

bool IsGroupName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::optional<std::vector<std::string>> ReadGroupList(std::string_view text) {
  std::set<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name.empty()) continue;
    if (!IsGroupName(name)) return std::nullopt;
    names.emplace(name);
  }
  if (names.size() > kMostGroups) return std::nullopt;
  return std::vector<std::string>(names.begin(), names.end());
}

std::optional<std::string> NormalGroupList(std::string_view text) {
  const auto names = ReadGroupList(text);
  if (!names) return std::nullopt;
  std::string list;
  for (const std::string& name : *names) list += (list.empty() ? "" : " ") + name;
  return list;
}

bool HasOneOf(std::string_view list, const std::vector<std::string>& groups) {
  const auto names = ReadGroupList(list);
  return names && std::ranges::any_of(*names, [&groups](const std::string& name) {
           return std::ranges::find(groups, name) != groups.end();
         });
}

}  // namespace sspr::service
