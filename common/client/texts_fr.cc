// SPDX-License-Identifier: Apache-2.0
// French. Each sentence says what to do next; prompts and labels are one line.
#include "common/client/texts_tables.h"

namespace sspr {

const TextTable kFrenchTexts = {{
    {TextId::kNone, ""},
    {TextId::kIntro,
     "Vous pouvez choisir un nouveau mot de passe maintenant. Vous prouvez votre identité avec "
     "votre adresse e-mail ou votre application d'authentification."},
    {TextId::kAskConfirm,
     "Réinitialiser le mot de passe de {0} ? Appuyez sur Entrée pour continuer, ou tapez n pour "
     "revenir : "},
    {TextId::kAskConfirmOrUnlock,
     "Réinitialiser le mot de passe de {0} ? Entrée pour continuer, u pour seulement "
     "débloquer le compte, n pour revenir : "},
    {TextId::kLockedOut,
     "Ce compte est bloqué pour l'instant : un mauvais mot de passe a été tapé trop "
     "souvent."},
    {TextId::kAskUnlockOrReset, "Que voulez-vous faire ?"},
    {TextId::kLabelUnlock, "Le débloquer et garder mon mot de passe"},
    {TextId::kLabelReset, "Choisir un nouveau mot de passe"},
    {TextId::kCannotUnlock,
     "Ici, un compte n'est débloqué que par un nouveau mot de passe. Appuyez sur "
     "Entrée pour en choisir un."},
    {TextId::kContacting, "Connexion au {product}. Un instant, s'il vous plaît."},
    {TextId::kAskMethod, "Comment voulez-vous prouver votre identité ?"},
    {TextId::kAskSecondMethod, "Il faut une preuve de plus. Comment voulez-vous la donner ?"},
    {TextId::kLabelEmail, "Un code par e-mail à {0}"},
    {TextId::kLabelEmailPlain, "Un code par e-mail"},
    {TextId::kLabelApp, "Le code de votre application d'authentification"},
    {TextId::kLabelApproval, "Approuver sur votre téléphone"},
    {TextId::kLabelHandOff, "Continuer dans le navigateur de votre téléphone"},
    {TextId::kSecondEmail, "Il faut une preuve de plus : un code par e-mail à {0}."},
    {TextId::kAskSendSecond, "Appuyez sur Entrée pour recevoir le code par e-mail : "},
    {TextId::kSecondApp,
     "Il faut une preuve de plus : le code qu'affiche votre application d'authentification."},
    {TextId::kSecondApproval, "Il faut une preuve de plus : votre accord sur votre téléphone."},
    {TextId::kAskAskPhone, "Appuyez sur Entrée pour interroger votre téléphone : "},
    {TextId::kApprovalNumber,
     "Votre téléphone vous interroge sur cette réinitialisation. Ouvrez la question et tapez-y ce "
     "nombre : {0}."},
    {TextId::kAskApproved, "Quand {0} est tapé sur votre téléphone, appuyez ici sur Entrée : "},
    {TextId::kAskApprovedOrOther,
     "Quand {0} est tapé sur votre téléphone, appuyez ici sur Entrée (m : autre moyen) : "},
    {TextId::kHandOffWhere,
     "Ouvrez {0} sur votre téléphone et tapez-y le code {1}. Ne donnez ce code à personne."},
    {TextId::kAskHandedOff,
     "Quand vous avez terminé avec {0} sur votre téléphone, appuyez ici sur Entrée : "},
    {TextId::kAskHandedOffOrOther,
     "Quand vous avez terminé avec {0} sur votre téléphone, appuyez ici sur Entrée (m : autre "
     "moyen) : "},
    {TextId::kPhoneWaited, "En attente de votre téléphone. Un instant, s'il vous plaît."},
    {TextId::kPhoneStillWaited,
     "Votre téléphone n'a pas encore répondu. Cherchez-y la question, répondez, puis continuez "
     "ici."},
    {TextId::kPhoneSaidNo,
     "Votre téléphone a refusé, ou un autre nombre y a été tapé. Interrogez-le de nouveau ou "
     "choisissez un autre moyen."},
    {TextId::kPhoneSilent,
     "Votre téléphone n'a pas répondu à temps. Interrogez-le de nouveau ou choisissez un autre "
     "moyen."},
    {TextId::kNoOtherWayButPhone,
     "Il n'y a pas d'autre moyen pour ce compte. Continuez sur votre téléphone."},
    {TextId::kCodeSent, "Un code a été envoyé à {0}. Il peut mettre une minute à arriver."},
    {TextId::kCodeSentPlain,
     "Un code a été envoyé à votre adresse e-mail. Il peut mettre une minute à arriver."},
    {TextId::kCodeStillGood,
     "Vous reprenez où vous étiez : le code envoyé à {0} est toujours valable."},
    {TextId::kAskEmailCode, "Code reçu par e-mail (Entrée : renvoyer) : "},
    {TextId::kAskEmailCodeOrOther, "Code reçu par e-mail (Entrée : renvoyer, m : autre moyen) : "},
    {TextId::kAskAppCode, "Code de votre application d'authentification : "},
    {TextId::kAskAppCodeOrOther,
     "Code de votre application d'authentification (m : autre moyen) : "},
    {TextId::kCodeWrongLength, "Le code a {0} chiffres. Tapez-les tous."},
    {TextId::kCodeUnreadable, "Ce n'est pas un code. Tapez seulement les chiffres du code."},
    {TextId::kAppCodeEmpty,
     "Ouvrez votre application d'authentification et tapez le code qu'elle affiche maintenant."},
    {TextId::kWrongCode, "Ce code n'est pas le bon. Vérifiez-le et tapez-le de nouveau."},
    {TextId::kWrongCodeLeft,
     "Ce code n'est pas le bon. Vérifiez-le et tapez-le de nouveau ; il reste {0} essais."},
    {TextId::kWrongCodeOneLeft,
     "Ce code n'est pas le bon. Vérifiez-le et tapez-le de nouveau ; il reste un essai."},
    {TextId::kWrongCodeNoneLeft,
     "Ce code n'est pas le bon et ne peut plus servir. Appuyez sur Entrée pour en recevoir un "
     "autre."},
    {TextId::kWrongAppCodeNoneLeft,
     "Ce code n'est pas le bon, et l'application ne peut plus servir pour l'instant. Choisissez un "
     "autre moyen."},
    {TextId::kResendTooEarly,
     "Un code est en route. Attendez-le, ou appuyez de nouveau sur Entrée dans {0} secondes."},
    {TextId::kNoOtherWay, "Il n'y a pas d'autre moyen pour ce compte. Tapez le code."},
    {TextId::kChoiceUnknown, "Tapez le numéro de l'un des choix."},
    {TextId::kOldHome,
     "Votre dossier personnel est chiffré avec l'ancien mot de passe. Un nouveau seul ne l'ouvre "
     "pas : vos fichiers restent fermés tant que l'ancien n'est pas donné."},
    {TextId::kOldKeyring,
     "Votre trousseau, où les programmes gardent des mots de passe, est fermé avec l'ancien mot de "
     "passe. Sans lui, il est mis de côté, pas supprimé ; vous pourrez l'ouvrir si l'ancien vous "
     "revient."},
    {TextId::kAskOldPassword,
     "Ancien mot de passe, si vous vous en souvenez (Entrée : continuer sans) : "},
    {TextId::kTryingOld, "Essai de l'ancien mot de passe. Un instant, s'il vous plaît."},
    {TextId::kOldTaken,
     "C'est le bon. Ce qu'il protège s'ouvrira avec votre nouveau mot de passe."},
    {TextId::kOldWrong,
     "Il n'ouvre pas tout. Essayez-en un autre, ou appuyez sur Entrée pour continuer sans lui."},
    {TextId::kAskConsent,
     "Changer de mot de passe bien que votre dossier reste fermé ? Tapez oui, ou Entrée pour "
     "arrêter : "},
    {TextId::kOldHomeStays,
     "Rien n'a été changé : votre dossier personnel demande l'ancien mot de passe. Essayez de vous "
     "en souvenir, ou demandez de l'aide avant d'en choisir un nouveau. {help}"},
    {TextId::kPasswordRules,
     "Choisissez un nouveau mot de passe d'au moins {0} caractères. Quelques mots que vous seul "
     "mettriez ensemble conviennent bien."},
    {TextId::kPasswordRulesKinds,
     "Choisissez un nouveau mot de passe d'au moins {0} caractères, avec {1} de ces sortes : "
     "minuscules, majuscules, chiffres, autres caractères."},
    {TextId::kOldSeals,
     "Ce compte n’existe que sur cet ordinateur, et la réinitialisation ne connaît pas "
     "l’ancien mot de passe. Les mots de passe que Windows garde pour vous, ses certificats et "
     "les fichiers qu’il a chiffrés ne s’ouvriront plus ; les autres fichiers restent tels "
     "quels. S’il peut encore vous revenir, annulez et essayez-le d’abord."},
    {TextId::kAskNewPassword, "Nouveau mot de passe : "},
    {TextId::kAskRepeat, "Nouveau mot de passe, encore une fois : "},
    {TextId::kPasswordEmpty, "Tapez un nouveau mot de passe."},
    {TextId::kPasswordMismatch,
     "Les deux mots de passe ne sont pas les mêmes. Tapez de nouveau le nouveau mot de passe, deux "
     "fois."},
    {TextId::kPasswordTooShort,
     "Ce mot de passe est trop court. Choisissez-en un d'au moins {0} caractères."},
    {TextId::kPasswordTooShortForUs, "Ce mot de passe est trop court. Choisissez-en un plus long."},
    {TextId::kPasswordTooLong, "Ce mot de passe est trop long. Choisissez-en un plus court."},
    {TextId::kPasswordUntypable,
     "Ce mot de passe contient des caractères qu'on ne peut peut-être pas taper partout. "
     "Choisissez-en un autre."},
    {TextId::kPasswordTooFewKinds,
     "Utilisez au moins {0} de ces sortes : minuscules, majuscules, chiffres, autres caractères."},
    {TextId::kPasswordForbiddenPart,
     "Ce mot de passe contient votre nom ou un autre mot qui ne doit pas y être. Choisissez-en un "
     "autre."},
    {TextId::kPasswordTooWeak,
     "Ce mot de passe est trop facile à deviner. Choisissez-en un plus long ou moins courant."},
    {TextId::kPasswordTooWeakHere,
     "Cet ordinateur n'accepte pas ce mot de passe ({0}). Choisissez-en un autre."},
    {TextId::kPasswordUsedBefore,
     "Vous avez déjà utilisé ce mot de passe. Choisissez-en un autre."},
    {TextId::kPasswordBanned,
     "Beaucoup de gens utilisent ce mot de passe. Choisissez-en un autre."},
    {TextId::kPasswordInvalid,
     "Ce mot de passe contient des caractères qui ne peuvent pas servir. Choisissez-en un autre."},
    {TextId::kSetting,
     "Enregistrement de votre nouveau mot de passe. Un instant, s'il vous plaît."},
    {TextId::kUnlocking, "Déblocage du compte. Un instant, s'il vous plaît."},
    {TextId::kSet, "Votre nouveau mot de passe est enregistré. Utilisez-le dès maintenant."},
    {TextId::kUnlocked,
     "Votre compte est de nouveau ouvert. Connectez-vous avec votre mot de passe "
     "comme avant."},
    {TextId::kSetInDirectory,
     "Votre nouveau mot de passe est enregistré. Utilisez-le dès maintenant ; s'il est refusé, "
     "attendez une minute et tapez-le à nouveau : tous les serveurs ne le connaissent peut-être "
     "pas encore."},
    {TextId::kSetKeyringAside,
     "Votre nouveau mot de passe est enregistré. L'ancien trousseau est mis de côté : si l'ancien "
     "mot de passe vous revient, ouvrez dans Mots de passe et clés (ou KWalletManager) celui dont "
     "le nom contient before-reset, et copiez ce qu'il vous faut."},
    {TextId::kSetKeyringLeft,
     "Votre nouveau mot de passe est enregistré. Votre trousseau demande encore l'ancien : "
     "changez-le dans Mots de passe et clés ou KWalletManager si vous le savez, sinon demandez de "
     "l'aide. {help}"},
    {TextId::kSetHomeLeft,
     "Votre nouveau mot de passe est enregistré. Votre dossier chiffré demande encore l'ancien : "
     "donnez-le quand il est demandé, ou demandez de l'aide avant d'y changer quelque chose. "
     "{help}"},
    {TextId::kNothingChanged,
     "Rien n'a été changé. Tapez votre mot de passe, ou recommencez pour le réinitialiser."},
    {TextId::kUnreachable,
     "Impossible de joindre le {product}. Vérifiez le réseau de cet ordinateur et réessayez. "
     "{help}"},
    {TextId::kTimedOut, "Le {product} ne répond pas. Réessayez dans quelques minutes. {help}"},
    {TextId::kCertificate,
     "Le {product} n'a pas pu prouver que c'est bien lui ; rien n'a été envoyé. Ne continuez pas "
     "sur ce réseau. {help}"},
    {TextId::kCertificateTime,
     "La date ou l'heure de cet ordinateur semble fausse ; on ne peut donc pas se fier au "
     "{product}. Faites régler l'horloge et réessayez. {help}"},
    {TextId::kSignInPage,
     "Ce réseau demande d'abord une connexion. Utilisez un autre réseau, ou connectez-vous à "
     "celui-ci, et réessayez. {help}"},
    {TextId::kBadAnswer,
     "Le {product} a donné une réponse incompréhensible. Rien n'a été changé. Réessayez plus tard. "
     "{help}"},
    {TextId::kOutOfOrder,
     "Le {product} est en panne pour le moment. Réessayez dans quelques minutes. {help}"},
    {TextId::kInternal,
     "La réinitialisation ne fonctionne pas sur cet ordinateur en ce moment. Tapez votre mot de "
     "passe, ou réessayez plus tard. {help}"},
    {TextId::kExpired, "Cela a pris trop de temps. Recommencez la réinitialisation."},
    {TextId::kTooManyAttempts, "Il y a eu trop d'essais. Attendez une heure et réessayez. {help}"},
    {TextId::kTooManyAttemptsMinutes,
     "Il y a eu trop d'essais. Réessayez dans {0} minutes. {help}"},
    {TextId::kTooManyQuestions,
     "Il y a eu trop d'essais d'un seul coup. Recommencez la réinitialisation."},
    {TextId::kUseAnotherWay,
     "Ce compte ne peut pas être réinitialisé ici. Utilisez la page web du {product} sur un autre "
     "appareil. {help}"},
    {TextId::kPhoneReported,
     "Cette réinitialisation a été signalée comme non voulue ; elle a été arrêtée et rien n'a été "
     "changé. {help}"},
    {TextId::kNoSuchAccount,
     "Ce compte ne peut pas être réinitialisé ici. Vérifiez le nom d'utilisateur. {help}"},
    {TextId::kEnrolDevice,
     "Les mots de passe ne se réinitialisent que depuis des ordinateurs enregistrés, et celui-ci "
     "ne l'est pas : faites-le enregistrer. {help}"},
    {TextId::kDeviceRevoked,
     "Cet ordinateur n'a plus le droit de réinitialiser des mots de passe : faites-le enregistrer "
     "de nouveau. {help}"},
    {TextId::kAskAdministrator, "Le {product} n'accepte pas cet ordinateur. {help}"},
    {TextId::kNoMethods, "Il n'y a aucun moyen de prouver votre identité pour ce compte. {help}"},
    {TextId::kTooFewGates,
     "Le {product} demande moins de preuves que cet ordinateur n'en exige ; il n'est donc pas "
     "utilisé. {help}"},
    {TextId::kAccountNotPermitted,
     "Le mot de passe de ce compte ne peut pas être réinitialisé ici. Adressez-vous à "
     "l'administrateur de cet ordinateur."},
    {TextId::kAccountBusy,
     "Une réinitialisation de ce compte est déjà en cours. Terminez-la, ou attendez une minute et "
     "réessayez."},
    {TextId::kMachineNotReady,
     "Cet ordinateur ne peut pas enregistrer de mots de passe en ce moment. Rien n'a été changé. "
     "Réessayez plus tard. {help}"},
    {TextId::kMachineReadOnly,
     "Cet ordinateur ne garde aucun changement : le mot de passe d'un de ses propres comptes ne "
     "peut pas être changé ici. Prenez un autre ordinateur, ou demandez de l'aide. {help}"},
    {TextId::kHomeIsPassword,
     "Le dossier de ce compte est fermé avec son propre mot de passe, qui ne peut pas être "
     "réinitialisé ici. Tapez sa clé de récupération à la place du mot de passe, ou demandez de "
     "l'aide. {help}"},
    {TextId::kServiceCannotSetLocal,
     "Le {product} ne peut pas changer le mot de passe d'un compte de cet ordinateur. Rien n'a été "
     "changé. {help}"},
    {TextId::kNotSetByService,
     "Le {product} n'a pas pu enregistrer le nouveau mot de passe. Rien n'a été changé. Réessayez "
     "plus tard. {help}"},
    {TextId::kOutcomeUnknown,
     "Votre nouveau mot de passe est peut-être déjà enregistré dans l'annuaire. Essayez de vous "
     "connecter avec lui ; s'il est refusé, utilisez l'ancien ou recommencez dans quelques "
     "minutes. {help}"},
    {TextId::kLocalLater,
     "Votre nouveau mot de passe est enregistré dans l'annuaire. Cet ordinateur le reprendra de "
     "lui-même dans quelques minutes ; connectez-vous alors avec lui. {help}"},
    {TextId::kLocalNotSet,
     "Votre nouveau mot de passe est enregistré dans l'annuaire, mais pas sur cet ordinateur : son "
     "compte a changé entre-temps. Recommencez pour enregistrer les deux. {help}"},
    {TextId::kLocalUnknown,
     "Votre nouveau mot de passe est défini dans l’annuaire. On ne sait pas si cet ordinateur "
     "l’a pris : essayez d’ouvrir une session avec lui ; s’il est refusé, recommencez la "
     "réinitialisation. {help}"},
    {TextId::kNotLocked,
     "Ce compte n'est pas bloqué. Tapez votre mot de passe, ou recommencez pour en "
     "choisir un nouveau. {help}"},
    {TextId::kUnlockRefused,
     "Ici, un compte n'est débloqué que par un nouveau mot de passe. Recommencez et "
     "choisissez-en un. {help}"},
    {TextId::kNotUnlocked,
     "Le compte n'a pas pu être débloqué. Votre mot de passe est inchangé. Réessayez "
     "plus tard. {help}"},
    {TextId::kBadConfiguration,
     "La réinitialisation n'est pas bien configurée sur cet ordinateur. Tapez votre mot de passe, "
     "ou adressez-vous à l'administrateur de cet ordinateur."},
    {TextId::kNotYourAccount,
     "D'ici vous ne pouvez réinitialiser que votre propre mot de passe. Fermez la session pour en "
     "réinitialiser un autre à l'écran de connexion."},
    {TextId::kUserNameRefused,
     "Ce nom d'utilisateur ne peut pas servir à une réinitialisation. Vérifiez-le et recommencez. "
     "{help}"},
    {TextId::kDemandReset,
     "Avant de continuer, ce compte a besoin d'un nouveau mot de passe. Choisissez-le "
     "maintenant."},
    {TextId::kDemandBlocked,
     "Vous ne pouvez pas vous connecter avec ce compte en ce moment. {help}"},
    {TextId::kManagedPassword,
     "C'est aussi votre mot de passe auprès du {product}. Les deux sont changés "
     "ensemble."},
    {TextId::kUnreadyPassword,
     "Seul le mot de passe de cet ordinateur est changé : le {product} ne sait pas "
     "encore comment vous prouvez votre identité. Ouvrez {0} et indiquez-le."},
    {TextId::kReminder,
     "Vous ne pourriez pas encore réinitialiser un mot de passe oublié. Ouvrez {0} et "
     "choisissez comment prouver votre identité."},
    {TextId::kReminderToCheck,
     "Il est temps de vérifier comment vous prouvez votre identité. Ouvrez {0} et confirmez-le."},
}};

}  // namespace sspr
