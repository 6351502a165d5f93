// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/phases.h"

#include <security/pam_ext.h>
#include <syslog.h>
#include <unistd.h>

#include "pam_module/module/speaker.h"
#include "pam_module/module/transaction.h"
#include "pam_module/module/verdict.h"

namespace sspr {
namespace {

// passwd is where people change passwords; it offers no reset to who has forgotten one.
constexpr std::string_view kPasswordServices = "passwd";

// One call of the host's in one of the phases.
class Phase {
 public:
  Phase(pam_handle_t* pam, int flags, const Options& options, const Secret& user) noexcept
      : pam_(pam),
        options_(options),
        user_(user),
        profile_(ProfileFor(options, Item(pam, PAM_SERVICE))),
        conversation_(pam, flags, profile_.columns),
        speaker_(conversation_, profile_) {}

  CheckFinding Ask(CheckPurpose purpose) noexcept {
    const CheckFinding finding = verdict_.Ask(options_, purpose, Item(pam_, PAM_SERVICE), user_);
    if (finding == CheckFinding::kUnknown) {
      pam_syslog(pam_, LOG_WARNING,
                 "SSPR-P007 the service was not asked, or did not answer within %d ms: %s",
                 static_cast<int>(options_.limit.count()),
                 purpose == CheckPurpose::kSession ? "nobody is reminded"
                 : options_.closed                 ? "refused (unreachable=closed)"
                                                   : "gone on without (unreachable=open)");
    }
    return finding;
  }

  void SayVerdict(Tone tone) noexcept {
    if (!verdict_.text().empty()) speaker_.SayAtOnce(tone, verdict_.text());
  }
  void Say(Tone tone, ModuleText text) noexcept {
    speaker_.SayAtOnce(tone, Text(text, options_.language));
  }
  // Where messages are shown one at a time, or the last one only: with the first question.
  void SayVerdictFirst() noexcept {
    if (!verdict_.text().empty()) speaker_.Say(Tone::kInfo, verdict_.text());
  }
  void Shown() noexcept { verdict_.Shown(); }

  // The password module asked just now: what it got may still be in the field of the screen.
  void PasswordWasTyped() noexcept {
    const std::string_view token = Item(pam_, PAM_AUTHTOK);
    if (!token.empty()) speaker_.Typed(token);
  }

  // What follows from nobody having answered.
  bool MayGoOnUnasked() noexcept {
    if (!options_.closed) return true;
    Say(Tone::kError, ModuleText::kCannotAskService);
    return false;
  }

  // Sets a new password, which becomes the token.
  bool SetPassword() noexcept {
    if (UserChanged(pam_, user_)) return false;
    // Why it is asked for was not said by the account stack: see there.
    if (profile_.joins_messages && IsMarked(pam_, kMarkDemanded)) {
      speaker_.Say(Tone::kInfo, Text(ModuleText::kDemanded, options_.language));
    }
    const ResetRequest request{Item(pam_, PAM_SERVICE), user_.Reveal(), Item(pam_, PAM_TTY), {}};
    Secret set;
    const ResetEnd end = RunReset(options_, request, speaker_, set);
    LogEnd(pam_, options_, end);
    if (end != ResetEnd::kPasswordSet || UserChanged(pam_, user_)) return false;
    Mark(pam_, kMarkSet);
    pam_set_item(pam_, PAM_AUTHTOK, set.RevealTerminated());
    return true;
  }

  const Profile& profile() const noexcept { return profile_; }

 private:
  pam_handle_t* pam_;
  const Options& options_;
  const Secret& user_;
  const Profile& profile_;
  Conversation conversation_;
  Speaker speaker_;
  Verdict verdict_;
};

// Whether anything is to be done for this user at this place.
bool Concerns(pam_handle_t* pam, const Options& options, const Secret& user,
              std::string_view more_services) noexcept {
  const Place place = PlaceOf(pam);
  const char* reason = nullptr;
  if (!IsListed(more_services, place.service) || IsListed(options.services.denied, place.service)) {
    reason = ReasonAgainstPlace(options, place);
  } else if (place.remote) {
    reason = "the login is remote";
  }
  if (reason == nullptr) reason = ReasonAgainstUser(pam, options, user);
  if (reason != nullptr) LogNoOffer(pam, options, reason);
  return reason == nullptr;
}

int FirstRound(pam_handle_t* pam, Phase& phase) noexcept {
  // Once known, it stays so for the transaction: hosts try more than once.
  if (IsMarked(pam, kMarkDemanded) || IsMarked(pam, kMarkManaged)) {
    return Mark(pam, kMarkManaged) ? PAM_SUCCESS : PAM_AUTHTOK_ERR;
  }
  switch (phase.Ask(CheckPurpose::kPassword)) {
    case CheckFinding::kManaged:
      phase.SayVerdict(Tone::kInfo);
      return Mark(pam, kMarkManaged) ? PAM_SUCCESS : PAM_IGNORE;
    case CheckFinding::kUnready:
      phase.SayVerdict(Tone::kInfo);
      return PAM_IGNORE;
    case CheckFinding::kUnknown:
      if (!phase.MayGoOnUnasked()) return PAM_TRY_AGAIN;
      phase.Say(Tone::kInfo, ModuleText::kOnlyHere);
      return PAM_IGNORE;
    case CheckFinding::kNothing:
    case CheckFinding::kReset:
    case CheckFinding::kBlock:
    case CheckFinding::kReminder:
      return PAM_IGNORE;
  }
  return PAM_IGNORE;
}

// As pam_unix would, which is told by use_authtok that somebody did: libpam's own words, typed
// twice, three tries.
void AskNewPassword(pam_handle_t* pam) noexcept {
  constexpr int kTries = 3;
  const char* token = nullptr;
  for (int i = 0; i < kTries; ++i) {
    if (pam_get_authtok(pam, PAM_AUTHTOK, &token, nullptr) != PAM_TRY_AGAIN) return;
  }
}

}  // namespace

int CheckAccount(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept {
  Options options;
  Secret user;
  if (!Prepare(pam, argc, argv, options, user) || !Concerns(pam, options, user, {})) {
    return PAM_IGNORE;
  }
  Phase phase(pam, flags, options, user);
  // Where no password can be changed behind the authentication, that is where it was asked.
  if (!phase.profile().changes_passwords || IsMarked(pam, kMarkSet)) return PAM_IGNORE;
  switch (phase.Ask(CheckPurpose::kAccount)) {
    case CheckFinding::kReset:
      // Others lose what is said before the next question: it is said when that is asked.
      if (!phase.profile().joins_messages) phase.SayVerdict(Tone::kInfo);
      return Mark(pam, kMarkDemanded) ? PAM_NEW_AUTHTOK_REQD : PAM_PERM_DENIED;
    case CheckFinding::kBlock:
      phase.SayVerdict(Tone::kError);
      return PAM_PERM_DENIED;
    case CheckFinding::kUnknown:
      return phase.MayGoOnUnasked() ? PAM_IGNORE : PAM_PERM_DENIED;
    case CheckFinding::kNothing:
    case CheckFinding::kManaged:
    case CheckFinding::kUnready:
    case CheckFinding::kReminder:
      return PAM_IGNORE;
  }
  return PAM_IGNORE;
}

int DemandWithinAuthentication(pam_handle_t* pam, int flags, const Options& options,
                               const Secret& user) noexcept {
  if (!Concerns(pam, options, user, {})) return PAM_IGNORE;
  Phase phase(pam, flags, options, user);
  if (phase.profile().changes_passwords || IsMarked(pam, kMarkSet)) return PAM_IGNORE;
  switch (phase.Ask(CheckPurpose::kAccount)) {
    case CheckFinding::kReset:
      if (phase.profile().one_answer) {
        phase.Say(Tone::kError, ModuleText::kCannotAskHere);
        return options.closed ? PAM_PERM_DENIED : PAM_IGNORE;
      }
      phase.PasswordWasTyped();
      phase.SayVerdictFirst();
      return phase.SetPassword() ? PAM_IGNORE : PAM_PERM_DENIED;
    case CheckFinding::kBlock:
      phase.SayVerdict(Tone::kError);
      return PAM_PERM_DENIED;
    case CheckFinding::kUnknown:
      return phase.MayGoOnUnasked() ? PAM_IGNORE : PAM_PERM_DENIED;
    case CheckFinding::kNothing:
    case CheckFinding::kManaged:
    case CheckFinding::kUnready:
    case CheckFinding::kReminder:
      return PAM_IGNORE;
  }
  return PAM_IGNORE;
}

int ChangePassword(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept {
  Options options;
  Secret user;
  if (!Prepare(pam, argc, argv, options, user)) return PAM_IGNORE;
  if ((flags & PAM_UPDATE_AUTHTOK) != 0) {
    // What the first round said, libpam goes by in the second: an "ignore" here would be a success.
    if (IsMarked(pam, kMarkManaged)) {
      return Phase(pam, flags, options, user).SetPassword() ? PAM_SUCCESS : PAM_AUTHTOK_ERR;
    }
    if (options.asks_new) AskNewPassword(pam);
    return PAM_IGNORE;
  }
  // An administrator sets the password of this machine, and knows it.
  const bool by_root = getuid() == 0 && (flags & PAM_CHANGE_EXPIRED_AUTHTOK) == 0;
  if (by_root || !Concerns(pam, options, user, kPasswordServices)) return PAM_IGNORE;
  Phase phase(pam, flags, options, user);
  return FirstRound(pam, phase);
}

int Remind(pam_handle_t* pam, int flags, int argc, const char** argv) noexcept {
  Options options;
  Secret user;
  const bool interactive = (flags & PAM_SILENT) == 0 && !Item(pam, PAM_TTY).empty();
  if (!interactive || !Prepare(pam, argc, argv, options, user)) return PAM_IGNORE;
  if (!ProfileFor(options, Item(pam, PAM_SERVICE)).shows_reminders) return PAM_IGNORE;
  if (!Concerns(pam, options, user, {})) return PAM_IGNORE;
  Phase phase(pam, flags, options, user);
  if (phase.Ask(CheckPurpose::kSession) != CheckFinding::kReminder) return PAM_IGNORE;
  phase.SayVerdict(Tone::kInfo);
  phase.Shown();
  return PAM_IGNORE;
}

}  // namespace sspr
