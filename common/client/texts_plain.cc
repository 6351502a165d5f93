// SPDX-License-Identifier: Apache-2.0
// Short, plain words for a device that strangers share and that is read from some distance. What is
// not here is said as everywhere.
#include <algorithm>
#include <array>

#include "common/client/texts_tables.h"

namespace sspr {
namespace {

struct PlainText {
  TextId id;
  std::array<const char*, 5> words;  // in the order of Language
};

constexpr PlainText kPlainTexts[] = {
    {TextId::kIntro,
     {"NEW PASSWORD", "NEUES PASSWORT", "NOUVEAU MOT DE PASSE", "CONTRASEÑA NUEVA",
      "كلمة مرور جديدة"}},
    {TextId::kAskConfirm,
     {"For {0}? Enter = yes, n = no: ", "Für {0}? Eingabetaste = ja, n = nein: ",
      "Pour {0} ? Entrée = oui, n = non : ", "¿Para {0}? Intro = sí, n = no: ",
      "لـ{0}؟ Enter = نعم، n = لا: "}},
    {TextId::kContacting,
     {"Please wait.", "Bitte warten.", "Veuillez patienter.", "Espere, por favor.",
      "انتظر من فضلك."}},
    {TextId::kCodeSent,
     {"Look at your mail {0}.", "Sehen Sie in Ihre Mail {0}.", "Regardez votre courriel {0}.",
      "Mire su correo {0}.", "انظر في بريدك {0}."}},
    {TextId::kCodeSentPlain,
     {"Look at your mail.", "Sehen Sie in Ihre Mail.", "Regardez votre courriel.",
      "Mire su correo.", "انظر في بريدك."}},
    {TextId::kAskEmailCode, {"Code: ", "Code: ", "Code : ", "Código: ", "الرمز: "}},
    {TextId::kAskAppCode,
     {"Code of your app: ", "Code Ihrer App: ", "Code de votre appli : ", "Código de su app: ",
      "رمز تطبيقك: "}},
    {TextId::kWrongCode,
     {"Wrong code. Try again.", "Falscher Code. Noch einmal.", "Code faux. Essayez encore.",
      "Código incorrecto. Otra vez.", "رمز خاطئ. حاول مرة أخرى."}},
    {TextId::kWrongCodeLeft,
     {"Wrong code. {0} tries left.", "Falscher Code. Noch {0} Versuche.",
      "Code faux. Encore {0} essais.", "Código incorrecto. Quedan {0} intentos.",
      "رمز خاطئ. بقيت {0} محاولات."}},
    {TextId::kPasswordRules,
     {"At least {0} characters.", "Mindestens {0} Zeichen.", "Au moins {0} caractères.",
      "Al menos {0} caracteres.", "{0} حرفًا على الأقل."}},
    {TextId::kPasswordMismatch,
     {"Not the same. Type it twice again.", "Nicht gleich. Noch einmal zweimal eingeben.",
      "Pas identiques. Tapez-le encore deux fois.", "No son iguales. Escríbala otra vez dos veces.",
      "غير متطابقتين. اكتبها مرتين مرة أخرى."}},
    {TextId::kSetting,
     {"Please wait.", "Bitte warten.", "Veuillez patienter.", "Espere, por favor.",
      "انتظر من فضلك."}},
    {TextId::kSet,
     {"Done. Use the new password.", "Fertig. Benutzen Sie das neue Passwort.",
      "C'est fait. Utilisez le nouveau mot de passe.", "Listo. Use la contraseña nueva.",
      "تم. استخدم كلمة المرور الجديدة."}},
    {TextId::kNothingChanged,
     {"Nothing was changed. Start again if you like.",
      "Nichts geändert. Beginnen Sie neu, wenn Sie möchten.",
      "Rien n'a changé. Recommencez si vous voulez.",
      "Nada ha cambiado. Empiece otra vez si quiere.", "لم يتغير شيء. ابدأ من جديد إن شئت."}},
};

}  // namespace

const char* PlainTextOf(Language language, TextId id) noexcept {
  const auto* const found = std::ranges::find(kPlainTexts, id, &PlainText::id);
  if (found == std::end(kPlainTexts)) return nullptr;
  return found->words[static_cast<std::size_t>(language)];
}

}  // namespace sspr
