// SPDX-License-Identifier: Apache-2.0
#include "service/policy/snooze_rules.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "service/policy/group_names.h"

namespace sspr::service {
namespace {

constexpr int kMostDays = 30;
constexpr int kMostTimes = 100;
constexpr std::size_t kMostRules = 64;

struct GroupRule {
  std::string group;
  SnoozeRule rule;
};

std::optional<int> Number(std::string_view digits, int highest) {
  int value = -1;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (value < 0 || value > highest) return std::nullopt;
  return value;
}

std::optional<std::vector<GroupRule>> ReadRules(std::string_view text) {
  std::vector<GroupRule> rules;
  std::istringstream in{std::string(text)};
  for (std::string word; in >> word;) {
    const std::size_t first = word.find(':');
    const std::size_t second = first == word.npos ? first : word.find(':', first + 1);
    if (second == word.npos || rules.size() == kMostRules) return std::nullopt;
    const std::string group = word.substr(0, first);
    const auto days =
        Number(std::string_view(word).substr(first + 1, second - first - 1), kMostDays);
    const auto times = Number(std::string_view(word).substr(second + 1), kMostTimes);
    if (!IsGroupName(group) || !days || !times) return std::nullopt;
    rules.push_back({group, {.days = *days, .times = *times}});
  }
  return rules;
}

}  // namespace

std::optional<std::string> NormalSnoozeList(std::string_view text) {
  const auto rules = ReadRules(text);
  if (!rules) return std::nullopt;
  std::string normal;
  for (const GroupRule& one : *rules) {
    normal += (normal.empty() ? "" : " ") + one.group + ":" + std::to_string(one.rule.days) + ":" +
              std::to_string(one.rule.times);
  }
  return normal;
}

SnoozeRule SnoozeRuleFor(const Policy& policy, const std::vector<std::string>& groups) {
  const auto rules = ReadRules(policy.snooze_groups);
  if (rules) {
    for (const GroupRule& one : *rules) {
      if (std::ranges::find(groups, one.group) != groups.end()) return one.rule;
    }
  }
  return {.days = policy.snooze_days, .times = policy.snooze_times};
}

}  // namespace sspr::service
