// SPDX-License-Identifier: Apache-2.0
#include "common/client/texts.h"

#include "common/base/text.h"
#include "common/client/texts_tables.h"

namespace sspr {
namespace {

constexpr std::size_t kMaxParameterBytes = 100;

// Braces are ours: a parameter cannot name another one.
std::string Filtered(std::string_view text, std::size_t most) {
  std::string shown(most, '\0');
  shown.resize(FilterForDisplay(text, Lines::kOne, shown));
  return shown;
}

// What stands for {product} and {help} where the configuration says nothing.
struct OwnWords {
  const char* product;
  const char* help_is;  // before the words of the configuration
  const char* help;
};

OwnWords OwnWordsOf(Language language) noexcept {
  switch (language) {
    case Language::kEnglish:
      break;
    case Language::kGerman:
      return {"Passwortdienst",
              "Hilfe: ", "Wenn das so bleibt, wenden Sie sich an Ihren Helpdesk."};
    case Language::kFrench:
      return {"service de mots de passe",
              "Aide : ", "Si cela ne change pas, contactez votre service d'assistance."};
    case Language::kSpanish:
      return {"servicio de contraseñas",
              "Ayuda: ", "Si esto no cambia, diríjase a su servicio de asistencia."};
    case Language::kArabic:
      return {"خدمة كلمات المرور", "المساعدة: ", "إذا استمر ذلك فاتصل بمكتب المساعدة."};
  }
  return {"password service", "Help: ", "If this does not change, contact your help desk."};
}

}  // namespace

Language LanguageOf(std::string_view name, Language fallback) noexcept {
  const std::string_view base = name.substr(0, name.find_first_of("_-.@"));
  if (base == "de") return Language::kGerman;
  if (base == "fr") return Language::kFrench;
  if (base == "es") return Language::kSpanish;
  if (base == "ar") return Language::kArabic;
  if (base == "en" || base == "C" || base == "POSIX") return Language::kEnglish;
  return fallback;
}

std::span<const TextEntry> TextsOf(Language language) noexcept {
  switch (language) {
    case Language::kEnglish:
      return kEnglishTexts;
    case Language::kGerman:
      return kGermanTexts;
    case Language::kFrench:
      return kFrenchTexts;
    case Language::kSpanish:
      return kSpanishTexts;
    case Language::kArabic:
      return kArabicTexts;
  }
  return kEnglishTexts;
}

Texts::Texts(Language language, std::string_view product, std::string_view helpdesk, bool plain)
    : language_(language), product_(Filtered(product, kMaxParameterBytes)), plain_(plain) {
  const OwnWords own = OwnWordsOf(language);
  if (product_.empty()) product_ = own.product;
  help_ = helpdesk.empty() ? own.help : own.help_is + Filtered(helpdesk, 2 * kMaxParameterBytes);
}

std::string Texts::Say(const Text& text) const {
  std::string_view pattern = TextsOf(language_)[static_cast<std::size_t>(text.id)].text;
  if (plain_) {
    if (const char* words = PlainTextOf(language_, text.id)) pattern = words;
  }
  std::string said;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    said += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    const std::string_view name = pattern.substr(open + 1, close - open - 1);
    pattern.remove_prefix(close + 1);
    if (name == "help") {
      said += help_;
    } else if (name == "product") {
      said += product_;
    } else {
      const auto index = static_cast<std::size_t>(name[0] - '0');
      if (index < text.parameters.size()) {
        said += Filtered(text.parameters[index], kMaxParameterBytes);
      }
    }
  }
  std::string shown(kMaxTextBytes, '\0');
  shown.resize(FilterForDisplay(said, Lines::kMany, shown));
  return shown;
}

}  // namespace sspr
