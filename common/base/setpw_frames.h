// SPDX-License-Identifier: Apache-2.0
// The fields of the frames between sspr-flow and sspr-setpw (docs/frames.md has the order):
//
//   kListPending                                      -> kPending  count u8, count * transaction 16
//   kResolve   transaction 16, Verdict u8, [permit]   -> kResolved transaction 16, Resolution u8
//   kPrepare   account string, [1]                    -> kReady    device 32, nonce 32, Locked u8,
//                                                                 OldSecrets u8
//                                                      | kRefused  RefusalReason u8
//   kRemember  old password (rest)                    -> kRemembered OldSecrets u8: which it opens
//   kPropose   transaction 16, password (rest)        -> kProposed commitment 32
//                                                      | kRejected RejectionReason u8, detail
//                                                      string
//   kCommit    permit 256                             -> kCommitted relocked, aside, failed:
//                                                                   OldSecrets u8 each
//                                                      | kFailed FailureReason u8
//   kAbort                                            -> kAborted
//   kUnlock    permit 256                             -> kCommitted | kFailed FailureReason u8
//
// kUnlock, right behind kReady, clears what is locked and leaves the password as it is. The 1: it
// may be an account of a directory, which can be unlocked (or kAbort) and nothing else.
//
// The permit follows a Verdict only when that is kSucceeded. A rejected password may be followed by
// another kPropose; an accepted one by kCommit, kAbort, or (the service refused it) another
// kPropose. kRemember may come between kReady and the first kPropose, several times; the last
// password that opens something counts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sspr {

inline constexpr std::size_t kTransactionIdBytes = 16;
inline constexpr std::size_t kDeviceIdBytes = 32;
inline constexpr std::size_t kNonceBytes = 32;
inline constexpr std::size_t kCommitmentBytes = 32;
inline constexpr std::size_t kPermitBytes = 256;
inline constexpr std::size_t kMaxPendingListed = 32;

// What the service said about a transaction that was left open.
enum class Verdict : std::uint8_t { kFailed = 0, kUnknown = 1, kSucceeded = 2 };

enum class Resolution : std::uint8_t {
  kVoided = 0,     // nothing was changed, and nothing will be
  kCompleted = 1,  // the local password is now the one that the service holds
  kKept = 2,       // still open: ask again later
};

enum class RefusalReason : std::uint8_t {
  kNotLocal = 0,      // no account of this machine's own files: the directory alone is changed
  kNotPermitted = 1,  // root, a system account, a denied group, locked by the administrator
  kBusy = 2,          // another reset of this account is under way
  kNotEnrolled = 3,   // this machine holds no verifying key of the service
  kInternal = 4,      // files cannot be read or written; the journal of the machine says more
  kReadOnly = 5,      // the account files are on a read-only disk: no local password can be set
};

enum class RejectionReason : std::uint8_t {
  kTooLong = 0,
  kNotTypable = 1,  // not UTF-8, not NFC, control characters
  kTooWeak = 2,     // detail: the sentence of the machine's quality rules
  kUsedBefore = 3,
  kInternal = 4,
};

enum class FailureReason : std::uint8_t {
  kBadPermit = 0,  // forged, foreign, expired, used: nothing was changed
  kChanged = 1,    // the account changed meanwhile: nothing was changed by us
  kLocked = 2,     // the password files stayed locked: will be finished later
  kInternal = 3,   // will be finished later
};

// What the old password protects beside the login, as a set.
enum OldSecrets : std::uint8_t {
  kNoSecrets = 0,
  kSecretGnomeKeyring = 1,
  kSecretKWallet = 2,
  kSecretEcryptfs = 4,  // the mount passphrase of an encrypted home
  kSecretFscrypt = 8,   // a login protector of an encrypted home
};
inline constexpr unsigned kAllSecrets =
    kSecretGnomeKeyring | kSecretKWallet | kSecretEcryptfs | kSecretFscrypt;

// What became of them once the password was set.
struct SettledSecrets {
  OldSecrets relocked = kNoSecrets;  // the new password opens them
  OldSecrets aside = kNoSecrets;     // renamed; the old password opens them
  OldSecrets failed = kNoSecrets;    // as they were, in their place
};

}  // namespace sspr
