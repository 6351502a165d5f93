// SPDX-License-Identifier: Apache-2.0
// The journal of open transactions: one sealed file each in <state>/journal, replaced atomically
// and synced with its folder before a call returns. An entry belongs to whoever holds the
// AccountLock of its uid; only that process changes or removes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "pam_module/setpw/folder_files.h"
#include "pam_module/setpw/journal_entry.h"

namespace sspr::setpw {

// More open transactions than this are nobody's honest work.
inline constexpr std::size_t kMaxOpenEntries = 256;

class Journal {
 public:
  // Creates folder and key on first use. binding: what ties entries to this machine. kInternal when
  // the state folder is missing or others may write to it, or the key cannot be read.
  static Result<Journal> Open(const std::string& state_folder, std::string binding);

  // Creates or replaces the transaction's entry. kPolicy when kMaxOpenEntries are there.
  Status Write(const JournalEntry& entry);
  // No error when it is not there.
  Status Remove(const TransactionId& transaction);
  // kUnreachable when it is not there, kInternal when the disk fails, kProtocol when it is not what
  // Write made on this machine.
  Result<JournalEntry> Read(const TransactionId& transaction) const;
  // Of all that carry an entry's name, readable or not; in no order.
  std::vector<TransactionId> Transactions() const;

  // Renames an entry that cannot be opened to <transaction>.bad, where nothing looks at it.
  Status Quarantine(const TransactionId& transaction);
  // Removes what killed writers left behind.
  void RemoveLeftovers();

  const Folder& State() const noexcept { return state_; }

 private:
  Journal(Folder state, Folder entries, JournalKey key, std::string binding);
  static Result<JournalKey> LoadOrMakeKey(const Folder& state);

  Folder state_;
  Folder entries_;
  JournalKey key_;
  std::string binding_;
};

}  // namespace sspr::setpw
