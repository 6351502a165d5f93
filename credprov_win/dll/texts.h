// SPDX-License-Identifier: Apache-2.0
// The few words of the tile itself; those of a reset come from sspr-flow.
#pragma once

#include <windows.h>

#include <cstdint>

namespace sspr {

enum class TileText : std::uint8_t {
  kLink,           // the command link, and the name of the sign-in option
  kTitle,          // large, once the link was clicked
  kStart,          // what the arrow will do, for the account of the tile
  kStartOther,     // the same, where the person types the user name
  kUserName,       // placeholder
  kVisibleAnswer,  // placeholder
  kHiddenAnswer,   // placeholder
  kChoice,         // label of the list
  kLeave,          // the link that ends a reset
  kConnecting,     // while sspr-flow starts
  kNotAvailable,
  kSilent,
  kStopped,
  kNameNotFit,
  kLocalAccount,
  kTypeUserName,
  kTooLong,
  kPasswordSet,   // set, but Windows could not be asked to sign in
  kLogonRefused,  // set, but Windows did not accept it
};
inline constexpr TileText kLastTileText = TileText::kLogonRefused;

enum class TileLanguage : std::uint8_t { kEnglish, kGerman };

TileLanguage TileLanguageOf(LANGID language) noexcept;
// As Begin carries it: "en".
const char* TileLanguageTag(TileLanguage language) noexcept;
const wchar_t* TileWords(TileText text, TileLanguage language) noexcept;

}  // namespace sspr
