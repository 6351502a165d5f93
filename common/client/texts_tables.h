// SPDX-License-Identifier: Apache-2.0
// The tables of words, one for each language, with an entry for each TextId in its order.
#pragma once

#include <array>
#include <cstddef>

#include "common/client/texts.h"

namespace sspr {

using TextTable = std::array<TextEntry, static_cast<std::size_t>(kLastTextId) + 1>;

extern const TextTable kEnglishTexts;
extern const TextTable kGermanTexts;
extern const TextTable kFrenchTexts;
extern const TextTable kSpanishTexts;
extern const TextTable kArabicTexts;

// Short words for a shared device; null: as everywhere.
const char* PlainTextOf(Language language, TextId id) noexcept;

}  // namespace sspr
