// SPDX-License-Identifier: Apache-2.0
// Finishing what was begun: the commit step, which the normal way and every repetition after a kill
// or a power cut share, and the walk over the journal.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/setpw_frames.h"
#include "pam_module/setpw/account_writer.h"
#include "pam_module/setpw/journal.h"
#include "pam_module/setpw/old_secrets.h"

namespace sspr::setpw {

// Without a verdict of the service for this long, a transaction is given up: the service itself
// answers for its transactions for 24 hours.
inline constexpr UnixSeconds kVerdictLimitSeconds = 24 * 3600;

// How long the password files may be locked by others: when somebody has to be told the outcome,
// and when a change that nobody waits for is looked at in passing.
inline constexpr std::chrono::seconds kCommitLockWait{30};
inline constexpr std::chrono::seconds kVisitLockWait{2};

class Recovery {
 public:
  // All must outlive the object. Without a keeper nothing in a home folder is touched.
  Recovery(Journal& journal, AccountWriter& accounts, const Clock& clock,
           const SecretKeeper* keeper = nullptr);

  // The commit step for an entry in state kCommitting: idempotent. Closes the entry unless the
  // outcome is kLocked or kFailed.
  SetOutcome Commit(const JournalEntry& entry, std::chrono::milliseconds lock_wait);
  // Gives a transaction up. kInternal when the entry could not be removed.
  Status Void(const JournalEntry& entry, std::string_view why);

  // Of the last Commit that set a password.
  const SettledSecrets& settled() const noexcept { return settled_; }

  struct Line {
    TransactionId transaction;
    std::string account;  // empty when the entry could not be opened
    enum class What {
      kCompleted,
      kVoided,
      kAwaitsVerdict,
      kAwaitsFiles,
      kInUse,
      kQuarantined
    } what;
  };
  // Visits every entry whose account is free: finishes committing ones, gives up expired ones,
  // puts unreadable ones aside. One line per entry, oldest first.
  std::vector<Line> Walk(std::chrono::milliseconds lock_wait);

 private:
  Line::What Visit(const JournalEntry& entry, std::chrono::milliseconds lock_wait);

  Journal& journal_;
  AccountWriter& accounts_;
  const Clock& clock_;
  const SecretKeeper* const keeper_;
  SettledSecrets settled_;
};

// True when somebody has to come back to the transaction.
bool IsOpen(Recovery::Line::What what) noexcept;
// "completed", "voided", ... for the output of --recover.
const char* Name(Recovery::Line::What what) noexcept;

}  // namespace sspr::setpw
