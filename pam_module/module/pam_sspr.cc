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

void Reset(pam_handle_t* pam, const Options& options, std::string_view user,
           std::string_view trigger, Conversation& conversation) noexcept {
  static constexpr char kMark = 0;
  // The flag is a constant; nothing of ours outlives the call.
  if (pam_set_data(pam, kResetDone, const_cast<char*>(&kMark), nullptr) != PAM_SUCCESS) return;
  // The host may free its own copy of the name while it talks to the person.
  Secret name;
  if (!name.Append(user)) return;
  const ResetRequest request{Item(pam, PAM_SERVICE), name.Reveal(), Item(pam, PAM_TTY), trigger};
  Secret new_password;
  if (!RunReset(options, request, conversation, new_password)) return;
  if (Item(pam, PAM_USER) != name.Reveal()) {
    pam_syslog(pam, LOG_ERR, "SSPR-P002 the user changed during a reset: its password is not used");
    return;
  }
  pam_set_item(pam, PAM_AUTHTOK, new_password.RevealTerminated());
}

bool AsksForReset(const Options& options, std::string_view answer) noexcept {
  if (answer.empty()) return options.empty_triggers;
  return answer == "?" || answer == options.word;
}

// trigger=prompt: our question instead of the password module's.
void AskFirst(pam_handle_t* pam, const Options& options, std::string_view user,
              Conversation& conversation) noexcept {
  if (!Item(pam, PAM_AUTHTOK).empty()) return;
  const ModuleText prompt =
      options.empty_triggers ? ModuleText::kPasswordPrompt : ModuleText::kPasswordWordPrompt;
  Secret answer;
  if (!conversation.Ask(Conversation::Echo::kOff, Text(prompt, options.language), answer)) return;
  if (AsksForReset(options, answer.Reveal())) {
    Reset(pam, options, user, answer.Reveal(), conversation);
  } else {
    pam_set_item(pam, PAM_AUTHTOK, answer.RevealTerminated());
  }
}

bool IsYes(std::string_view answer) noexcept {
  for (const std::string_view yes : {"y", "Y", "yes", "j", "J", "ja"}) {
    if (answer == yes) return true;
  }
  return false;
}

// trigger=failure: behind a password module that has just said no.
void AskAfterFailure(pam_handle_t* pam, const Options& options, std::string_view user,
                     Conversation& conversation) noexcept {
  if (Item(pam, PAM_AUTHTOK).empty()) return;
  Secret answer;
  if (!conversation.Ask(Conversation::Echo::kOn,
                        Text(ModuleText::kAfterFailurePrompt, options.language), answer)) {
    return;
  }
  // A front end that answers everything with the password shows itself here.
  if (IsYes(answer.Reveal())) Reset(pam, options, user, {}, conversation);
}

void Authenticate(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept {
  Options options;
  const int bad = ParseOptions(argc, argv, options);
  if (bad >= 0) {
    LogBadOption(pam, argv[bad]);
    return;
  }
  const char* user = nullptr;
  if (pam_get_user(pam, &user, nullptr) != PAM_SUCCESS || user == nullptr || user[0] == '\0') {
    return;
  }
  if (const char* reason = ReasonNotToOffer(pam, options, user)) {
    if (options.debug) pam_syslog(pam, LOG_DEBUG, "SSPR-P003 no reset is offered: %s", reason);
    return;
  }
  Conversation conversation(pam, flags);
  switch (options.trigger) {
    case Trigger::kPrompt:
      AskFirst(pam, options, user, conversation);
      break;
    case Trigger::kFailure:
      AskAfterFailure(pam, options, user, conversation);
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
