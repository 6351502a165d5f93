// SPDX-License-Identifier: Apache-2.0
// What sspr-setpw does for one caller: the local half of a reset, step by step, and the verdicts on
// transactions that an earlier caller left open. Which step is legal when is the Dialogue's
// business, what a step may do is decided here.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/permit/permit_check.h"
#include "common/setpw/reset_steps.h"
#include "pam_module/setpw/account_lock.h"
#include "pam_module/setpw/account_writer.h"
#include "pam_module/setpw/journal.h"
#include "pam_module/setpw/machine_policy.h"
#include "pam_module/setpw/recovery.h"

namespace sspr::setpw {

// What was installed when the machine was enrolled.
struct Enrolment {
  DeviceId device{};
  std::vector<VerifyingKey> permit_keys;  // each signed for by the one before, but the first
};

class LocalReset final : public ResetSteps {
 public:
  // The references must outlive the object. Without an enrolment nobody is reset, and the journal
  // is left alone: its entries are bound to the device.
  LocalReset(std::optional<Enrolment> enrolment, const MachinePolicy& policy,
             AccountWriter& accounts, Journal& journal, const Clock& clock,
             const SecretKeeper* keeper = nullptr);

  std::vector<TransactionId> Pending() override;
  Resolution Resolve(const TransactionId& transaction, Verdict verdict,
                     std::string_view permit) override;
  std::variant<ReadyToReset, RefusalReason> Prepare(std::string_view account,
                                                    bool or_directory) override;
  std::optional<OldSecrets> Remember(const Secret& old_password) override;
  std::variant<Commitment, Rejection> Propose(const TransactionId& transaction,
                                              const Secret& password) override;
  std::optional<FailureReason> Commit(std::string_view permit) override;
  SettledSecrets settled() const override { return recovery_.settled(); }
  // What is cut off has no effect and may be begun anew, so nothing is written to the journal.
  std::optional<FailureReason> Unlock(std::string_view permit) override;
  // False when the journal entry could not be removed.
  bool Abort() override;

 private:
  // Logs why not.
  bool Permits(WantedPermit wanted, std::string_view permit) const;
  bool Permits(const JournalEntry& entry, std::string_view permit) const;
  // The permit is spent before anything is changed.
  std::optional<SetOutcome> SpendAndCommit(JournalEntry& entry);
  std::optional<Refusal> TryPrepare(std::string_view account);
  std::optional<Refusal> TryPrepareOfDirectory(std::string_view account);
  std::optional<Rejection> StageSecrets(const Secret& password);

  const std::optional<Enrolment> enrolment_;
  const MachinePolicy& policy_;
  AccountWriter& accounts_;
  Journal& journal_;
  const Clock& clock_;
  Recovery recovery_;

  std::optional<LocalAccount> account_;
  std::optional<std::string> directory_account_;  // where there is no account_
  std::optional<AccountLock> lock_;
  Nonce nonce_{};
  std::optional<JournalEntry> entry_;
  const SecretKeeper* const keeper_;
  std::optional<Secret> old_password_;  // one that opens something
};

}  // namespace sspr::setpw
