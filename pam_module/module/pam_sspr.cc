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
#include "pam_module/module/conversation.h"
#include "pam_module/module/options.h"
#include "pam_module/module/reset.h"

namespace sspr {
namespace {

// The name under which a PAM transaction remembers that it had its one reset.
constexpr char kResetDone[] = "sspr_reset_done";

std::string_view Item(pam_handle_t* pam, int type) noexcept {
  const void* item = nullptr;
  if (pam_get_item(pam, type, &item) != PAM_SUCCESS || item == nullptr) return {};
  return static_cast<const char*>(item);
}

// What a text console shows in one line; greeters and lockers wrap for themselves.
std::size_t ColumnsOf(std::string_view service) noexcept {
  const bool console =
      service == "login" || service == "vlock" || service == "su" || service == "su-l";
  return console ? 79 : 0;
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

// Why no reset is offered in this transaction, or null when it is.
const char* ReasonNotToOffer(pam_handle_t* pam, const Options& options,
                             std::string_view user) noexcept {
  const void* done = nullptr;
  if (!Item(pam, PAM_RHOST).empty()) return "the login is remote";
  if (!OffersReset(options, Item(pam, PAM_SERVICE))) return "the PAM service is not listed";
  if (user == "root") return "root is never reset";
  if (pam_get_data(pam, kResetDone, &done) == PAM_SUCCESS) return "there was a reset already";
  return nullptr;
}

// One login attempt in which a reset may be asked for.
class Attempt {
 public:
  // user: a copy, because the host may replace its own while it talks to the person.
  Attempt(pam_handle_t* pam, int flags, const Options& options, const Secret& user) noexcept
      : pam_(pam),
        options_(options),
        user_(user.Reveal()),
        conversation_(pam, flags, ColumnsOf(Item(pam, PAM_SERVICE))) {}

  // trigger=prompt: our question instead of the password module's.
  void AskFirst() noexcept {
    if (HasToken()) return;
    const bool empty_triggers = EmptyTriggers(options_, Item(pam_, PAM_SERVICE));
    const ModuleText prompt =
        empty_triggers ? ModuleText::kPasswordPrompt : ModuleText::kPasswordWordPrompt;
    Secret answer;
    if (!Ask(Conversation::Echo::kOff, prompt, answer)) return;
    const std::string_view typed = answer.Reveal();
    if (typed.empty() ? empty_triggers : typed == "?" || typed == options_.word) {
      Reset(typed);
    } else {
      pam_set_item(pam_, PAM_AUTHTOK, answer.RevealTerminated());
    }
  }

  // trigger=failure: behind a password module that has just said no.
  void AskAfterFailure() noexcept {
    if (!HasToken()) return;
    Secret answer;
    if (!Ask(Conversation::Echo::kOn, ModuleText::kAfterFailurePrompt, answer)) return;
    // A front end that answers everything with the password or the name stays out of it here.
    for (const std::string_view yes : {"y", "Y", "yes", "j", "J", "ja"}) {
      if (answer.Reveal() == yes) return Reset({});
    }
  }

 private:
  bool HasToken() noexcept {
    const void* token = nullptr;
    return pam_get_item(pam_, PAM_AUTHTOK, &token) == PAM_SUCCESS && token != nullptr;
  }

  // False when the person left or typed what is too long for a password: the stack asks itself.
  bool Ask(Conversation::Echo echo, ModuleText prompt, Secret& answer) noexcept {
    return conversation_.Ask(echo, Text(prompt, options_.language), answer) ==
           Conversation::Reply::kAnswered;
  }

  bool UserChanged() noexcept {
    if (Item(pam_, PAM_USER) == user_) return false;
    pam_syslog(pam_, LOG_ERR,
               "SSPR-P002 the user changed during the conversation: nothing is handed on");
    return true;
  }

  void Reset(std::string_view trigger) noexcept {
    if (UserChanged()) return;
    static constexpr char kMark = 0;
    // The flag is a constant; nothing of ours outlives the call.
    if (pam_set_data(pam_, kResetDone, const_cast<char*>(&kMark), nullptr) != PAM_SUCCESS) return;
    const ResetRequest request{Item(pam_, PAM_SERVICE), user_, Item(pam_, PAM_TTY), trigger};
    Secret new_password;
    const ResetEnd end = RunReset(options_, request, conversation_, new_password);
    LogEnd(pam_, options_, end);
    if (end == ResetEnd::kPasswordSet && !UserChanged())
      pam_set_item(pam_, PAM_AUTHTOK, new_password.RevealTerminated());
  }

  pam_handle_t* pam_;
  const Options& options_;
  std::string_view user_;
  Conversation conversation_;
};

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
  if (const char* reason = ReasonNotToOffer(pam, options, user.Reveal())) {
    if (options.debug) pam_syslog(pam, LOG_DEBUG, "SSPR-P003 no reset is offered: %s", reason);
    return;
  }
  Attempt attempt(pam, flags, options, user);
  switch (options.trigger) {
    case Trigger::kPrompt:
      attempt.AskFirst();
      break;
    case Trigger::kFailure:
      attempt.AskAfterFailure();
      break;
  }
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
