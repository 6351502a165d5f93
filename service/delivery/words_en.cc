// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/words.h"

namespace sspr::service {

constinit const Words kEnglishWords = {
    .mail =
        {"Hello {name},\n\n", "Hello,\n\n", "Your code for a new password",
         "your code for setting a new password is\n"
         "\n"
         "    {code}\n"
         "\n"
         "Type it where you are asked for it, at the login screen. It works once, for {minutes}\n"
         "minutes.\n"
         "\n"
         "If you did not ask for a new password, do nothing: without this code nothing changes.\n"
         "Tell the code to nobody, not even to somebody who says they are from the help desk.\n",
         "Your password was changed",
         "your password was changed on {time}, after you proved who you are at a login screen.\n"
         "\n"
         "If that was you, there is nothing to do.\n"
         "\n"
         "If it was not you, somebody else can sign in as you. {helpdesk}\n",
         "Ask your administrator now to lock your account.", "Your account was unlocked",
         "your account was unlocked on {time}, after you proved who you are at a login screen. "
         "Your\n"
         "password is the one that you had.\n"
         "\n"
         "If that was you, there is nothing to do.\n"
         "\n"
         "If it was not you, somebody has access to what proves who you are. {helpdesk}\n",
         "An administrator's password was reset",
         "the password of the administrator {user} was reset on {time}, by self-service.\n"
         "\n"
         "If you expected that, there is nothing to do. If not, ask {user} by another way than "
         "mail,\n"
         "and lock the account until you know. You get this mail because you are an administrator\n"
         "too.\n",
         "Your sign-in methods changed",
         "something changed on {time} in how you prove who you are:\n"
         "\n"
         "    {what}\n"
         "\n"
         "If that was you, there is nothing to do.\n"
         "\n"
         "If it was not you, somebody else may be about to take over your account. {helpdesk}\n",
         "Confirm your address",
         "your code for confirming this address is\n"
         "\n"
         "    {code}\n"
         "\n"
         "Type it on the page where you are asked for it. It works once, for {minutes} minutes.\n"
         "\n"
         "If you did not ask for it, do nothing. Tell the code to nobody.\n"},
    .phone =
        {"en",
         "{code} is your code for a new password, for {minutes} minutes. Tell it to nobody. Not "
         "asked "
         "for? Do nothing.\n",
         "Hello. Your code for a new password is: {code}. Once more: {code}. Tell the code to "
         "nobody. "
         "If "
         "you did not ask for it, hang up and do nothing.\n",
         "Your password was changed. If that was not you, ask your administrator now to lock your "
         "account.\n",
         "{code} confirms this phone number, for {minutes} minutes. Tell it to nobody. Not asked "
         "for? "
         "Do nothing.\n",
         "Hello. Your code to confirm this phone number is: {code}. Once more: {code}. Tell the "
         "code to "
         "nobody. If you did not ask for it, hang up and do nothing.\n",
         "Your sign-in methods changed. If that was not you, ask your administrator now to lock "
         "your "
         "account.\n"},
    .report =
        {"You reported a password reset",
         "On {time} you reported on your phone that somebody else was resetting your password. It\n"
         "was stopped, and nothing was changed. For {hours} hours nobody can reset the password "
         "of\n"
         "your account, not even you.\n"
         "\n"
         "Somebody may know another of the ways in which you prove who you are. {helpdesk}\n"
         "If it was you after all, your help desk can open resets again.\n",
         "Tell your help desk now.", "Somebody tried to reset a password that is not theirs",
         "{user} reported on {time} a reset of the account's password as not wanted. It was begun\n"
         "at the address {place}. Resets of this account are stopped for {hours} hours.\n"
         "\n"
         "Ask {user}, by another way than mail, what happened, and look into the audit log for\n"
         "what else came from that address. `ssprctl users allow-resets {user}` ends the stop.\n",
         "Your new password is not known everywhere yet",
         "The password that you set on {time} is good, but one of the systems behind it does not "
         "have it\n"
         "yet. There your old password may still be the one.\n"
         "\n"
         "It is tried again for an hour. If the new password still is not taken somewhere after "
         "that,\n"
         "set another one. {helpdesk}\n",
         "If that does not help, ask your help desk."},
    .caller =
        {"en", "The help desk asks whether it is you",
         "{code} is your code for the help desk, for {minutes} minutes.\n"
         "Read it to the help desk only if YOU have called. It sets no password. If you have not "
         "called, tell it to nobody and report it.\n",
         "Hello. You have called the help desk. Your code is: {code}. Once more: {code}. If you "
         "have "
         "not called, hang up and tell the code to nobody.\n",
         "A way to prove who you are was added",
         "On {time} an administrator added a way to prove who you are to your account.\n"
         "If you did not ask for it, say so at once. {helpdesk}\n",
         "A way to prove who you are was removed",
         "On {time} an administrator removed a way to prove who you are from your account.\n"
         "If you did not ask for it, say so at once. {helpdesk}\n",
         "The help desk issued a temporary pass for you",
         "On {time} the help desk issued a temporary pass for your account to somebody who called "
         "in "
         "your name.\n"
         "If that was not you, say so at once. {helpdesk}\n",
         "Ask your administrator to lock your account."},
    .methods = {"E-mail address", "Authenticator app", "Phone number for text messages",
                "Phone number for calls", "Security questions", "Recovery codes",
                "Phone that approves", "Passkey", ": added", ": replaced", ": removed"},
};

}  // namespace sspr::service
