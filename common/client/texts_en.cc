// SPDX-License-Identifier: Apache-2.0
// English. Each sentence says what to do next; prompts and labels are one line.
#include "common/client/texts_tables.h"

namespace sspr {

const TextTable kEnglishTexts = {{
    {TextId::kNone, ""},
    {TextId::kIntro,
     "You can set a new password now. You prove who you are with your e-mail or your "
     "authenticator app."},
    {TextId::kAskConfirm,
     "Reset the password of {0}? Press Enter to go on, or type n to go back: "},
    {TextId::kAskConfirmOrUnlock,
     "Reset the password of {0}? Press Enter to go on, or type u to only unlock the "
     "account, n to go back: "},
    {TextId::kLockedOut,
     "This account is locked for now, because a wrong password was typed too often."},
    {TextId::kAskUnlockOrReset, "What do you want to do?"},
    {TextId::kLabelUnlock, "Unlock it and keep my password"},
    {TextId::kLabelReset, "Set a new password"},
    {TextId::kCannotUnlock,
     "Here an account is unlocked by a new password only. Press Enter to set one."},
    {TextId::kContacting, "Contacting the {product}. One moment, please."},
    {TextId::kAskMethod, "How do you want to prove who you are?"},
    {TextId::kAskSecondMethod, "One more proof is needed. How do you want to give it?"},
    {TextId::kLabelEmail, "A code by e-mail to {0}"},
    {TextId::kLabelEmailPlain, "A code by e-mail"},
    {TextId::kLabelApp, "The code of your authenticator app"},
    {TextId::kLabelApproval, "Approve on your phone"},
    {TextId::kLabelHandOff, "Go on in the browser of your phone"},
    {TextId::kSecondEmail, "One more proof is needed: a code by e-mail to {0}."},
    {TextId::kAskSendSecond, "Press Enter to get the code by e-mail: "},
    {TextId::kSecondApp, "One more proof is needed: the code that your authenticator app shows."},
    {TextId::kSecondApproval, "One more proof is needed: your approval on your phone."},
    {TextId::kAskAskPhone, "Press Enter to ask your phone: "},
    {TextId::kApprovalNumber,
     "Your phone now asks about this reset. Open the question there and type this number: {0}."},
    {TextId::kAskApproved, "When {0} is typed on your phone, press Enter here: "},
    {TextId::kAskApprovedOrOther,
     "When {0} is typed on your phone, press Enter here (m: other way): "},
    {TextId::kHandOffWhere,
     "Open {0} on your phone and type the code {1} there. Tell the code to nobody."},
    {TextId::kAskHandedOff, "When you are done with {0} on your phone, press Enter here: "},
    {TextId::kAskHandedOffOrOther,
     "When you are done with {0} on your phone, press Enter here (m: other way): "},
    {TextId::kPhoneWaited, "Waiting for your phone. One moment, please."},
    {TextId::kPhoneStillWaited,
     "Your phone has not answered yet. Look for the question there, answer it, and go on here."},
    {TextId::kPhoneSaidNo,
     "Your phone said no, or another number was typed there. Ask it again, or choose another "
     "way."},
    {TextId::kPhoneSilent,
     "Your phone did not answer in time. Ask it again, or choose another way."},
    {TextId::kNoOtherWayButPhone, "There is no other way for this account. Go on at your phone."},
    {TextId::kCodeSent, "A code was sent to {0}. It can take a minute to arrive."},
    {TextId::kCodeSentPlain,
     "A code was sent to your e-mail address. It can take a minute to arrive."},
    {TextId::kCodeStillGood,
     "You go on where you were: the code that was sent to {0} is still good."},
    {TextId::kAskEmailCode, "Code from the e-mail (Enter: send again): "},
    {TextId::kAskEmailCodeOrOther, "Code from the e-mail (Enter: send again, m: other way): "},
    {TextId::kAskAppCode, "Code from your authenticator app: "},
    {TextId::kAskAppCodeOrOther, "Code from your authenticator app (m: other way): "},
    {TextId::kCodeWrongLength, "The code has {0} digits. Type all of them."},
    {TextId::kCodeUnreadable, "That is not a code. Type the digits of the code only."},
    {TextId::kAppCodeEmpty, "Open your authenticator app and type the code that it shows now."},
    {TextId::kWrongCode, "That code is not right. Check it and type it again."},
    {TextId::kWrongCodeLeft,
     "That code is not right. Check it and type it again; {0} tries are left."},
    {TextId::kWrongCodeOneLeft,
     "That code is not right. Check it and type it again; one try is left."},
    {TextId::kWrongCodeNoneLeft,
     "That code is not right and can no longer be used. Press Enter to get a new one."},
    {TextId::kWrongAppCodeNoneLeft,
     "That code is not right, and the app cannot be used any more for now. Choose another way."},
    {TextId::kResendTooEarly,
     "A code is on its way. Wait for it, or press Enter again in {0} seconds."},
    {TextId::kNoOtherWay, "There is no other way for this account. Type the code."},
    {TextId::kChoiceUnknown, "Type the number of one of the choices."},
    {TextId::kOldHome,
     "Your home folder is encrypted with your old password. A new password alone does not open it: "
     "your files stay closed until the old one is given."},
    {TextId::kOldKeyring,
     "Your keyring, where programs keep passwords, is locked with your old password. Without it "
     "your keyring is put aside, not deleted; you can open it when you remember."},
    {TextId::kAskOldPassword, "Old password, if you remember it (Enter: go on without): "},
    {TextId::kTryingOld, "Trying the old password. One moment, please."},
    {TextId::kOldTaken, "That is right. What it protects will open with your new password."},
    {TextId::kOldWrong,
     "That does not open everything. Try another one, or press Enter to go on without it."},
    {TextId::kAskConsent,
     "Set a new password although your home stays closed? Type yes, or Enter to stop: "},
    {TextId::kOldHomeStays,
     "Nothing was changed: your home needs the old password. Try to remember it, or ask for help "
     "before you set a new one. {help}"},
    {TextId::kPasswordRules,
     "Choose a new password of at least {0} characters. A few words that only you would put "
     "together are good."},
    {TextId::kPasswordRulesKinds,
     "Choose a new password of at least {0} characters, with {1} of these kinds: small "
     "letters, capital letters, digits, other characters."},
    {TextId::kOldSeals,
     "This is an account of this computer alone: a reset does not know the old password. "
     "Passwords that Windows keeps for you, its certificates and files that it encrypted will "
     "not open any more; other files stay as they are. If you may still remember it, cancel "
     "and try it first."},
    {TextId::kAskNewPassword, "New password: "},
    {TextId::kAskRepeat, "New password again: "},
    {TextId::kPasswordEmpty, "Type a new password."},
    {TextId::kPasswordMismatch,
     "The two passwords are not the same. Type the new password again, twice."},
    {TextId::kPasswordTooShort,
     "That password is too short. Choose one of at least {0} characters."},
    {TextId::kPasswordTooShortForUs, "That password is too short. Choose a longer one."},
    {TextId::kPasswordTooLong, "That password is too long. Choose a shorter one."},
    {TextId::kPasswordUntypable,
     "That password holds characters that may not be typable at every login. Choose another "
     "one."},
    {TextId::kPasswordTooFewKinds,
     "Use at least {0} of these kinds: small letters, capital letters, digits, other "
     "characters."},
    {TextId::kPasswordForbiddenPart,
     "That password holds your name or another word that must not be in it. Choose another "
     "one."},
    {TextId::kPasswordTooWeak,
     "That password is too easy to guess. Choose a longer or less common one."},
    {TextId::kPasswordTooWeakHere,
     "This computer does not accept that password ({0}). Choose another one."},
    {TextId::kPasswordUsedBefore, "You have used that password before. Choose another one."},
    {TextId::kPasswordBanned, "That password is one that many people use. Choose another one."},
    {TextId::kPasswordInvalid,
     "That password holds characters that cannot be used. Choose another one."},
    {TextId::kSetting, "Setting your new password. One moment, please."},
    {TextId::kUnlocking, "Unlocking the account. One moment, please."},
    {TextId::kSet, "Your new password is set. Use it from now on."},
    {TextId::kUnlocked, "Your account is open again. Log in with your password as before."},
    {TextId::kSetInDirectory,
     "Your new password is set. Use it from now on; if it is refused, wait a minute and type it "
     "again: not every server may know it yet."},
    {TextId::kSetKeyringAside,
     "Your new password is set. Your old keyring was put aside: if you remember the old password, "
     "open Passwords and Keys (or KWalletManager), unlock the one with before-reset in its name, "
     "and copy what you need."},
    {TextId::kSetKeyringLeft,
     "Your new password is set. Your keyring still wants the old one: if you remember it, change "
     "it in Passwords and Keys or KWalletManager; if not, ask your help desk. {help}"},
    {TextId::kSetHomeLeft,
     "Your new password is set. Your encrypted home still wants the old one: give it when you are "
     "asked, or ask for help before you change anything there. {help}"},
    {TextId::kNothingChanged,
     "Nothing was changed. Enter your password, or start again to reset it."},
    {TextId::kUnreachable,
     "The {product} cannot be reached. Check the network of this computer and try again. "
     "{help}"},
    {TextId::kTimedOut, "The {product} does not answer. Try again in a few minutes. {help}"},
    {TextId::kCertificate,
     "The {product} could not prove that it is the right one, so nothing was sent. Do not go "
     "on in this network. {help}"},
    {TextId::kCertificateTime,
     "The date or time of this computer looks wrong, so the {product} cannot be trusted. Have "
     "the clock set right and try again. {help}"},
    {TextId::kSignInPage,
     "This network wants a sign-in first. Use another network, or sign in to this one, and "
     "try again. {help}"},
    {TextId::kBadAnswer,
     "The {product} gave an answer that makes no sense. Nothing was changed. Try again later. "
     "{help}"},
    {TextId::kOutOfOrder,
     "The {product} is out of order at the moment. Try again in a few minutes. {help}"},
    {TextId::kInternal,
     "Password reset does not work on this computer right now. Enter your password, or try "
     "again later. {help}"},
    {TextId::kExpired, "That took too long. Start the reset again."},
    {TextId::kTooManyAttempts, "There were too many attempts. Wait an hour and try again. {help}"},
    {TextId::kTooManyAttemptsMinutes,
     "There were too many attempts. Try again in {0} minutes. {help}"},
    {TextId::kTooManyQuestions, "There were too many attempts in one go. Start the reset again."},
    {TextId::kUseAnotherWay,
     "This account cannot be reset here. Use the web page of the {product} on another device. "
     "{help}"},
    {TextId::kPhoneReported,
     "This reset was reported as not wanted, so it was stopped and nothing was changed. {help}"},
    {TextId::kNoSuchAccount, "This account cannot be reset here. Check the user name. {help}"},
    {TextId::kEnrolDevice,
     "Passwords are reset from enrolled computers only, and this one is not: have it enrolled. "
     "{help}"},
    {TextId::kDeviceRevoked,
     "This computer is no longer allowed to reset passwords: have it enrolled again. {help}"},
    {TextId::kAskAdministrator, "The {product} does not accept this computer. {help}"},
    {TextId::kNoMethods, "There is no way to prove who you are for this account. {help}"},
    {TextId::kTooFewGates,
     "The {product} asks for less proof than this computer demands, so it is not used. {help}"},
    {TextId::kAccountNotPermitted,
     "The password of this account cannot be reset here. Ask the administrator of this "
     "computer."},
    {TextId::kAccountBusy,
     "A reset of this account is under way already. Finish it, or wait a minute and try again."},
    {TextId::kMachineNotReady,
     "This computer cannot set passwords right now. Nothing was changed. Try again later. "
     "{help}"},
    {TextId::kMachineReadOnly,
     "This computer keeps no changes, so the password of one of its own accounts cannot be set "
     "here. Use another computer, or ask for help. {help}"},
    {TextId::kHomeIsPassword,
     "The home of this account is locked with its own password and cannot be reset here. Use its "
     "recovery key at the password prompt, or ask for help. {help}"},
    {TextId::kServiceCannotSetLocal,
     "The {product} cannot set the password of an account of this computer. Nothing was "
     "changed. {help}"},
    {TextId::kNotSetByService,
     "The {product} could not set the new password. Nothing was changed. Try again later. "
     "{help}"},
    {TextId::kOutcomeUnknown,
     "Your new password may already be set in the directory. Try to log in with it; if it is "
     "refused, use the old one or start the reset again in a few minutes. {help}"},
    {TextId::kLocalLater,
     "Your new password is set in the directory. This computer takes it over by itself within "
     "minutes; then log in with it. {help}"},
    {TextId::kLocalNotSet,
     "Your new password is set in the directory, but not on this computer: its account was "
     "changed meanwhile. Start the reset again to set both. {help}"},
    {TextId::kLocalUnknown,
     "Your new password is set in the directory. Whether this computer took it is not known: "
     "try to sign in with it; if it is refused, start the reset again. {help}"},
    {TextId::kNotLocked,
     "This account is not locked. Enter your password, or start again to set a new "
     "one. {help}"},
    {TextId::kUnlockRefused,
     "Here an account is unlocked by a new password only. Start again and set one. "
     "{help}"},
    {TextId::kNotUnlocked,
     "The account could not be unlocked. Your password is as it was. Try again later. "
     "{help}"},
    {TextId::kBadConfiguration,
     "Password reset is not set up correctly on this computer. Enter your password, or ask "
     "the administrator of this computer."},
    {TextId::kNotYourAccount,
     "From here you can reset your own password only. Log out to reset another one at the "
     "login screen."},
    {TextId::kUserNameRefused,
     "This user name cannot be used for a reset. Check it and start again. {help}"},
    {TextId::kDemandReset,
     "Before you go on, a new password is needed for this account. Set it now."},
    {TextId::kDemandBlocked, "You cannot log in with this account at the moment. {help}"},
    {TextId::kManagedPassword,
     "This is also your password at the {product}. Both are set together."},
    {TextId::kUnreadyPassword,
     "Only the password of this computer is changed: the {product} does not know yet "
     "how you prove who you are. Open {0} and tell it."},
    {TextId::kReminder,
     "You could not reset a forgotten password yet. Open {0} and choose how you would "
     "prove who you are."},
    {TextId::kReminderToCheck,
     "It is time to check how you prove who you are. Open {0} and confirm it."},
}};

}  // namespace sspr
