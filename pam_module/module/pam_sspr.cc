// SPDX-License-Identifier: Apache-2.0
// pam_sspr.so: "Forgot password?" in a PAM stack. Never lets anybody in: where it authenticates it
// returns PAM_IGNORE and at most replaces PAM_AUTHTOK, and the stack around it decides. In a normal
// login it asks one question and opens nothing: no file, no socket, no look-up of names, no
// allocation of its own. The phases behind that are in phases.h.
// docs/pam-stack.md has the stacks it belongs into and the words on its line.
#include <security/pam_modules.h>

#include "pam_module/module/audience.h"
#include "pam_module/module/conversation.h"
#include "pam_module/module/options.h"
#include "pam_module/module/phases.h"
#include "pam_module/module/reset.h"
#include "pam_module/module/speaker.h"
#include "pam_module/module/transaction.h"

namespace sspr {
namespace {

// One login attempt in which a reset may be asked for.
class Attempt {
 public:
  // user: a copy, because the host may replace its own while it talks to the person.
  Attempt(pam_handle_t* pam, int flags, const Options& options, const Secret& user) noexcept
      : pam_(pam),
        options_(options),
        user_(user),
        profile_(ProfileFor(options, Item(pam, PAM_SERVICE))),
        conversation_(pam, flags, profile_.columns),
        speaker_(conversation_, profile_) {}

  // trigger=prompt: our question instead of the password module's.
  void AskFirst() noexcept {
    if (HasToken()) return;
    const bool empty_triggers = EmptyTriggers(options_, profile_);
    Secret answer;
    const ModuleText prompt =
        empty_triggers ? ModuleText::kPasswordPrompt : ModuleText::kPasswordWordPrompt;
    if (!Ask(Conversation::Echo::kOff, prompt, answer)) return;
    const std::string_view typed = answer.Reveal();
    if (typed.empty() ? empty_triggers : typed == "?" || typed == options_.word) {
      Reset(user_, typed);
    } else {
      pam_set_item(pam_, PAM_AUTHTOK, answer.RevealTerminated());
    }
  }

  // trigger=failure: behind a password module that has just said no.
  void AskAfterFailure() noexcept {
    const void* token = nullptr;
    if (pam_get_item(pam_, PAM_AUTHTOK, &token) != PAM_SUCCESS || token == nullptr) return;
    if (profile_.one_answer) return;
    Secret answer;
    speaker_.Typed(static_cast<const char*>(token));
    if (!Ask(Conversation::Echo::kOn, ModuleText::kAfterFailurePrompt, answer)) return;
    // A front end that answers everything with the password or the name stays out of it here.
    for (const std::string_view yes :
         {"y", "Y", "yes", "j", "J", "ja", "o", "O", "oui", "s", "S", "si", "sí", "نعم"}) {
      if (answer.Reveal() != yes) continue;
      Reset(user_, {});
      return;
    }
  }

  // The account that stands for "Forgot password?": whoever logs in as it says whose password it
  // is. It gets no token: what the stack thinks of it is left to the stack.
  void AskWhose() noexcept {
    Secret name;
    if (!Ask(Conversation::Echo::kOn, ModuleText::kWhosePrompt, name) || name.empty()) return;
    if (name.SameAs(user_)) {
      speaker_.SayAtOnce(Tone::kError, Words(ModuleText::kCannotAskHere));
      return;
    }
    if (const char* reason = ReasonAgainstUser(pam_, options_, name)) {
      LogNoOffer(pam_, options_, reason);
      speaker_.Say(Tone::kError, Words(ModuleText::kNameNotFit));
    } else if (Reset(name, {})) {
      speaker_.Say(Tone::kInfo, Words(ModuleText::kLogInYourself));
    }
    LeaveToRead();
  }

 private:
  bool HasToken() noexcept {
    const void* token = nullptr;
    return pam_get_item(pam_, PAM_AUTHTOK, &token) == PAM_SUCCESS && token != nullptr;
  }

  std::string_view Words(ModuleText text) noexcept { return Text(text, options_.language); }

  // False when the person left or typed what is too long for a password: the stack asks itself.
  bool Ask(Conversation::Echo echo, ModuleText prompt, Secret& answer) noexcept {
    return speaker_.Ask(echo, Words(prompt), answer) == Conversation::Reply::kAnswered;
  }

  // What was said last would be gone with the conversation on most screens.
  void LeaveToRead() noexcept {
    Secret ignored;
    if (profile_.joins_messages) Ask(Conversation::Echo::kOff, ModuleText::kBackPrompt, ignored);
    speaker_.Flush();
  }

  // True when a password was set. Only the one of the user who logs in becomes the token.
  bool Reset(const Secret& whose, std::string_view trigger) noexcept {
    if (UserChanged(pam_, user_) || !Mark(pam_, kMarkReset)) return false;
    if (profile_.one_answer) {
      speaker_.SayAtOnce(Tone::kError, Words(ModuleText::kCannotAskHere));
      return false;
    }
    const ResetRequest request{Item(pam_, PAM_SERVICE), whose.Reveal(), Item(pam_, PAM_TTY),
                               trigger};
    Secret new_password;
    const ResetEnd end = RunReset(options_, request, speaker_, new_password);
    LogEnd(pam_, options_, end);
    if (end != ResetEnd::kPasswordSet) return false;
    if (&whose == &user_ && !UserChanged(pam_, user_)) {
      pam_set_item(pam_, PAM_AUTHTOK, new_password.RevealTerminated());
      Mark(pam_, kMarkSet);
    }
    return true;
  }

  pam_handle_t* pam_;
  const Options& options_;
  const Secret& user_;
  const Profile& profile_;
  Conversation conversation_;
  Speaker speaker_;
};

void Begin(pam_handle_t* pam, int flags, const Options& options, const Secret& user) noexcept {
  const char* reason = ReasonAgainstPlace(options, PlaceOf(pam));
  if (reason == nullptr && IsMarked(pam, kMarkReset)) reason = "there was a reset already";
  const bool for_others = !options.account.empty() && user.Reveal() == options.account;
  if (reason == nullptr && !for_others) {
    if (options.trigger == Trigger::kAccount) return;
    reason = ReasonAgainstUser(pam, options, user);
  }
  if (reason != nullptr) return LogNoOffer(pam, options, reason);
  Attempt attempt(pam, flags, options, user);
  if (for_others) return attempt.AskWhose();
  switch (options.trigger) {
    case Trigger::kPrompt:
      return attempt.AskFirst();
    case Trigger::kFailure:
      return attempt.AskAfterFailure();
    case Trigger::kAccount:
    case Trigger::kDemand:
      return;
  }
}

int Authenticate(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept {
  Options options;
  Secret user;
  if (!Prepare(pam, argc, argv, options, user)) return PAM_IGNORE;
  if (options.trigger == Trigger::kDemand) {
    return DemandWithinAuthentication(pam, flags, options, user);
  }
  Begin(pam, flags, options, user);
  return PAM_IGNORE;
}

}  // namespace
}  // namespace sspr

extern "C" {

__attribute__((visibility("default"))) int pam_sm_authenticate(pam_handle_t* pam, int flags,
                                                               int argc, const char** argv) {
  return sspr::Authenticate(pam, flags, argc, argv);
}

__attribute__((visibility("default"))) int pam_sm_setcred(pam_handle_t* /*pam*/, int /*flags*/,
                                                          int /*argc*/, const char** /*argv*/) {
  return PAM_IGNORE;
}

__attribute__((visibility("default"))) int pam_sm_acct_mgmt(pam_handle_t* pam, int flags, int argc,
                                                            const char** argv) {
  return sspr::CheckAccount(pam, flags, argc, argv);
}

__attribute__((visibility("default"))) int pam_sm_chauthtok(pam_handle_t* pam, int flags, int argc,
                                                            const char** argv) {
  return sspr::ChangePassword(pam, flags, argc, argv);
}

__attribute__((visibility("default"))) int pam_sm_open_session(pam_handle_t* pam, int flags,
                                                               int argc, const char** argv) {
  return sspr::Remind(pam, flags, argc, argv);
}

__attribute__((visibility("default"))) int pam_sm_close_session(pam_handle_t* /*pam*/,
                                                                int /*flags*/, int /*argc*/,
                                                                const char** /*argv*/) {
  return PAM_IGNORE;
}
}
