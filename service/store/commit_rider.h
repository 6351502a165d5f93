// SPDX-License-Identifier: Apache-2.0
// What goes down with a transaction of somebody else: the audit rides on the transaction of the
// decision that it tells of, so that a reset costs no commit more and neither is ever there alone.
#pragma once

#include <soci/session.h>

namespace sspr::service {

class CommitRider {
 public:
  virtual ~CommitRider() = default;

  // True when this thread has something that waits for a transaction.
  virtual bool Waits() const = 0;
  // Behind the work of the transaction, right before its COMMIT. May be called again for the same
  // things when Alight said that it did not come to one. Throws to have it rolled back.
  virtual void Board(soci::session& sql) = 0;
  // After each Board that did not throw: whether the transaction was committed.
  virtual void Alight(bool committed) noexcept = 0;
  // The work of this thread's transaction was undone, and may be done again: so may what it had
  // waiting.
  virtual void Forget() = 0;
};

}  // namespace sspr::service
