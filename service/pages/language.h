// SPDX-License-Identifier: Apache-2.0
// The languages of the pages. To add one: a line here and a file texts/CODE.txt in each part
// (docs/portal.md); the tests name what is missing.
#pragma once

#include <array>
#include <string_view>

namespace sspr::service {

struct Language {
  std::string_view code;  // BCP 47
  std::string_view name;  // in the language itself
  bool right_to_left = false;
};

inline constexpr std::array<Language, 5> kLanguages{{
    {"en", "English"},
    {"de", "Deutsch"},
    {"fr", "Français"},
    {"es", "Español"},
    {"ar", "العربية", true},
}};

// The language with this code, else English.
const Language& LanguageOf(std::string_view code);
bool IsLanguage(std::string_view code);

// The best of ours for an Accept-Language header; English when it names none. Never fails.
const Language& PreferredLanguage(std::string_view accept_language);

}  // namespace sspr::service
