// SPDX-License-Identifier: Apache-2.0
// The module's own few sentences; everything else that a person reads comes from sspr-flow.
#pragma once

#include <optional>
#include <string_view>

namespace sspr {

enum class Language { kEnglish, kGerman, kFrench, kSpanish, kArabic };

enum class ModuleText {
  kPasswordPrompt,      // where an empty answer asks for a reset
  kPasswordWordPrompt,  // where only a word does
  kAfterFailurePrompt,
  kNotAvailable,   // nobody at the socket, or nobody that we trust
  kFellSilent,     // sspr-flow did not answer
  kStopped,        // sspr-flow ended or broke the protocol
  kCannotAskHere,  // the front end answers every question with one text
  kNameNotFit,
  kChoicePrompt,
  kNotAChoice,
  kTooLong,
  kWhosePrompt,  // trigger=account
  kLogInYourself,
  kBackPrompt,
  kCannotAskService,  // unreachable=closed
  kOnlyHere,          // unreachable=open, of a change of the password
  kDemanded,          // what the demand said is no longer to be read
};

// The language of a locale name such as "de_DE.UTF-8"; nothing when it is none of ours.
std::optional<Language> LanguageOf(std::string_view locale) noexcept;
const char* LanguageTag(Language language) noexcept;
const char* Text(ModuleText text, Language language) noexcept;

}  // namespace sspr
