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
    case ModuleText::kNoAnswer:
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
    case ModuleText::kNoAnswer:
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
  }
  return "";
}

}  // namespace

Language LanguageOf(std::string_view locale) noexcept {
  const bool german = locale == "de" || locale.starts_with("de_") || locale.starts_with("de.");
  return german ? Language::kGerman : Language::kEnglish;
}

const char* LanguageTag(Language language) noexcept {
  switch (language) {
    case Language::kEnglish:
      return "en";
    case Language::kGerman:
      return "de";
  }
  return "en";
}

const char* Text(ModuleText text, Language language) noexcept {
  switch (language) {
    case Language::kEnglish:
      return English(text);
    case Language::kGerman:
      return German(text);
  }
  return "";
}

}  // namespace sspr
