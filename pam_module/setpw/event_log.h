// SPDX-License-Identifier: Apache-2.0
// What sspr-setpw tells the machine's log (syslog, LOG_AUTHPRIV): a stable id, a sentence, a
// detail. Never a password, a hash or a permit; names only once they are known to be carriable.
#pragma once

#include <string_view>

namespace sspr::setpw {

enum class Event {
  kBadConfiguration,  // SSPR-S001: every request is refused until the named line is corrected
  kPeerRefused,       // SSPR-S002: a process of another user called
  kPrepareRefused,    // SSPR-S003: this account is not reset here
  kProposed,          // SSPR-S004: a new password obeys the rules; its hash is in the journal
  kProposalRejected,  // SSPR-S005: a new password was refused by the machine's rules
  kPermitRefused,     // SSPR-S006: forged, foreign, expired or used; nothing was changed
  kPasswordSet,       // SSPR-S007: the local password was set
  kVoided,            // SSPR-S008: a transaction was given up; nothing was changed
  kDeferred,          // SSPR-S009: to be finished later
  kQuarantined,       // SSPR-S010: a journal entry was torn, changed or made elsewhere
  kBrokenProtocol,    // SSPR-S011: the caller sent what is not legal now; the connection was closed
  kAccountFiles,      // SSPR-S012: something beside the change itself failed
  kInternal,          // SSPR-S013: our own fault or the machine's
  kUnlocked,          // SSPR-S020: failed logins were forgotten; the password is as it was
  kNotConfined,       // SSPR-S014: a protection could not be switched on; nothing was served
  kOldSecretsSettled,  // SSPR-S015: what the old password locked was locked anew or put aside
  kOldSecretsFailed,   // SSPR-S016: it could not be looked at, locked anew or put aside
};

// "SSPR-S007"
const char* IdOf(Event event) noexcept;
// What happened and what to do, for the administrator.
const char* SentenceOf(Event event) noexcept;

// Connects to the log early, because the sandbox and a closed file system come later.
void OpenEventLog();
void LogEvent(Event event, std::string_view detail);

}  // namespace sspr::setpw
