// SPDX-License-Identifier: Apache-2.0
// What a program that sets passwords can do for its one caller, step by step. It knows no frames:
// which step is legal when is the Dialogue's business, what a step may do is decided by the
// implementation (LocalReset on Linux, LocalReset on Windows).
//
// One thread, one caller. A step that does not succeed says why in the journal of the machine and
// hands back no more than the caller may know.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/secret.h"
#include "common/base/setpw_frames.h"
#include "common/permit/fixed_bytes.h"

namespace sspr::setpw {

struct ReadyToReset {
  DeviceId device;
  Nonce nonce;
  bool locked_out = false;    // by failed logins
  bool of_directory = false;  // it can be unlocked, and nothing else
  OldSecrets secrets = kNoSecrets;
};

struct Rejection {
  RejectionReason reason;
  std::string detail;  // a sentence for the person; may be empty
};

class ResetSteps {
 public:
  ResetSteps() = default;
  ResetSteps(const ResetSteps&) = delete;
  ResetSteps& operator=(const ResetSteps&) = delete;
  virtual ~ResetSteps() = default;

  // Transactions that wait for the service's verdict, oldest first, at most kMaxPendingListed.
  virtual std::vector<TransactionId> Pending() = 0;
  // permit: 256 bytes with kSucceeded, else empty. A transaction that nobody knows of is kVoided.
  virtual Resolution Resolve(const TransactionId& transaction, Verdict verdict,
                             std::string_view permit) = 0;

  // account: a carriable user name. What is refused may be asked for again, or another. With
  // or_directory an account of no file of this machine is made ready to be unlocked; where that
  // cannot be, it is kNotLocal as without.
  virtual std::variant<ReadyToReset, RefusalReason> Prepare(std::string_view account,
                                                            bool or_directory) = 0;

  // The following need a Prepare that succeeded, all but Unlock and Abort one of an account of this
  // machine.

  // Which of the account's old secrets the password opens; those are locked anew with the next
  // proposal. kNoSecrets: it opens none, and one that did before still counts. Nothing where the
  // system keeps no such secrets: then the caller had no business to ask.
  virtual std::optional<OldSecrets> Remember(const Secret& old_password) = 0;
  // A proposal replaces the one before it, also when it is rejected.
  virtual std::variant<Commitment, Rejection> Propose(const TransactionId& transaction,
                                                      const Secret& password) = 0;
  // Nothing: the password is set. Needs a proposal that was not rejected.
  virtual std::optional<FailureReason> Commit(std::string_view permit) = 0;
  // After a Commit that succeeded.
  virtual SettledSecrets settled() const = 0;
  // Nothing: failed logins are forgotten, the password is as it was. Needs no proposal.
  virtual std::optional<FailureReason> Unlock(std::string_view permit) = 0;
  // Takes the proposal back, if there is one. False when it may be there still.
  virtual bool Abort() = 0;
};

}  // namespace sspr::setpw
