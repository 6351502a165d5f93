// SPDX-License-Identifier: Apache-2.0
// Accounts in memory: for what real files cannot show on demand (a lock that is held at the right
// moment, a disk that fails). Held to the same contract as the files.
#pragma once

#include <map>
#include <string>

#include "pam_module/setpw/account_writer.h"
#include "pam_module/setpw/eligibility.h"

namespace sspr::test {

class MemoryAccounts : public setpw::AccountWriter {
 public:
  struct Record {
    uid_t uid;
    std::string hash;
  };
  std::map<std::string, Record, std::less<>> accounts;
  bool locked = false;
  bool broken = false;
  bool locked_out = false;
  bool in_directory = false;

  setpw::Lookup Look(std::string_view account) override {
    if (broken) return setpw::Refusal{RefusalReason::kInternal, "broken"};
    const auto found = accounts.find(account);
    if (found == accounts.end()) return setpw::Refusal{RefusalReason::kNotLocal, "unknown"};
    if (!setpw::IsUsableHash(found->second.hash)) {
      return setpw::Refusal{RefusalReason::kNotPermitted, "locked"};
    }
    return setpw::LocalAccount{found->first, found->second.uid,
                               *setpw::CryptHash::CopyOf(found->second.hash)};
  }
  Status Rehearse(const setpw::HashChange& change) override {
    if (locked) return {Errc::kTimedOut, "locked"};
    if (broken || !accounts.contains(change.account)) return {Errc::kInternal, "broken"};
    return Ok();
  }
  setpw::SetOutcome SetHash(const setpw::HashChange& change) override {
    if (broken) return setpw::SetOutcome::kFailed;
    if (locked) return setpw::SetOutcome::kLocked;
    const auto found = accounts.find(change.account);
    if (found == accounts.end()) return setpw::SetOutcome::kChanged;
    if (found->second.hash == change.new_hash) return setpw::SetOutcome::kAlreadySet;
    if (found->second.uid != change.uid || !setpw::IsUsableHash(found->second.hash) ||
        setpw::FingerprintOf(found->second.hash) != change.old) {
      return setpw::SetOutcome::kChanged;
    }
    found->second.hash = change.new_hash;
    return setpw::SetOutcome::kSet;
  }
  std::optional<setpw::Refusal> LookInDirectory(std::string_view) override {
    if (in_directory) return std::nullopt;
    return setpw::Refusal{RefusalReason::kNotPermitted, "nobody's"};
  }
  bool IsLockedOut(std::string_view) override { return locked_out; }
  Status ClearLockout(std::string_view, std::optional<uid_t>) override {
    if (broken) return {Errc::kInternal, "broken"};
    locked_out = false;
    return Ok();
  }
  void RemoveLeftovers(std::chrono::milliseconds) override {}
};

}  // namespace sspr::test
