// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/setpw/event_log.h"

#include <windows.h>

#include <string>

#include "credprov_win/machine/windows_event.h"

namespace sspr::setpw {
namespace {

WORD KindOf(Event event) {
  switch (event) {
    case Event::kInternal:
      return EVENTLOG_ERROR_TYPE;
    case Event::kPermitRefused:
    case Event::kNotSet:
    case Event::kBrokenProtocol:
    case Event::kBesideTheChange:
      return EVENTLOG_WARNING_TYPE;
    case Event::kPrepareRefused:
    case Event::kProposed:
    case Event::kProposalRejected:
    case Event::kPasswordSet:
    case Event::kUnlocked:
      break;
  }
  return EVENTLOG_INFORMATION_TYPE;
}

const char* SentenceOf(Event event) {
  switch (event) {
    case Event::kPrepareRefused:
      return "this account is not reset here";
    case Event::kProposed:
      return "a new password obeys the rules of this computer";
    case Event::kProposalRejected:
      return "a new password was refused by the rules of this computer";
    case Event::kPermitRefused:
      return "refused a permit, nothing was changed";
    case Event::kPasswordSet:
      return "the password of an account of this computer was set";
    case Event::kNotSet:
      return "the service has set the new password, this computer has not: the reset is to be "
             "begun "
             "again";
    case Event::kBrokenProtocol:
      return "the caller broke the protocol, the connection was closed";
    case Event::kBesideTheChange:
      return "the password was set, but something beside it failed";
    case Event::kInternal:
      return "cannot work";
    case Event::kUnlocked:
      return "the failed logons of an account were forgotten, its password is as it was";
  }
  return "";
}

}  // namespace

void LogEvent(Event event, std::string_view detail) {
  WriteWindowsEvent(KindOf(event), static_cast<DWORD>(event),
                    std::string(SentenceOf(event)) + ": " + std::string(detail));
}

}  // namespace sspr::setpw
