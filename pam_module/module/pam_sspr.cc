// SPDX-License-Identifier: Apache-2.0
// pam_sspr.so: "Forgot password?" in a PAM stack. Returns PAM_IGNORE on every path and at most
// replaces PAM_AUTHTOK; the stack around it decides who gets in. In a normal login it asks one
// question and opens nothing: no file, no socket, no look-up of names, no allocation of its own.
// docs/pam-stack.md has the stacks it belongs into and the words on its line.
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <string.h>
#include <syslog.h>

#include "common/base/text.h"
#include "pam_module/module/audience.h"
#include "pam_module/module/conversation.h"
#include "pam_module/module/options.h"
#include "pam_module/module/reset.h"
#include "pam_module/module/speaker.h"

namespace sspr {
namespace {

// The name under which a PAM transaction remembers that it had its one reset.
constexpr char kResetDone[] = "sspr_reset_done";

std::string_view Item(pam_handle_t* pam, int type) noexcept {
  const void* item = nullptr;
  if (pam_get_item(pam, type, &item) != PAM_SUCCESS || item == nullptr) return {};
  return static_cast<const char*>(item);
}

void LogBadOption(pam_handle_t* pam, const char* word) noexcept {
  char shown[128];
  const std::size_t size =
      FilterForDisplay(word, Lines::kOne, std::span<char>(shown, sizeof shown - 1));
  shown[size] = '\0';
  const std::string_view service = Item(pam, PAM_SERVICE);
  pam_syslog(
      pam, LOG_ERR,
      "SSPR-P001 unknown or malformed option '%s' for pam_sspr.so in the PAM service '%.*s': "
      "no password reset is offered until it is corrected, see docs/pam-stack.md",
      shown, static_cast<int>(service.size()), service.data());
}

void LogEnd(pam_handle_t* pam, const Options& options, ResetEnd end) noexcept {
  switch (end) {
    case ResetEnd::kPasswordSet:
    case ResetEnd::kNotChanged:
      return;  // sspr-flow has said more than we know
    case ResetEnd::kNotAvailable:
      pam_syslog(pam, LOG_ERR,
                 "SSPR-P004 no password reset: nobody, or nobody to be trusted, answers at %s; "
                 "start sspr-flow.socket",
                 options.socket);
      return;
    case ResetEnd::kNoAnswer:
      pam_syslog(pam, LOG_ERR, "SSPR-P005 no password reset: sspr-flow did not answer in time");
      return;
    case ResetEnd::kStopped:
      pam_syslog(pam, LOG_ERR,
                 "SSPR-P006 a password reset stopped: sspr-flow ended or broke the protocol; its "
                 "own messages say why");
      return;
  }
}

bool HadReset(pam_handle_t* pam) noexcept {
  const void* done = nullptr;
  return pam_get_data(pam, kResetDone, &done) == PAM_SUCCESS;
}

Place PlaceOf(pam_handle_t* pam) noexcept {
  return {Item(pam, PAM_SERVICE), Item(pam, PAM_TTY), !Item(pam, PAM_RHOST).empty()};
}

void LogNoOffer(pam_handle_t* pam, const Options& options, const char* reason) noexcept {
  if (options.debug) pam_syslog(pam, LOG_DEBUG, "SSPR-P003 no reset is offered: %s", reason);
}

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

  bool UserChanged() noexcept {
    if (Item(pam_, PAM_USER) == user_.Reveal()) return false;
    pam_syslog(pam_, LOG_ERR,
               "SSPR-P002 the user changed during the conversation: nothing is handed on");
    return true;
  }

  // True when a password was set. Only the one of the user who logs in becomes the token.
  bool Reset(const Secret& whose, std::string_view trigger) noexcept {
    if (UserChanged()) return false;
    static constexpr char kMark = 0;
    // The flag is a constant; nothing of ours outlives the call.
    if (pam_set_data(pam_, kResetDone, const_cast<char*>(&kMark), nullptr) != PAM_SUCCESS) {
      return false;
    }
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
    if (&whose == &user_ && !UserChanged())
      pam_set_item(pam_, PAM_AUTHTOK, new_password.RevealTerminated());
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
  if (reason == nullptr && HadReset(pam)) reason = "there was a reset already";
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
      return;
  }
}

void Authenticate(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept {
  Options options;
  const int bad = ParseOptions(argc, argv, options);
  if (bad >= 0) {
    LogBadOption(pam, argv[bad]);
    return;
  }
  const char* name = nullptr;
  Secret user;
  if (pam_get_user(pam, &name, nullptr) != PAM_SUCCESS || name == nullptr || name[0] == '\0' ||
      !user.Append(name)) {
    return;
  }
  Begin(pam, flags, options, user);
}

}  // namespace
}  // namespace sspr

extern "C" {

__attribute__((visibility("default"))) int pam_sm_authenticate(pam_handle_t* pam, int flags,
                                                               int argc, const char** argv) {
  sspr::Authenticate(pam, flags, argc, argv);
  return PAM_IGNORE;
}

__attribute__((visibility("default"))) int pam_sm_setcred(pam_handle_t* /*pam*/, int /*flags*/,
                                                          int /*argc*/, const char** /*argv*/) {
  return PAM_IGNORE;
}
}
