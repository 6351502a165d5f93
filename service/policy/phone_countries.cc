// SPDX-License-Identifier: Apache-2.0
#include "service/policy/phone_countries.h"

#include <algorithm>
#include <set>

namespace sspr::service {
namespace {

constexpr std::size_t kMaxPrefixLength = 5;

bool IsPrefix(std::string_view word) {
  return word.size() >= 2 && word.size() <= kMaxPrefixLength && word[0] == '+' && word[1] != '0' &&
         std::ranges::all_of(word.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

// The next word of the list, which loses it.
std::string_view TakeWord(std::string_view& list) {
  const std::size_t end = std::min(list.find(' '), list.size());
  const std::string_view word = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return word;
}

}  // namespace

std::optional<std::string> NormalCountryList(std::string_view text) {
  std::set<std::string> prefixes;
  while (!text.empty()) {
    const std::string_view word = TakeWord(text);
    if (word.empty()) continue;
    if (!IsPrefix(word)) return std::nullopt;
    prefixes.emplace(word);
  }
  std::string list;
  for (const std::string& prefix : prefixes) list += (list.empty() ? "" : " ") + prefix;
  return list;
}

bool IsCountryAllowed(std::string_view list, std::string_view number) {
  if (list.empty()) return true;
  while (!list.empty()) {
    const std::string_view prefix = TakeWord(list);
    if (!prefix.empty() && number.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace sspr::service
