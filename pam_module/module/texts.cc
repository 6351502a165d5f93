// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/texts.h"

namespace sspr {
namespace {

const char* English(ModuleText text) noexcept {
  switch (text) {
    case ModuleText::kPasswordPrompt:
      return "Password (empty if forgotten): ";
    case ModuleText::kPasswordWordPrompt:
      return "Password (? if forgotten): ";
    case ModuleText::kAfterFailurePrompt:
      return "Forgot your password? Type y to reset it, or press Enter to go on: ";
    case ModuleText::kNotAvailable:
      return "Password reset is not available on this computer right now. Enter your password, or "
             "contact your help desk.";
    case ModuleText::kFellSilent:
      return "The password reset does not answer. Nothing was changed. Enter your password, or try "
             "again later.";
    case ModuleText::kStopped:
      return "The password reset stopped. If you had already confirmed a new password, try it "
             "first; otherwise enter your old one, or start again.";
    case ModuleText::kCannotAskHere:
      return "A password cannot be reset from this screen. Nothing was changed. Enter your "
             "password, or reset it at a text console.";
    case ModuleText::kNameNotFit:
      return "The password of this user name cannot be reset here. Enter your password, or contact "
             "your help desk.";
    case ModuleText::kChoicePrompt:
      return "Type the number of your choice: ";
    case ModuleText::kNotAChoice:
      return "That is none of the numbers above. Type one of them and press Enter.";
    case ModuleText::kTooLong:
      return "That is longer than 511 bytes. Type something shorter and press Enter.";
    case ModuleText::kWhosePrompt:
      return "Forgot your password? Type your user name: ";
    case ModuleText::kLogInYourself:
      return "Now log in with your own user name and the new password.";
    case ModuleText::kBackPrompt:
      return "Press Enter to go back to the login: ";
    case ModuleText::kCannotAskService:
      return "Whether you may go on cannot be asked right now. Try again in a few minutes, or "
             "ask your help desk.";
    case ModuleText::kOnlyHere:
      return "The password service cannot be reached: only the password of this computer is "
             "changed.";
    case ModuleText::kDemanded:
      return "Before you go on, a new password is needed for this account. Set it now.";
  }
  return "";
}

const char* German(ModuleText text) noexcept {
  switch (text) {
    case ModuleText::kPasswordPrompt:
      return "Passwort (leer, wenn vergessen): ";
    case ModuleText::kPasswordWordPrompt:
      return "Passwort (?, wenn vergessen): ";
    case ModuleText::kAfterFailurePrompt:
      return "Passwort vergessen? Mit j zurücksetzen, mit Enter weiter: ";
    case ModuleText::kNotAvailable:
      return "Das Zurücksetzen des Passworts ist an diesem Rechner gerade nicht möglich. Geben Sie "
             "Ihr Passwort ein oder wenden Sie sich an Ihren Helpdesk.";
    case ModuleText::kFellSilent:
      return "Das Zurücksetzen des Passworts antwortet nicht. Es wurde nichts geändert. Geben Sie "
             "Ihr Passwort ein oder versuchen Sie es später noch einmal.";
    case ModuleText::kStopped:
      return "Das Zurücksetzen wurde beendet. Hatten Sie schon ein neues Passwort bestätigt, dann "
             "versuchen Sie zuerst dieses, sonst das alte, oder beginnen Sie neu.";
    case ModuleText::kCannotAskHere:
      return "Von diesem Bildschirm aus lässt sich kein Passwort zurücksetzen. Es wurde nichts "
             "geändert. Geben Sie Ihr Passwort ein oder setzen Sie es an einer Textkonsole zurück.";
    case ModuleText::kNameNotFit:
      return "Das Passwort dieses Benutzernamens lässt sich hier nicht zurücksetzen. Geben Sie Ihr "
             "Passwort ein oder wenden Sie sich an Ihren Helpdesk.";
    case ModuleText::kChoicePrompt:
      return "Geben Sie die Nummer Ihrer Wahl ein: ";
    case ModuleText::kNotAChoice:
      return "Das ist keine der Nummern oben. Geben Sie eine davon ein und drücken Sie Enter.";
    case ModuleText::kTooLong:
      return "Das sind mehr als 511 Bytes. Geben Sie etwas Kürzeres ein und drücken Sie Enter.";
    case ModuleText::kWhosePrompt:
      return "Passwort vergessen? Geben Sie Ihren Benutzernamen ein: ";
    case ModuleText::kLogInYourself:
      return "Melden Sie sich jetzt mit Ihrem eigenen Benutzernamen und dem neuen Passwort an.";
    case ModuleText::kBackPrompt:
      return "Zurück zur Anmeldung mit Enter: ";
    case ModuleText::kCannotAskService:
      return "Ob es weitergehen darf, lässt sich gerade nicht erfragen. Versuchen Sie es in "
             "einigen Minuten noch einmal oder wenden Sie sich an Ihren Helpdesk.";
    case ModuleText::kOnlyHere:
      return "Der Passwortdienst ist nicht zu erreichen: Nur das Passwort dieses Rechners "
             "wird geändert.";
    case ModuleText::kDemanded:
      return "Bevor es weitergeht, braucht dieses Konto ein neues Passwort. Setzen Sie es jetzt.";
  }
  return "";
}

const char* French(ModuleText text) noexcept {
  switch (text) {
    case ModuleText::kPasswordPrompt:
      return "Mot de passe (vide si oublié) : ";
    case ModuleText::kPasswordWordPrompt:
      return "Mot de passe (? si oublié) : ";
    case ModuleText::kAfterFailurePrompt:
      return "Mot de passe oublié ? Tapez o pour le réinitialiser, ou Entrée pour continuer : ";
    case ModuleText::kNotAvailable:
      return "La réinitialisation n'est pas possible sur cet ordinateur en ce moment. Tapez votre "
             "mot de passe, ou contactez votre service d'assistance.";
    case ModuleText::kFellSilent:
      return "La réinitialisation ne répond pas. Rien n'a été changé. Tapez votre mot de passe, ou "
             "réessayez plus tard.";
    case ModuleText::kStopped:
      return "La réinitialisation s'est arrêtée. Si vous aviez déjà confirmé un nouveau mot de "
             "passe, essayez-le d'abord ; sinon tapez l'ancien, ou recommencez.";
    case ModuleText::kCannotAskHere:
      return "Un mot de passe ne peut pas être réinitialisé depuis cet écran. Rien n'a été changé. "
             "Tapez votre mot de passe, ou réinitialisez-le sur une console de texte.";
    case ModuleText::kNameNotFit:
      return "Le mot de passe de ce nom d'utilisateur ne peut pas être réinitialisé ici. Tapez "
             "votre mot de passe, ou contactez votre service d'assistance.";
    case ModuleText::kChoicePrompt:
      return "Tapez le numéro de votre choix : ";
    case ModuleText::kNotAChoice:
      return "Ce n'est aucun des numéros ci-dessus. Tapez l'un d'eux et appuyez sur Entrée.";
    case ModuleText::kTooLong:
      return "C'est plus long que 511 octets. Tapez quelque chose de plus court et appuyez sur "
             "Entrée.";
    case ModuleText::kWhosePrompt:
      return "Mot de passe oublié ? Tapez votre nom d'utilisateur : ";
    case ModuleText::kLogInYourself:
      return "Connectez-vous maintenant avec votre propre nom d'utilisateur et le nouveau mot de "
             "passe.";
    case ModuleText::kBackPrompt:
      return "Appuyez sur Entrée pour revenir à la connexion : ";
    case ModuleText::kCannotAskService:
      return "Impossible de demander en ce moment si vous pouvez continuer. Réessayez dans "
             "quelques minutes, ou contactez votre service d'assistance.";
    case ModuleText::kOnlyHere:
      return "Le service des mots de passe est injoignable : seul le mot de passe de cet "
             "ordinateur est changé.";
    case ModuleText::kDemanded:
      return "Avant de continuer, ce compte a besoin d'un nouveau mot de passe. Choisissez-le "
             "maintenant.";
  }
  return "";
}

const char* Spanish(ModuleText text) noexcept {
  switch (text) {
    case ModuleText::kPasswordPrompt:
      return "Contraseña (vacía si la olvidó): ";
    case ModuleText::kPasswordWordPrompt:
      return "Contraseña (? si la olvidó): ";
    case ModuleText::kAfterFailurePrompt:
      return "¿Olvidó su contraseña? Escriba s para restablecerla, o pulse Intro para seguir: ";
    case ModuleText::kNotAvailable:
      return "El restablecimiento no está disponible ahora en este equipo. Escriba su contraseña, "
             "o diríjase a su servicio de asistencia.";
    case ModuleText::kFellSilent:
      return "El restablecimiento no responde. No se ha cambiado nada. Escriba su contraseña, o "
             "inténtelo más tarde.";
    case ModuleText::kStopped:
      return "El restablecimiento se ha detenido. Si ya había confirmado una contraseña nueva, "
             "pruebe primero con ella; si no, escriba la anterior, o empiece otra vez.";
    case ModuleText::kCannotAskHere:
      return "Desde esta pantalla no se puede restablecer una contraseña. No se ha cambiado nada. "
             "Escriba su contraseña, o restablézcala en una consola de texto.";
    case ModuleText::kNameNotFit:
      return "La contraseña de este nombre de usuario no puede restablecerse aquí. Escriba su "
             "contraseña, o diríjase a su servicio de asistencia.";
    case ModuleText::kChoicePrompt:
      return "Escriba el número de su elección: ";
    case ModuleText::kNotAChoice:
      return "No es ninguno de los números de arriba. Escriba uno de ellos y pulse Intro.";
    case ModuleText::kTooLong:
      return "Eso tiene más de 511 bytes. Escriba algo más corto y pulse Intro.";
    case ModuleText::kWhosePrompt:
      return "¿Olvidó su contraseña? Escriba su nombre de usuario: ";
    case ModuleText::kLogInYourself:
      return "Entre ahora con su propio nombre de usuario y la contraseña nueva.";
    case ModuleText::kBackPrompt:
      return "Pulse Intro para volver al inicio de sesión: ";
    case ModuleText::kCannotAskService:
      return "Ahora no se puede consultar si puede seguir. Inténtelo dentro de unos minutos, "
             "o diríjase a su servicio de asistencia.";
    case ModuleText::kOnlyHere:
      return "No se llega al servicio de contraseñas: solo se cambia la contraseña de este equipo.";
    case ModuleText::kDemanded:
      return "Antes de seguir, esta cuenta necesita una contraseña nueva. Póngala ahora.";
  }
  return "";
}

const char* Arabic(ModuleText text) noexcept {
  switch (text) {
    case ModuleText::kPasswordPrompt:
      return "كلمة المرور (فارغة إن نسيتها): ";
    case ModuleText::kPasswordWordPrompt:
      return "كلمة المرور (? إن نسيتها): ";
    case ModuleText::kAfterFailurePrompt:
      return "هل نسيت كلمة المرور؟ اكتب y لإعادة تعيينها، أو اضغط Enter للمتابعة: ";
    case ModuleText::kNotAvailable:
      return "إعادة التعيين غير متاحة على هذا الحاسوب الآن. اكتب كلمة مرورك، أو اتصل بمكتب "
             "المساعدة.";
    case ModuleText::kFellSilent:
      return "إعادة التعيين لا تجيب. لم يتغير شيء. اكتب كلمة مرورك، أو حاول لاحقًا.";
    case ModuleText::kStopped:
      return "توقفت إعادة التعيين. إن كنت قد أكدت كلمة مرور جديدة فجرّبها أولًا، وإلا فاكتب القديمة "
             "أو ابدأ من جديد.";
    case ModuleText::kCannotAskHere:
      return "لا يمكن إعادة تعيين كلمة مرور من هذه الشاشة. لم يتغير شيء. اكتب كلمة مرورك، أو أعد "
             "تعيينها على طرفية نصية.";
    case ModuleText::kNameNotFit:
      return "لا يمكن إعادة تعيين كلمة مرور هذا المستخدم هنا. اكتب كلمة مرورك، أو اتصل بمكتب "
             "المساعدة.";
    case ModuleText::kChoicePrompt:
      return "اكتب رقم اختيارك: ";
    case ModuleText::kNotAChoice:
      return "هذا ليس من الأرقام أعلاه. اكتب واحدًا منها واضغط Enter.";
    case ModuleText::kTooLong:
      return "هذا أطول من 511 بايت. اكتب شيئًا أقصر واضغط Enter.";
    case ModuleText::kWhosePrompt:
      return "هل نسيت كلمة المرور؟ اكتب اسم المستخدم: ";
    case ModuleText::kLogInYourself:
      return "سجّل الدخول الآن باسم المستخدم الخاص بك وكلمة المرور الجديدة.";
    case ModuleText::kBackPrompt:
      return "اضغط Enter للرجوع إلى تسجيل الدخول: ";
    case ModuleText::kCannotAskService:
      return "لا يمكن الآن السؤال عما إذا كان بإمكانك المتابعة. حاول بعد بضع دقائق، أو اتصل "
             "بمكتب المساعدة.";
    case ModuleText::kOnlyHere:
      return "لا يمكن الوصول إلى خدمة كلمات المرور: تتغير كلمة مرور هذا الحاسوب فقط.";
    case ModuleText::kDemanded:
      return "قبل المتابعة يحتاج هذا الحساب إلى كلمة مرور جديدة. عيّنها الآن.";
  }
  return "";
}

}  // namespace

std::optional<Language> LanguageOf(std::string_view locale) noexcept {
  if (locale == "C" || locale == "POSIX" || locale.starts_with("C.")) return Language::kEnglish;
  if (locale.size() > 2 && locale[2] != '_' && locale[2] != '.' && locale[2] != '@') {
    return std::nullopt;
  }
  for (const Language language : {Language::kEnglish, Language::kGerman, Language::kFrench,
                                  Language::kSpanish, Language::kArabic}) {
    if (locale.starts_with(LanguageTag(language))) return language;
  }
  return std::nullopt;
}

const char* LanguageTag(Language language) noexcept {
  switch (language) {
    case Language::kEnglish:
      return "en";
    case Language::kGerman:
      return "de";
    case Language::kFrench:
      return "fr";
    case Language::kSpanish:
      return "es";
    case Language::kArabic:
      return "ar";
  }
  return "en";
}

const char* Text(ModuleText text, Language language) noexcept {
  switch (language) {
    case Language::kEnglish:
      return English(text);
    case Language::kGerman:
      return German(text);
    case Language::kFrench:
      return French(text);
    case Language::kSpanish:
      return Spanish(text);
    case Language::kArabic:
      return Arabic(text);
  }
  return "";
}

}  // namespace sspr
