// SPDX-License-Identifier: Apache-2.0
// The seam to the machine's own accounts: who may be reset, and setting one hash. AccountFiles is
// the implementation over /etc; one contract suite runs on it and on the fake of the tests.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/base/setpw_frames.h"
#include "pam_module/setpw/hash_fingerprint.h"

namespace sspr::setpw {

// As long as crypt(3) makes them (CRYPT_OUTPUT_SIZE).
using CryptHash = SecretBuffer<384>;

struct LocalAccount {
  std::string name;
  uid_t uid = 0;
  CryptHash hash;  // the one that holds now
};

struct Refusal {
  RefusalReason reason;
  std::string detail;  // for the log
};

using Lookup = std::variant<LocalAccount, Refusal>;

// A change that was prepared while the account's hash was `old`.
struct HashChange {
  std::string_view account;
  uid_t uid = 0;
  HashFingerprint old;
  std::string_view new_hash;
  UnixSeconds decided_at = 0;              // the day of the change is never before this
  std::chrono::milliseconds lock_wait{0};  // how long another program may hold the password files
};

enum class SetOutcome {
  kSet,         // the new hash is in the file, synced and read back
  kAlreadySet,  // it was there before; synced
  kChanged,  // another password, uid or account holds now: nothing was changed, and never will be
  kLocked,   // another program holds the password files: try again later
  kFailed,   // files cannot be read or written: try again later
};

class AccountWriter {
 public:
  AccountWriter() = default;
  AccountWriter(const AccountWriter&) = delete;
  AccountWriter& operator=(const AccountWriter&) = delete;
  virtual ~AccountWriter() = default;

  // The account if it may be reset now, else why not.
  virtual Lookup Look(std::string_view account) = 0;

  // Everything that SetHash does short of the change itself, so that a full or read-only disk shows
  // before anything is sent. kTimedOut when the files are locked, kInternal otherwise.
  virtual Status Rehearse(const HashChange& change) = 0;

  // Sets the hash if the account is still the one the change was prepared for. May be repeated:
  // after kSet it answers kAlreadySet. Survives a kill at any point: the old or the new hash holds.
  virtual SetOutcome SetHash(const HashChange& change) = 0;

  // Why an account that Look found not to be local cannot be unlocked here as one of a directory
  // either; nothing when it can.
  virtual std::optional<Refusal> LookInDirectory(std::string_view account) = 0;

  // Whether failed logins keep the account out for now. False where that cannot be seen.
  virtual bool IsLockedOut(std::string_view account) = 0;
  // Forgets the failed logins; the password stays. kInternal when they are still there. uid:
  // nothing for an account of a directory.
  virtual Status ClearLockout(std::string_view account, std::optional<uid_t> uid) = 0;

  // Removes what a killed SetHash or Rehearse left behind; waits for the password files only where
  // there is something.
  virtual void RemoveLeftovers(std::chrono::milliseconds lock_wait) = 0;
};

}  // namespace sspr::setpw
