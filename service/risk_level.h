// SPDX-License-Identifier: Apache-2.0
// How much a user is at risk, in the vocabulary of Microsoft Graph's riskyUser.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sspr::service {

enum class RiskLevel { kNone = 0, kLow = 1, kMedium = 2, kHigh = 3 };

// In the order of the levels.
inline constexpr std::array<std::string_view, 4> kRiskLevelNames = {"none", "low", "medium",
                                                                    "high"};

constexpr std::string_view Name(RiskLevel level) {
  return kRiskLevelNames[static_cast<std::size_t>(level)];
}

constexpr std::optional<RiskLevel> RiskLevelOf(std::string_view name) {
  const auto* const found = std::ranges::find(kRiskLevelNames, name);
  if (found == kRiskLevelNames.end()) return std::nullopt;
  return static_cast<RiskLevel>(found - kRiskLevelNames.begin());
}

}  // namespace sspr::service
