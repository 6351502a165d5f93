// SPDX-License-Identifier: Apache-2.0
// One transaction of the journal, and its sealed form: AES-256-GCM (NIST SP 800-38D) under the
// machine's journal key. Header, device and machine id are authenticated, so an entry that was
// torn, changed, or carried to another machine is recognised and never applied.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/permit/fixed_bytes.h"
#include "pam_module/setpw/account_writer.h"
#include "pam_module/setpw/hash_fingerprint.h"

namespace sspr::setpw {

enum class EntryState : std::uint8_t {
  kProposed = 1,    // the rules hold; nothing may be changed before the service says it did
  kCommitting = 2,  // the permit was seen and is spent: the change will be made
};

struct JournalEntry {
  TransactionId transaction{};
  EntryState state = EntryState::kProposed;
  UnixSeconds created_at = 0;
  std::string account;
  uid_t uid = 0;
  HashFingerprint old{};
  Nonce nonce{};
  Commitment commitment{};
  CryptHash new_hash;
};

// Wiped: it is derived from nothing and opens all entries.
using JournalKey = SecretBuffer<33>;
inline constexpr std::size_t kJournalKeyBytes = 32;

// binding: what ties the entry to this machine. kInternal when libcrypto fails or a field does not
// fit.
Result<std::string> SealEntry(const JournalEntry& entry, const JournalKey& key,
                              std::string_view binding);

// kProtocol when the bytes are not what SealEntry made with the same key and binding.
Result<JournalEntry> OpenEntry(std::string_view sealed, const JournalKey& key,
                               std::string_view binding);

}  // namespace sspr::setpw
