// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/words.h"

namespace sspr::service {

constinit const Words kFrenchWords = {
    .mail =
        {"Bonjour {name},\n\n", "Bonjour,\n\n", "Votre code pour un nouveau mot de passe",
         "voici votre code pour choisir un nouveau mot de passe :\n"
         "\n"
         "    {code}\n"
         "\n"
         "Saisissez-le là où il vous est demandé, sur l’écran de connexion. Il sert une fois,\n"
         "pendant {minutes} minutes.\n"
         "\n"
         "Si vous n’avez pas demandé de nouveau mot de passe, ne faites rien : sans ce code, rien "
         "ne\n"
         "change. Ne donnez le code à personne, pas même à quelqu’un qui dit être de "
         "l’assistance.\n",
         "Votre mot de passe a été changé",
         "votre mot de passe a été changé le {time}, après que vous avez prouvé votre identité sur "
         "un\n"
         "écran de connexion.\n"
         "\n"
         "Si c’était vous, il n’y a rien à faire.\n"
         "\n"
         "Si ce n’était pas vous, quelqu’un d’autre peut se connecter à votre place.\n{helpdesk}\n",
         "Demandez tout de suite à votre administrateur de verrouiller votre compte.",
         "Votre compte a été déverrouillé",
         "votre compte a été déverrouillé le {time}, après que vous avez prouvé votre identité sur "
         "un\n"
         "écran de connexion. Votre mot de passe reste le même.\n"
         "\n"
         "Si c’était vous, il n’y a rien à faire.\n"
         "\n"
         "Si ce n’était pas vous, quelqu’un a accès à ce qui prouve votre identité.\n{helpdesk}\n",
         "Le mot de passe d’un administrateur a été réinitialisé",
         "le mot de passe de l’administrateur {user} a été réinitialisé le {time}, en "
         "libre-service.\n"
         "\n"
         "Si vous vous y attendiez, il n’y a rien à faire. Sinon, demandez à {user} par un autre "
         "moyen\n"
         "que l’e-mail, et verrouillez le compte tant que vous ne savez pas. Vous recevez cet "
         "e-mail\n"
         "parce que vous êtes aussi administrateur.\n",
         "Vos méthodes de connexion ont changé",
         "ce qui prouve votre identité a changé le {time} :\n"
         "\n"
         "    {what}\n"
         "\n"
         "Si c’était vous, il n’y a rien à faire.\n"
         "\n"
         "Si ce n’était pas vous, quelqu’un essaie peut-être de prendre votre "
         "compte.\n{helpdesk}\n",
         "Confirmez votre adresse",
         "voici votre code pour confirmer cette adresse :\n"
         "\n"
         "    {code}\n"
         "\n"
         "Saisissez-le sur la page qui le demande. Il sert une fois, pendant {minutes} minutes.\n"
         "\n"
         "Si vous ne l’avez pas demandé, ne faites rien. Ne donnez le code à personne.\n"},
    .phone =
        {"fr",
         "{code} est votre code pour un nouveau mot de passe, pendant {minutes} minutes. Ne le "
         "donnez à "
         "personne. Pas demandé ? Ne faites rien.\n",
         "Bonjour. Votre code pour un nouveau mot de passe est : {code}. Encore une fois : {code}. "
         "Ne "
         "donnez le code à personne. Si vous ne l’avez pas demandé, raccrochez et ne faites "
         "rien.\n",
         "Votre mot de passe a été changé. Si ce n’était pas vous, demandez tout de suite à votre "
         "administrateur de verrouiller votre compte.\n",
         "{code} confirme ce numéro de téléphone, pendant {minutes} minutes. Ne le donnez à "
         "personne. "
         "Pas demandé ? Ne faites rien.\n",
         "Bonjour. Votre code pour confirmer ce numéro de téléphone est : {code}. Encore une fois "
         ": "
         "{code}. Ne donnez le code à personne. Si vous ne l’avez pas demandé, raccrochez et ne "
         "faites "
         "rien.\n",
         "Vos méthodes de connexion ont changé. Si ce n’était pas vous, demandez tout de suite à "
         "votre "
         "administrateur de verrouiller votre compte.\n"},
    .report =
        {"Vous avez signalé une réinitialisation",
         "Le {time}, vous avez signalé sur votre téléphone que quelqu’un d’autre réinitialisait "
         "votre\n"
         "mot de passe. Cela a été arrêté, et rien n’a été changé. Pendant {hours} heures, "
         "personne ne\n"
         "peut réinitialiser le mot de passe de votre compte, pas même vous.\n"
         "\n"
         "Quelqu’un connaît peut-être une autre de vos preuves.\n{helpdesk}\n"
         "Si c’était vous malgré tout, votre assistance peut rouvrir la réinitialisation.\n",
         "Prévenez tout de suite votre assistance.",
         "Quelqu’un a voulu réinitialiser le mot de passe d’un autre",
         "{user} a signalé le {time} une réinitialisation non voulue du mot de passe de son "
         "compte.\n"
         "Elle a été commencée depuis l’adresse {place}. Les réinitialisations de ce compte sont\n"
         "arrêtées pendant {hours} heures.\n"
         "\n"
         "Demandez à {user}, par un autre moyen que l’e-mail, ce qui s’est passé, et cherchez "
         "dans\n"
         "l’audit ce qui est encore venu de cette adresse. Pour lever l’arrêt :\n"
         "\n"
         "    ssprctl users allow-resets {user}\n",
         "Votre nouveau mot de passe n’est pas encore connu partout",
         "Le mot de passe que vous avez choisi le {time} est valable, mais l’un des systèmes "
         "derrière ne\n"
         "le connaît pas encore. L’ancien y est peut-être encore le bon.\n"
         "\n"
         "De nouveaux essais sont faits pendant une heure. Si le nouveau mot de passe est encore "
         "refusé\n"
         "quelque part ensuite, choisissez-en un autre. {helpdesk}\n",
         "Si cela ne suffit pas, adressez-vous à votre service d’assistance."},
    .caller = {"fr", "L’assistance demande si c’est bien vous",
               "{code} est votre code pour l’assistance, pendant {minutes} minutes.\n"
               "Ne le lisez à l’assistance que si VOUS avez appelé. Il ne change aucun mot de "
               "passe. Si vous "
               "n’avez pas appelé, ne le donnez à personne et signalez-le.\n",
               "Bonjour. Vous avez appelé l’assistance. Votre code est : {code}. Encore une fois : "
               "{code}. Si "
               "vous n’avez pas appelé, raccrochez et ne donnez le code à personne.\n",
               "Un moyen de prouver votre identité a été ajouté",
               "Le {time}, un administrateur a ajouté à votre compte un moyen de prouver votre "
               "identité.\n"
               "Si vous ne l’avez pas demandé, dites-le tout de suite.\n{helpdesk}\n",
               "Un moyen de prouver votre identité a été supprimé",
               "Le {time}, un administrateur a supprimé de votre compte un moyen de prouver votre "
               "identité.\n"
               "Si vous ne l’avez pas demandé, dites-le tout de suite.\n{helpdesk}\n",
               "L’assistance a émis un laissez-passer pour vous",
               "Le {time}, l’assistance a émis un laissez-passer pour votre compte, pour quelqu’un "
               "qui a appelé "
               "en votre nom.\n"
               "Si ce n’était pas vous, dites-le tout de suite.\n{helpdesk}\n",
               "Demandez à votre administrateur de verrouiller votre compte."},
    .methods = {"Adresse e-mail", "Application d’authentification", "Numéro de téléphone pour SMS",
                "Numéro de téléphone pour appels", "Questions de sécurité", "Codes de secours",
                "Téléphone qui approuve", "Clé d’accès", " : ajout", " : remplacement",
                " : suppression"},
};

}  // namespace sspr::service
