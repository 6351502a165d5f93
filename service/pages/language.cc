// SPDX-License-Identifier: Apache-2.0
#include "service/pages/language.h"

#include <algorithm>
#include <string>

#include "service/pages/trimmed.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMaxHeaderBytes = 500;
constexpr int kFullWeight = 1000;

// "0.8" in thousandths; what cannot be read weighs nothing.
int WeightOf(std::string_view parameter) {
  parameter = Trimmed(parameter);
  if (parameter.empty()) return kFullWeight;
  if (!parameter.starts_with("q=")) return 0;
  parameter.remove_prefix(2);
  if (parameter.starts_with('1')) return kFullWeight;
  if (!parameter.starts_with("0.")) return 0;
  int weight = 0;
  int place = kFullWeight / 10;
  for (const char c : parameter.substr(2)) {
    if (c < '0' || c > '9' || place == 0) break;
    weight += (c - '0') * place;
    place /= 10;
  }
  return weight;
}

}  // namespace

bool IsLanguage(std::string_view code) {
  return std::ranges::any_of(kLanguages, [code](const Language& one) { return one.code == code; });
}

const Language& LanguageOf(std::string_view code) {
  const auto* const found =
      std::ranges::find_if(kLanguages, [code](const Language& one) { return one.code == code; });
  return found == kLanguages.end() ? kLanguages.front() : *found;
}

const Language& PreferredLanguage(std::string_view header) {
  const Language* best = &kLanguages.front();
  int best_weight = 0;
  header = header.substr(0, kMaxHeaderBytes);
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    const std::string_view entry = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const std::size_t semicolon = std::min(entry.find(';'), entry.size());
    std::string tag(Trimmed(entry.substr(0, semicolon)));
    std::ranges::transform(tag, tag.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    tag = tag.substr(0, tag.find('-'));
    const int weight =
        semicolon == entry.size() ? kFullWeight : WeightOf(entry.substr(semicolon + 1));
    if (weight > best_weight && IsLanguage(tag)) {
      best = &LanguageOf(tag);
      best_weight = weight;
    }
  }
  return *best;
}

}  // namespace sspr::service
