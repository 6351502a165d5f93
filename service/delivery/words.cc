// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/words.h"

namespace sspr::service {

const Words& WordsOf(MailLanguage language) noexcept {
  switch (language) {
    case MailLanguage::kEnglish:
      return kEnglishWords;
    case MailLanguage::kGerman:
      return kGermanWords;
    case MailLanguage::kFrench:
      return kFrenchWords;
    case MailLanguage::kSpanish:
      return kSpanishWords;
    case MailLanguage::kArabic:
      return kArabicWords;
  }
  return kEnglishWords;
}

}  // namespace sspr::service
