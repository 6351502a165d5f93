// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/texts.h"

namespace sspr {
namespace {

const wchar_t* English(TileText text) noexcept {
  switch (text) {
    case TileText::kLink:
      return L"Forgot password?";
    case TileText::kTitle:
      return L"Reset your password";
    case TileText::kStart:
      return L"You will be asked to prove who you are, and then for a new password. Click the "
             L"arrow "
             L"to begin.";
    case TileText::kStartOther:
      return L"Type your user name and click the arrow. You will be asked to prove who you are, "
             L"and "
             L"then for a new password.";
    case TileText::kUserName:
      return L"User name";
    case TileText::kVisibleAnswer:
    case TileText::kHiddenAnswer:
      return L"Your answer";
    case TileText::kChoice:
      return L"Your choice";
    case TileText::kLeave:
      return L"Cancel the reset";
    case TileText::kConnecting:
      return L"Connecting\x2026";
    case TileText::kNotAvailable:
      return L"Password reset is not available on this computer right now. Use your password, or "
             L"contact your help desk.";
    case TileText::kSilent:
      return L"The password reset does not answer. Nothing was changed. Use your password, or try "
             L"again later.";
    case TileText::kStopped:
      return L"The password reset stopped. If you had already confirmed a new password, try it "
             L"first; otherwise use your old one, or start again.";
    case TileText::kNameNotFit:
      return L"The password of this user name cannot be reset here. Use your password, or contact "
             L"your help desk.";
    case TileText::kLocalAccount:
      return L"The password of an account of this computer alone cannot be reset here. Contact "
             L"your "
             L"help desk.";
    case TileText::kTypeUserName:
      return L"Type your user name first.";
    case TileText::kTooLong:
      return L"That is too long. Type something shorter and click the arrow.";
    case TileText::kPasswordSet:
      return L"Your new password is set. Sign in with it.";
    case TileText::kLogonRefused:
      return L"Your new password is set, but Windows did not accept it yet. Sign in with it in a "
             L"minute; away from your network, connect to it first.";
  }
  return L"";
}

const wchar_t* German(TileText text) noexcept {
  switch (text) {
    case TileText::kLink:
      return L"Passwort vergessen?";
    case TileText::kTitle:
      return L"Passwort zur\x00FCcksetzen";
    case TileText::kStart:
      return L"Sie werden gefragt, wer Sie sind, und dann nach einem neuen Passwort. Beginnen Sie "
             L"mit "
             L"dem Pfeil.";
    case TileText::kStartOther:
      return L"Geben Sie Ihren Benutzernamen ein und klicken Sie auf den Pfeil. Sie werden "
             L"gefragt, "
             L"wer Sie sind, und dann nach einem neuen Passwort.";
    case TileText::kUserName:
      return L"Benutzername";
    case TileText::kVisibleAnswer:
    case TileText::kHiddenAnswer:
      return L"Ihre Antwort";
    case TileText::kChoice:
      return L"Ihre Wahl";
    case TileText::kLeave:
      return L"Zur\x00FCcksetzen abbrechen";
    case TileText::kConnecting:
      return L"Verbindung wird aufgebaut\x2026";
    case TileText::kNotAvailable:
      return L"Das Zur\x00FCcksetzen des Passworts ist an diesem Rechner gerade nicht "
             L"m\x00F6glich. "
             L"Benutzen Sie Ihr Passwort oder wenden Sie sich an Ihren Helpdesk.";
    case TileText::kSilent:
      return L"Das Zur\x00FCcksetzen des Passworts antwortet nicht. Es wurde nichts ge\x00E4ndert. "
             L"Benutzen Sie Ihr Passwort oder versuchen Sie es sp\x00E4ter noch einmal.";
    case TileText::kStopped:
      return L"Das Zur\x00FCcksetzen wurde beendet. Hatten Sie schon ein neues Passwort "
             L"best\x00E4tigt, "
             L"dann versuchen Sie zuerst dieses, sonst das alte, oder beginnen Sie neu.";
    case TileText::kNameNotFit:
      return L"Das Passwort dieses Benutzernamens l\x00E4sst sich hier nicht zur\x00FCcksetzen. "
             L"Benutzen Sie Ihr Passwort oder wenden Sie sich an Ihren Helpdesk.";
    case TileText::kLocalAccount:
      return L"Das Passwort eines Kontos, das nur dieser Rechner kennt, l\x00E4sst sich hier nicht "
             L"zur\x00FCcksetzen. Wenden Sie sich an Ihren Helpdesk.";
    case TileText::kTypeUserName:
      return L"Geben Sie zuerst Ihren Benutzernamen ein.";
    case TileText::kTooLong:
      return L"Das ist zu lang. Geben Sie etwas K\x00FCrzeres ein und klicken Sie auf den Pfeil.";
    case TileText::kPasswordSet:
      return L"Ihr neues Passwort ist gesetzt. Melden Sie sich damit an.";
    case TileText::kLogonRefused:
      return L"Ihr neues Passwort ist gesetzt, aber Windows hat es noch nicht angenommen. Melden "
             L"Sie "
             L"sich in einer Minute damit an; au\x00DFerhalb Ihres Netzes stellen Sie zuerst die "
             L"Verbindung her.";
  }
  return L"";
}

}  // namespace

TileLanguage TileLanguageOf(LANGID language) noexcept {
  return PRIMARYLANGID(language) == LANG_GERMAN ? TileLanguage::kGerman : TileLanguage::kEnglish;
}

const char* TileLanguageTag(TileLanguage language) noexcept {
  return language == TileLanguage::kGerman ? "de" : "en";
}

const wchar_t* TileWords(TileText text, TileLanguage language) noexcept {
  switch (language) {
    case TileLanguage::kEnglish:
      return English(text);
    case TileLanguage::kGerman:
      return German(text);
  }
  return L"";
}

}  // namespace sspr
