// SPDX-License-Identifier: Apache-2.0
// The words of sspr-flow: each TextId in each language, complete (a test and the compiler say so).
// What is shown is always a sentence of these tables; values from the network or the configuration
// are filtered, cut and put into marked places only, and are never a prompt.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/flow/text_id.h"

namespace sspr {

enum class Language { kEnglish, kGerman, kFrench, kSpanish, kArabic };

// The language of a locale or tag: "de", "de_AT.UTF-8". None that we know: fallback.
Language LanguageOf(std::string_view name, Language fallback) noexcept;

struct TextEntry {
  TextId id;
  // {0} and {1} are the parameters, {help} the sentence about the help desk, {product} our name.
  const char* text;
};
// One entry for each TextId, in its order.
std::span<const TextEntry> TextsOf(Language language) noexcept;

class Texts {
 public:
  // product and helpdesk come from the configuration; empty: our own words.
  // plain: short words where there are some.
  Texts(Language language, std::string_view product, std::string_view helpdesk, bool plain = false);

  // One or more lines of clean text, at most kMaxTextBytes long. Empty for kNone.
  std::string Say(const Text& text) const;

 private:
  Language language_;
  std::string product_;
  std::string help_;
  bool plain_ = false;
};

}  // namespace sspr
