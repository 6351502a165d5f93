// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/words.h"

namespace sspr::service {

constinit const Words kGermanWords = {
    .mail =
        {"Hallo {name},\n\n", "Hallo,\n\n", "Ihr Code für ein neues Passwort",
         "Ihr Code, um ein neues Passwort zu setzen, lautet\n"
         "\n"
         "    {code}\n"
         "\n"
         "Geben Sie ihn am Anmeldebildschirm ein, wo danach gefragt wird. Er gilt einmal und\n"
         "{minutes} Minuten lang.\n"
         "\n"
         "Wenn Sie kein neues Passwort verlangt haben, tun Sie nichts: Ohne diesen Code ändert "
         "sich\n"
         "nichts. Sagen Sie den Code niemandem, auch niemandem, der sich als Helpdesk ausgibt.\n",
         "Ihr Passwort wurde geändert",
         "Ihr Passwort wurde am {time} geändert, nachdem Sie sich an einem Anmeldebildschirm\n"
         "ausgewiesen hatten.\n"
         "\n"
         "Wenn Sie das waren, ist nichts zu tun.\n"
         "\n"
         "Wenn nicht, kann sich jemand anderes als Sie anmelden. {helpdesk}\n",
         "Bitten Sie Ihre Administration jetzt, Ihr Konto zu sperren.", "Ihr Konto wurde entsperrt",
         "Ihr Konto wurde am {time} entsperrt, nachdem Sie sich an einem Anmeldebildschirm\n"
         "ausgewiesen hatten. Ihr Passwort ist dasselbe wie zuvor.\n"
         "\n"
         "Wenn Sie das waren, ist nichts zu tun.\n"
         "\n"
         "Wenn nicht, hat jemand Zugriff auf das, womit Sie sich ausweisen. {helpdesk}\n",
         "Das Passwort eines Administrators wurde zurückgesetzt",
         "das Passwort des Administrators {user} wurde am {time} von ihm selbst zurückgesetzt.\n"
         "\n"
         "Wenn Sie das erwartet haben, ist nichts zu tun. Wenn nicht, fragen Sie {user} auf einem\n"
         "anderen Weg als per Mail, und sperren Sie das Konto, bis Sie es wissen. Sie bekommen "
         "diese\n"
         "Mail, weil auch Sie Administrator sind.\n",
         "Ihre Anmeldemethoden wurden geändert",
         "am {time} hat sich geändert, womit Sie sich ausweisen:\n"
         "\n"
         "    {what}\n"
         "\n"
         "Wenn Sie das waren, ist nichts zu tun.\n"
         "\n"
         "Wenn nicht, ist vielleicht jemand dabei, Ihr Konto zu übernehmen. {helpdesk}\n",
         "Bestätigen Sie Ihre Adresse",
         "Ihr Code, um diese Adresse zu bestätigen, lautet\n"
         "\n"
         "    {code}\n"
         "\n"
         "Geben Sie ihn auf der Seite ein, die danach fragt. Er gilt einmal und {minutes} Minuten "
         "lang.\n"
         "\n"
         "Wenn Sie ihn nicht verlangt haben, tun Sie nichts. Sagen Sie den Code niemandem.\n"},
    .phone =
        {"de",
         "{code} ist Ihr Code für ein neues Passwort, {minutes} Minuten lang. Sagen Sie ihn "
         "niemandem. "
         "Nicht verlangt? Tun Sie nichts.\n",
         "Guten Tag. Ihr Code für ein neues Passwort lautet: {code}. Noch einmal: {code}. Sagen "
         "Sie den "
         "Code niemandem. Wenn Sie ihn nicht verlangt haben, legen Sie auf und tun nichts.\n",
         "Ihr Passwort wurde geändert. Wenn Sie das nicht waren, bitten Sie Ihre Administration "
         "jetzt, "
         "Ihr Konto zu sperren.\n",
         "{code} bestätigt diese Telefonnummer, {minutes} Minuten lang. Sagen Sie ihn niemandem. "
         "Nicht "
         "verlangt? Tun Sie nichts.\n",
         "Guten Tag. Ihr Code, um diese Telefonnummer zu bestätigen, lautet: {code}. Noch einmal: "
         "{code}. Sagen Sie den Code niemandem. Wenn Sie ihn nicht verlangt haben, legen Sie auf "
         "und "
         "tun "
         "nichts.\n",
         "Ihre Anmeldemethoden wurden geändert. Wenn Sie das nicht waren, bitten Sie Ihre "
         "Administration jetzt, Ihr Konto zu sperren.\n"},
    .report =
        {"Sie haben ein Zurücksetzen gemeldet",
         "Am {time} haben Sie auf Ihrem Telefon gemeldet, dass jemand anderes Ihr Passwort\n"
         "zurücksetzt. Das wurde angehalten, und nichts wurde geändert. {hours} Stunden lang kann\n"
         "niemand das Passwort Ihres Kontos zurücksetzen, auch Sie nicht.\n"
         "\n"
         "Vielleicht kennt jemand einen anderen Ihrer Nachweise. {helpdesk}\n"
         "Wenn Sie es doch selbst waren, kann Ihr Helpdesk das Zurücksetzen wieder öffnen.\n",
         "Sagen Sie es jetzt Ihrem Helpdesk.", "Jemand wollte ein fremdes Passwort zurücksetzen",
         "{user} hat am {time} ein Zurücksetzen des eigenen Passworts als nicht gewollt gemeldet.\n"
         "Begonnen wurde es von der Adresse {place}. Für dieses Konto ist das Zurücksetzen\n"
         "{hours} Stunden lang angehalten.\n"
         "\n"
         "Fragen Sie {user} auf einem anderen Weg als per Mail, was geschehen ist, und sehen Sie\n"
         "im Audit nach, was noch von dieser Adresse kam. `ssprctl users allow-resets {user}` "
         "hebt\n"
         "den Halt auf.\n",
         "Ihr neues Passwort ist noch nicht überall bekannt",
         "Das Passwort, das Sie am {time} gesetzt haben, gilt; eines der Systeme dahinter kennt es "
         "aber\n"
         "noch nicht. Dort gilt vielleicht noch Ihr altes.\n"
         "\n"
         "Eine Stunde lang wird es weiter versucht. Wird das neue Passwort danach irgendwo noch "
         "nicht\n"
         "angenommen, setzen Sie ein anderes. {helpdesk}\n",
         "Wenn das nicht hilft, wenden Sie sich an Ihren Helpdesk."},
    .caller =
        {"de", "Der Helpdesk fragt, ob Sie es sind",
         "{code} ist Ihr Code für den Helpdesk, {minutes} Minuten lang.\n"
         "Lesen Sie ihn dem Helpdesk nur vor, wenn SIE angerufen haben. Er setzt kein Passwort. "
         "Haben "
         "Sie nicht angerufen, sagen Sie ihn niemandem und melden Sie es.\n",
         "Guten Tag. Sie haben den Helpdesk angerufen. Ihr Code lautet: {code}. Noch einmal: "
         "{code}. "
         "Haben Sie nicht angerufen, legen Sie auf und sagen den Code niemandem.\n",
         "Ein Weg, sich auszuweisen, wurde hinzugefügt",
         "Am {time} hat die Administration Ihrem Konto einen Weg hinzugefügt, sich auszuweisen.\n"
         "Wenn Sie das nicht verlangt haben, melden Sie es sofort. {helpdesk}\n",
         "Ein Weg, sich auszuweisen, wurde entfernt",
         "Am {time} hat die Administration einen Weg, sich auszuweisen, von Ihrem Konto entfernt.\n"
         "Wenn Sie das nicht verlangt haben, melden Sie es sofort. {helpdesk}\n",
         "Der Helpdesk hat für Sie einen befristeten Zugangscode ausgestellt",
         "Am {time} hat der Helpdesk für Ihr Konto einen befristeten Zugangscode ausgestellt, für "
         "jemanden, der in Ihrem Namen anrief.\n"
         "Wenn Sie das nicht waren, melden Sie es sofort. {helpdesk}\n",
         "Bitten Sie Ihre Administration, Ihr Konto zu sperren."},
    .methods = {"E-Mail-Adresse", "Authenticator-App", "Telefonnummer für Textnachrichten",
                "Telefonnummer für Anrufe", "Sicherheitsfragen", "Wiederherstellungscodes",
                "Telefon, das zustimmt", "Passkey", ": hinzugefügt", ": ersetzt", ": entfernt"},
};

}  // namespace sspr::service
