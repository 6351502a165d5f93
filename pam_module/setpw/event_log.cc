// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/event_log.h"

#include <syslog.h>

#include "common/base/text.h"

namespace sspr::setpw {
namespace {

int PriorityOf(Event event) noexcept {
  switch (event) {
    case Event::kBadConfiguration:
    case Event::kNotConfined:
    case Event::kInternal:
      return LOG_ERR;
    case Event::kPeerRefused:
    case Event::kPermitRefused:
    case Event::kQuarantined:
    case Event::kBrokenProtocol:
    case Event::kAccountFiles:
    case Event::kDeferred:
    case Event::kOldSecretsFailed:
      return LOG_WARNING;
    case Event::kPrepareRefused:
    case Event::kProposed:
    case Event::kProposalRejected:
    case Event::kPasswordSet:
    case Event::kUnlocked:
    case Event::kVoided:
    case Event::kOldSecretsSettled:
      return LOG_NOTICE;
  }
  return LOG_ERR;
}

}  // namespace

const char* IdOf(Event event) noexcept {
  switch (event) {
    case Event::kBadConfiguration:
      return "SSPR-S001";
    case Event::kPeerRefused:
      return "SSPR-S002";
    case Event::kPrepareRefused:
      return "SSPR-S003";
    case Event::kProposed:
      return "SSPR-S004";
    case Event::kProposalRejected:
      return "SSPR-S005";
    case Event::kPermitRefused:
      return "SSPR-S006";
    case Event::kPasswordSet:
      return "SSPR-S007";
    case Event::kVoided:
      return "SSPR-S008";
    case Event::kDeferred:
      return "SSPR-S009";
    case Event::kQuarantined:
      return "SSPR-S010";
    case Event::kBrokenProtocol:
      return "SSPR-S011";
    case Event::kAccountFiles:
      return "SSPR-S012";
    case Event::kInternal:
      return "SSPR-S013";
    case Event::kNotConfined:
      return "SSPR-S014";
    case Event::kUnlocked:
      return "SSPR-S020";
    case Event::kOldSecretsSettled:
      return "SSPR-S015";
    case Event::kOldSecretsFailed:
      return "SSPR-S016";
  }
  return "SSPR-S000";
}

const char* SentenceOf(Event event) noexcept {
  switch (event) {
    case Event::kBadConfiguration:
      return "every request is refused until the configuration is corrected";
    case Event::kPeerRefused:
      return "refused a caller that is neither root nor the user of sspr-flow";
    case Event::kPrepareRefused:
      return "this account is not reset here";
    case Event::kProposed:
      return "a new password obeys the rules, its hash is in the journal";
    case Event::kProposalRejected:
      return "a new password was refused by the rules of this machine";
    case Event::kPermitRefused:
      return "refused a permit, nothing was changed";
    case Event::kPasswordSet:
      return "the local password was set";
    case Event::kVoided:
      return "a transaction was given up, nothing was changed";
    case Event::kDeferred:
      return "a change could not be made now and will be finished later";
    case Event::kQuarantined:
      return "a journal entry was torn, changed or made on another machine; it was put aside and "
             "the file ending in .bad can be removed";
    case Event::kBrokenProtocol:
      return "the caller broke the protocol, the connection was closed";
    case Event::kAccountFiles:
      return "about the account files";
    case Event::kInternal:
      return "cannot work";
    case Event::kUnlocked:
      return "the failed logins of an account were forgotten, its password is as it was";
    case Event::kNotConfined:
      return "a protection of the process could not be switched on, nothing was served";
    case Event::kOldSecretsSettled:
      return "what the old password locked was looked after";
    case Event::kOldSecretsFailed:
      return "what the old password locks could not be looked after; look at the home folder";
  }
  return "";
}

void OpenEventLog() { openlog("sspr-setpw", LOG_PID | LOG_NDELAY, LOG_AUTHPRIV); }

void LogEvent(Event event, std::string_view detail) {
  char shown[kMaxTextBytes];
  const std::size_t size = FilterForDisplay(detail, Lines::kOne, shown);
  syslog(LOG_AUTHPRIV | PriorityOf(event), "%s %s: %.*s", IdOf(event), SentenceOf(event),
         static_cast<int>(size), shown);
}

}  // namespace sspr::setpw
