// SPDX-License-Identifier: Apache-2.0
// German. Each sentence says what to do next; prompts and labels are one line.
#include "common/client/texts_tables.h"

namespace sspr {

const TextTable kGermanTexts = {{
    {TextId::kNone, ""},
    {TextId::kIntro,
     "Sie können jetzt ein neues Passwort setzen. Sie weisen sich mit Ihrer E-Mail oder Ihrer "
     "Authenticator-App aus."},
    {TextId::kAskConfirm,
     "Passwort von {0} zurücksetzen? Weiter mit der Eingabetaste, zurück mit n: "},
    {TextId::kAskConfirmOrUnlock,
     "Passwort von {0} zurücksetzen? Weiter mit Enter, nur das Konto entsperren mit "
     "u, zurück mit n: "},
    {TextId::kLockedOut,
     "Dieses Konto ist im Moment gesperrt, weil zu oft ein falsches Passwort "
     "eingegeben wurde."},
    {TextId::kAskUnlockOrReset, "Was möchten Sie tun?"},
    {TextId::kLabelUnlock, "Entsperren und mein Passwort behalten"},
    {TextId::kLabelReset, "Ein neues Passwort setzen"},
    {TextId::kCannotUnlock,
     "Hier wird ein Konto nur durch ein neues Passwort entsperrt. Drücken Sie Enter, "
     "um eines zu setzen."},
    {TextId::kContacting, "Verbindung zum {product} wird aufgebaut. Einen Moment, bitte."},
    {TextId::kAskMethod, "Wie möchten Sie sich ausweisen?"},
    {TextId::kAskSecondMethod, "Ein weiterer Nachweis ist nötig. Wie möchten Sie ihn geben?"},
    {TextId::kLabelEmail, "Ein Code per E-Mail an {0}"},
    {TextId::kLabelEmailPlain, "Ein Code per E-Mail"},
    {TextId::kLabelApp, "Der Code Ihrer Authenticator-App"},
    {TextId::kLabelApproval, "Auf Ihrem Telefon zustimmen"},
    {TextId::kLabelHandOff, "Im Browser Ihres Telefons weitermachen"},
    {TextId::kSecondEmail, "Ein weiterer Nachweis ist nötig: ein Code per E-Mail an {0}."},
    {TextId::kAskSendSecond, "Eingabetaste drücken, um den Code per E-Mail zu bekommen: "},
    {TextId::kSecondApp,
     "Ein weiterer Nachweis ist nötig: der Code, den Ihre Authenticator-App anzeigt."},
    {TextId::kSecondApproval,
     "Ein weiterer Nachweis ist nötig: Ihre Zustimmung auf Ihrem Telefon."},
    {TextId::kAskAskPhone, "Eingabetaste drücken, um Ihr Telefon zu fragen: "},
    {TextId::kApprovalNumber,
     "Ihr Telefon fragt jetzt nach diesem Zurücksetzen. Öffnen Sie die Frage dort und geben Sie "
     "diese Zahl ein: {0}."},
    {TextId::kAskApproved, "Wenn {0} am Telefon eingegeben ist, hier die Eingabetaste drücken: "},
    {TextId::kAskApprovedOrOther,
     "Wenn {0} am Telefon eingegeben ist, hier die Eingabetaste drücken (m: anderer Weg): "},
    {TextId::kHandOffWhere,
     "Öffnen Sie {0} auf Ihrem Telefon und geben Sie dort den Code {1} ein. Sagen Sie den Code "
     "niemandem."},
    {TextId::kAskHandedOff,
     "Wenn Sie mit {0} am Telefon fertig sind, hier die Eingabetaste drücken: "},
    {TextId::kAskHandedOffOrOther,
     "Wenn Sie mit {0} am Telefon fertig sind, hier die Eingabetaste drücken (m: anderer Weg): "},
    {TextId::kPhoneWaited, "Es wird auf Ihr Telefon gewartet. Einen Moment, bitte."},
    {TextId::kPhoneStillWaited,
     "Ihr Telefon hat noch nicht geantwortet. Suchen Sie die Frage dort, beantworten Sie sie, "
     "und machen Sie dann hier weiter."},
    {TextId::kPhoneSaidNo,
     "Ihr Telefon hat abgelehnt, oder dort wurde eine andere Zahl eingegeben. Fragen Sie es noch "
     "einmal, oder wählen Sie einen anderen Weg."},
    {TextId::kPhoneSilent,
     "Ihr Telefon hat nicht rechtzeitig geantwortet. Fragen Sie es noch einmal, oder wählen Sie "
     "einen anderen Weg."},
    {TextId::kNoOtherWayButPhone,
     "Für dieses Konto gibt es keinen anderen Weg. Machen Sie an Ihrem Telefon weiter."},
    {TextId::kCodeSent,
     "Ein Code wurde an {0} geschickt. Es kann eine Minute dauern, bis er ankommt."},
    {TextId::kCodeSentPlain,
     "Ein Code wurde an Ihre E-Mail-Adresse geschickt. Es kann eine Minute dauern, bis er "
     "ankommt."},
    {TextId::kCodeStillGood, "Es geht weiter, wo Sie waren: Der an {0} geschickte Code gilt noch."},
    {TextId::kAskEmailCode, "Code aus der E-Mail (Eingabetaste: neu senden): "},
    {TextId::kAskEmailCodeOrOther,
     "Code aus der E-Mail (Eingabetaste: neu senden, m: anderer Weg): "},
    {TextId::kAskAppCode, "Code aus Ihrer Authenticator-App: "},
    {TextId::kAskAppCodeOrOther, "Code aus Ihrer Authenticator-App (m: anderer Weg): "},
    {TextId::kCodeWrongLength, "Der Code hat {0} Stellen. Geben Sie alle ein."},
    {TextId::kCodeUnreadable, "Das ist kein Code. Geben Sie nur die Ziffern des Codes ein."},
    {TextId::kAppCodeEmpty,
     "Öffnen Sie Ihre Authenticator-App und geben Sie den Code ein, den sie jetzt anzeigt."},
    {TextId::kWrongCode,
     "Dieser Code stimmt nicht. Prüfen Sie ihn und geben Sie ihn noch einmal ein."},
    {TextId::kWrongCodeLeft,
     "Dieser Code stimmt nicht. Prüfen Sie ihn und geben Sie ihn noch einmal ein; {0} "
     "Versuche bleiben."},
    {TextId::kWrongCodeOneLeft,
     "Dieser Code stimmt nicht. Prüfen Sie ihn und geben Sie ihn noch einmal ein; ein Versuch "
     "bleibt."},
    {TextId::kWrongCodeNoneLeft,
     "Dieser Code stimmt nicht und gilt nicht mehr. Drücken Sie die Eingabetaste, um einen "
     "neuen zu bekommen."},
    {TextId::kWrongAppCodeNoneLeft,
     "Dieser Code stimmt nicht, und die App kann vorerst nicht mehr benutzt werden. Wählen "
     "Sie einen anderen Weg."},
    {TextId::kResendTooEarly,
     "Ein Code ist unterwegs. Warten Sie darauf, oder drücken Sie in {0} Sekunden noch einmal "
     "die Eingabetaste."},
    {TextId::kNoOtherWay, "Für dieses Konto gibt es keinen anderen Weg. Geben Sie den Code ein."},
    {TextId::kChoiceUnknown, "Geben Sie die Nummer einer der Möglichkeiten ein."},
    {TextId::kOldHome,
     "Ihr persönlicher Ordner ist mit dem alten Passwort verschlüsselt. Ein neues Passwort allein "
     "öffnet ihn nicht: Ihre Dateien bleiben zu, bis das alte eingegeben wird."},
    {TextId::kOldKeyring,
     "Ihr Schlüsselbund, in dem Programme Passwörter aufbewahren, ist mit dem alten Passwort "
     "verschlossen. Ohne dieses wird er beiseitegelegt, nicht gelöscht; Sie öffnen ihn, wenn es "
     "Ihnen wieder einfällt."},
    {TextId::kAskOldPassword,
     "Altes Passwort, falls Sie es noch wissen (Eingabetaste: ohne weiter): "},
    {TextId::kTryingOld, "Das alte Passwort wird geprüft. Einen Moment, bitte."},
    {TextId::kOldTaken, "Das stimmt. Was es schützt, öffnet sich dann mit Ihrem neuen Passwort."},
    {TextId::kOldWrong,
     "Das öffnet nicht alles. Versuchen Sie ein anderes, oder gehen Sie mit der Eingabetaste ohne "
     "weiter."},
    {TextId::kAskConsent,
     "Neues Passwort setzen, obwohl Ihr Ordner zu bleibt? Tippen Sie ja, sonst Eingabetaste: "},
    {TextId::kOldHomeStays,
     "Es wurde nichts geändert: Ihr persönlicher Ordner braucht das alte Passwort. Versuchen Sie, "
     "sich daran zu erinnern, oder fragen Sie um Hilfe, bevor Sie ein neues setzen. {help}"},
    {TextId::kPasswordRules,
     "Wählen Sie ein neues Passwort aus mindestens {0} Zeichen. Gut sind ein paar Wörter, die "
     "nur Sie so zusammenstellen würden."},
    {TextId::kPasswordRulesKinds,
     "Wählen Sie ein neues Passwort aus mindestens {0} Zeichen mit {1} dieser Arten: "
     "Kleinbuchstaben, Großbuchstaben, Ziffern, andere Zeichen."},
    {TextId::kOldSeals,
     "Dieses Konto gibt es nur auf diesem Computer, und beim Zurücksetzen fehlt das alte "
     "Passwort. Passwörter, die Windows für Sie aufbewahrt, seine Zertifikate und Dateien, die "
     "es verschlüsselt hat, lassen sich danach nicht mehr öffnen; andere Dateien bleiben, wie "
     "sie sind. Fällt es Ihnen vielleicht noch ein, dann brechen Sie ab und versuchen Sie es "
     "zuerst."},
    {TextId::kAskNewPassword, "Neues Passwort: "},
    {TextId::kAskRepeat, "Neues Passwort noch einmal: "},
    {TextId::kPasswordEmpty, "Geben Sie ein neues Passwort ein."},
    {TextId::kPasswordMismatch,
     "Die beiden Passwörter sind nicht gleich. Geben Sie das neue Passwort noch einmal ein, "
     "zweimal."},
    {TextId::kPasswordTooShort,
     "Dieses Passwort ist zu kurz. Wählen Sie eines aus mindestens {0} Zeichen."},
    {TextId::kPasswordTooShortForUs, "Dieses Passwort ist zu kurz. Wählen Sie ein längeres."},
    {TextId::kPasswordTooLong, "Dieses Passwort ist zu lang. Wählen Sie ein kürzeres."},
    {TextId::kPasswordUntypable,
     "Dieses Passwort enthält Zeichen, die sich vielleicht nicht bei jeder Anmeldung eingeben "
     "lassen. Wählen Sie ein anderes."},
    {TextId::kPasswordTooFewKinds,
     "Verwenden Sie mindestens {0} dieser Arten: Kleinbuchstaben, Großbuchstaben, Ziffern, "
     "andere Zeichen."},
    {TextId::kPasswordForbiddenPart,
     "Dieses Passwort enthält Ihren Namen oder ein anderes Wort, das darin nicht vorkommen "
     "darf. Wählen Sie ein anderes."},
    {TextId::kPasswordTooWeak,
     "Dieses Passwort ist zu leicht zu erraten. Wählen Sie ein längeres oder selteneres."},
    {TextId::kPasswordTooWeakHere,
     "Dieser Computer nimmt das Passwort nicht an ({0}). Wählen Sie ein anderes."},
    {TextId::kPasswordUsedBefore,
     "Dieses Passwort haben Sie schon benutzt. Wählen Sie ein anderes."},
    {TextId::kPasswordBanned, "Dieses Passwort benutzen viele. Wählen Sie ein anderes."},
    {TextId::kPasswordInvalid,
     "Dieses Passwort enthält Zeichen, die nicht verwendet werden können. Wählen Sie ein "
     "anderes."},
    {TextId::kSetting, "Ihr neues Passwort wird gesetzt. Einen Moment, bitte."},
    {TextId::kUnlocking, "Das Konto wird entsperrt. Einen Moment bitte."},
    {TextId::kSet, "Ihr neues Passwort ist gesetzt. Benutzen Sie es von jetzt an."},
    {TextId::kUnlocked,
     "Ihr Konto ist wieder offen. Melden Sie sich mit Ihrem Passwort an wie bisher."},
    {TextId::kSetInDirectory,
     "Ihr neues Passwort ist gesetzt. Benutzen Sie es von jetzt an; wird es abgelehnt, warten Sie "
     "eine Minute und geben Sie es noch einmal ein: Vielleicht kennt es noch nicht jeder Server."},
    {TextId::kSetKeyringAside,
     "Ihr neues Passwort ist gesetzt. Der alte Schlüsselbund liegt beiseite: Wissen Sie das alte "
     "Passwort wieder, öffnen Sie in Passwörter und Verschlüsselung (oder KWalletManager) den mit "
     "before-reset im Namen und übernehmen Sie, was Sie brauchen."},
    {TextId::kSetKeyringLeft,
     "Ihr neues Passwort ist gesetzt. Der Schlüsselbund will noch das alte: Wissen Sie es, ändern "
     "Sie es in Passwörter und Verschlüsselung oder KWalletManager; sonst fragen Sie um Hilfe. "
     "{help}"},
    {TextId::kSetHomeLeft,
     "Ihr neues Passwort ist gesetzt. Ihr verschlüsselter Ordner will noch das alte: Geben Sie es "
     "ein, wenn danach gefragt wird, oder fragen Sie um Hilfe, bevor Sie dort etwas ändern. "
     "{help}"},
    {TextId::kNothingChanged,
     "Es wurde nichts geändert. Geben Sie Ihr Passwort ein, oder beginnen Sie von vorn, um es "
     "zurückzusetzen."},
    {TextId::kUnreachable,
     "Der {product} ist nicht erreichbar. Prüfen Sie das Netz dieses Computers und versuchen "
     "Sie es noch einmal. {help}"},
    {TextId::kTimedOut,
     "Der {product} antwortet nicht. Versuchen Sie es in ein paar Minuten noch einmal. {help}"},
    {TextId::kCertificate,
     "Der {product} konnte nicht beweisen, dass er der richtige ist; es wurde nichts "
     "gesendet. Machen Sie in diesem Netz nicht weiter. {help}"},
    {TextId::kCertificateTime,
     "Datum oder Uhrzeit dieses Computers scheinen falsch zu sein, daher ist dem {product} "
     "nicht zu trauen. Lassen Sie die Uhr stellen und versuchen Sie es noch einmal. {help}"},
    {TextId::kSignInPage,
     "Dieses Netz verlangt zuerst eine Anmeldung. Benutzen Sie ein anderes Netz, oder melden "
     "Sie sich in diesem an, und versuchen Sie es noch einmal. {help}"},
    {TextId::kBadAnswer,
     "Der {product} hat eine unverständliche Antwort gegeben. Es wurde nichts geändert. "
     "Versuchen Sie es später noch einmal. {help}"},
    {TextId::kOutOfOrder,
     "Der {product} ist zurzeit gestört. Versuchen Sie es in ein paar Minuten noch einmal. "
     "{help}"},
    {TextId::kInternal,
     "Das Zurücksetzen geht auf diesem Computer gerade nicht. Geben Sie Ihr Passwort ein, "
     "oder versuchen Sie es später noch einmal. {help}"},
    {TextId::kExpired, "Das hat zu lange gedauert. Beginnen Sie das Zurücksetzen von vorn."},
    {TextId::kTooManyAttempts,
     "Es gab zu viele Versuche. Warten Sie eine Stunde und versuchen Sie es noch einmal. "
     "{help}"},
    {TextId::kTooManyAttemptsMinutes,
     "Es gab zu viele Versuche. Versuchen Sie es in {0} Minuten noch einmal. {help}"},
    {TextId::kTooManyQuestions,
     "Es gab zu viele Versuche auf einmal. Beginnen Sie das Zurücksetzen von vorn."},
    {TextId::kUseAnotherWay,
     "Dieses Konto kann hier nicht zurückgesetzt werden. Benutzen Sie die Webseite, die zum "
     "{product} gehört, auf einem anderen Gerät. {help}"},
    {TextId::kPhoneReported,
     "Dieses Zurücksetzen wurde als nicht gewollt gemeldet; es wurde angehalten und nichts "
     "geändert. {help}"},
    {TextId::kNoSuchAccount,
     "Dieses Konto kann hier nicht zurückgesetzt werden. Prüfen Sie den Benutzernamen. {help}"},
    {TextId::kEnrolDevice,
     "Passwörter werden nur an angemeldeten Computern zurückgesetzt, und dieser ist es nicht: "
     "Lassen Sie ihn anmelden. {help}"},
    {TextId::kDeviceRevoked,
     "Dieser Computer darf keine Passwörter mehr zurücksetzen: Lassen Sie ihn neu anmelden. "
     "{help}"},
    {TextId::kAskAdministrator, "Der {product} nimmt diesen Computer nicht an. {help}"},
    {TextId::kNoMethods, "Für dieses Konto gibt es keinen Weg, sich auszuweisen. {help}"},
    {TextId::kTooFewGates,
     "Der {product} verlangt weniger Nachweise als dieser Computer; daher wird er nicht "
     "benutzt. {help}"},
    {TextId::kAccountNotPermitted,
     "Das Passwort dieses Kontos kann hier nicht zurückgesetzt werden. Fragen Sie den "
     "Verwalter dieses Computers."},
    {TextId::kAccountBusy,
     "Dieses Konto wird gerade schon zurückgesetzt. Beenden Sie das, oder warten Sie eine "
     "Minute und versuchen Sie es noch einmal."},
    {TextId::kMachineNotReady,
     "Dieser Computer kann gerade keine Passwörter setzen. Es wurde nichts geändert. "
     "Versuchen Sie es später noch einmal. {help}"},
    {TextId::kMachineReadOnly,
     "Dieser Computer behält keine Änderungen, deshalb kann das Passwort eines eigenen Kontos hier "
     "nicht gesetzt werden. Nehmen Sie einen anderen Computer, oder fragen Sie um Hilfe. {help}"},
    {TextId::kHomeIsPassword,
     "Der Ordner dieses Kontos ist mit dessen eigenem Passwort verschlossen; es lässt sich hier "
     "nicht zurücksetzen. Geben Sie am Passwortfeld den Wiederherstellungsschlüssel ein, oder "
     "fragen Sie um Hilfe. {help}"},
    {TextId::kServiceCannotSetLocal,
     "Der {product} kann das Passwort eines Kontos dieses Computers nicht setzen. Es wurde "
     "nichts geändert. {help}"},
    {TextId::kNotSetByService,
     "Der {product} konnte das neue Passwort nicht setzen. Es wurde nichts geändert. "
     "Versuchen Sie es später noch einmal. {help}"},
    {TextId::kOutcomeUnknown,
     "Ihr neues Passwort ist vielleicht schon im Verzeichnis gesetzt. Melden Sie sich damit "
     "an; wird es abgelehnt, nehmen Sie das alte oder beginnen Sie in ein paar Minuten von "
     "vorn. {help}"},
    {TextId::kLocalLater,
     "Ihr neues Passwort ist im Verzeichnis gesetzt. Dieser Computer übernimmt es in wenigen "
     "Minuten von selbst; melden Sie sich dann damit an. {help}"},
    {TextId::kLocalNotSet,
     "Ihr neues Passwort ist im Verzeichnis gesetzt, aber nicht auf diesem Computer: Das "
     "Konto wurde inzwischen geändert. Beginnen Sie von vorn, um beides zu setzen. {help}"},
    {TextId::kLocalUnknown,
     "Ihr neues Passwort ist im Verzeichnis gesetzt. Ob dieser Computer es übernommen hat, ist "
     "nicht bekannt: Melden Sie sich damit an; wird es abgelehnt, beginnen Sie von vorn. "
     "{help}"},
    {TextId::kNotLocked,
     "Dieses Konto ist nicht gesperrt. Geben Sie Ihr Passwort ein, oder beginnen Sie "
     "neu und setzen Sie ein neues. {help}"},
    {TextId::kUnlockRefused,
     "Hier wird ein Konto nur durch ein neues Passwort entsperrt. Beginnen Sie neu "
     "und setzen Sie eines. {help}"},
    {TextId::kNotUnlocked,
     "Das Konto konnte nicht entsperrt werden. Ihr Passwort ist wie bisher. Versuchen "
     "Sie es später noch einmal. {help}"},
    {TextId::kBadConfiguration,
     "Das Zurücksetzen ist auf diesem Computer nicht richtig eingerichtet. Geben Sie Ihr "
     "Passwort ein, oder fragen Sie den Verwalter dieses Computers."},
    {TextId::kNotYourAccount,
     "Von hier aus können Sie nur Ihr eigenes Passwort zurücksetzen. Melden Sie sich ab, um "
     "am Anmeldebildschirm ein anderes zurückzusetzen."},
    {TextId::kUserNameRefused,
     "Dieser Benutzername kann nicht verwendet werden. Prüfen Sie ihn und beginnen Sie von "
     "vorn. {help}"},
    {TextId::kDemandReset,
     "Bevor es weitergeht, braucht dieses Konto ein neues Passwort. Setzen Sie es "
     "jetzt."},
    {TextId::kDemandBlocked, "Mit diesem Konto können Sie sich im Moment nicht anmelden. {help}"},
    {TextId::kManagedPassword,
     "Das ist auch Ihr Passwort beim {product}. Beide werden zusammen gesetzt."},
    {TextId::kUnreadyPassword,
     "Nur das Passwort dieses Rechners wird geändert: Der {product} weiß noch nicht, "
     "wie Sie sich ausweisen. Öffnen Sie {0} und legen Sie es fest."},
    {TextId::kReminder,
     "Ein vergessenes Passwort könnten Sie noch nicht zurücksetzen. Öffnen Sie {0} "
     "und legen Sie fest, wie Sie sich ausweisen."},
    {TextId::kReminderToCheck,
     "Es ist Zeit zu prüfen, wie Sie sich ausweisen. Öffnen Sie {0} und bestätigen Sie es."},
}};

}  // namespace sspr
