// SPDX-License-Identifier: Apache-2.0
// The accounts of the files of one etc folder: passwd, shadow and group, with the lock that all
// programs of the machine share, the password history and the count of failed logins.
#pragma once

#include <functional>
#include <string>

#include "common/base/clock.h"
#include "pam_module/setpw/account_writer.h"
#include "pam_module/setpw/eligibility.h"
#include "pam_module/setpw/failure_tally.h"
#include "pam_module/setpw/folder_files.h"
#include "pam_module/setpw/machine_policy.h"
#include "pam_module/setpw/password_file_lock.h"

namespace sspr::setpw {

class AccountFiles : public AccountWriter {
 public:
  struct Settings {
    std::string etc = "/etc";
    AccountLimits limits;
    MachinePolicy policy;  // for the history
    std::string tally_folder;
    FailureLimits failure_limits;
    // Told what went wrong beside the change itself, and why a change was given up.
    std::function<void(const std::string&)> note;
  };

  AccountFiles(Settings settings, const Clock& clock);

  Lookup Look(std::string_view account) override;
  Status Rehearse(const HashChange& change) override;
  SetOutcome SetHash(const HashChange& change) override;
  std::optional<Refusal> LookInDirectory(std::string_view account) override;
  bool IsLockedOut(std::string_view account) override;
  Status ClearLockout(std::string_view account, std::optional<uid_t> uid) override;
  void RemoveLeftovers(std::chrono::milliseconds lock_wait) override;

 private:
  struct Texts;
  Result<Texts> ReadTexts(const Folder& etc) const;
  SetOutcome SetLocked(const Folder& etc, const HashChange& change);
  Status Remember(const HashChange& change, std::string_view old_hash) const;
  Status Replace(const Folder& etc, const HashChange& change, std::string_view shadow) const;
  void ClearTally(const HashChange& change) const;
  std::int64_t Today(UnixSeconds not_before) const;

  const Settings settings_;
  const Clock& clock_;
};

}  // namespace sspr::setpw
