// SPDX-License-Identifier: Apache-2.0
// What the old password of an account protects on this machine, from the point of view of a reset:
// found before the new password is asked, made anew where the old password is remembered, put aside
// where it is not. Everything happens in a child process that is the user (user_child.h), because
// the folders are the user's. A failure here never stops a reset of the password itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/secret.h"
#include "pam_module/setpw/journal_entry.h"
#include "pam_module/setpw/secret_files.h"

namespace sspr::setpw {

class SecretKeeper {
 public:
  // etc: the folder of passwd.
  explicit SecretKeeper(std::string etc) : etc_(std::move(etc)) {}

  // Where the homes of the accounts of these uids are, for the sandbox: their parent folders, once
  // each, never / itself.
  std::vector<std::string> HomeFolders(uid_t min_uid, uid_t max_uid) const;

  OldSecrets Find(const std::string& account, uid_t uid) const;
  OldSecrets OpenedBy(const std::string& account, uid_t uid, const Secret& password) const;
  // kPolicy: the new password is too long for eCryptfs. kInternal: nothing is made anew.
  Status Stage(const JournalEntry& entry, const Secret& old_password,
               const Secret& new_password) const;
  void Drop(const JournalEntry& entry) const;
  SettledSecrets Settle(const JournalEntry& entry) const;

 private:
  struct Owner;
  std::optional<Owner> OwnerOf(const std::string& account, uid_t uid) const;

  std::string etc_;
};

}  // namespace sspr::setpw
